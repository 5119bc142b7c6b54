"""Recognise a complaint by cues that a person can read.

A complaint states a breach of expectation towards somebody who could mend it
(Preotiuc-Pietro, Gaman & Aletras, "Automatically identifying complaints in social
media", 2019). A bad mood alone, grief, news or the weather is none.

The cues label the training posts of the complaint score (weak supervision, see
`crisiswatch.training`), which then recognises complaints that use other words.
They are too slow and too literal for the hot path; `cues` says why a single post
was taken for a complaint.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

CUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "money back": (
            r"refund(s|ed|ing)?",
            r"(my|our|the) money back",
            r"reimburse\w*",
            r"compensat(e|ion)",
            r"(over|double)[- ]?charged",
            r"charged (me|us|my \w+)? ?(twice|again|extra|for)",
            r"ripp?(ed)?[- ]?off",
            r"waste of (my )?(money|time)",
            r"scam(med|ming|mers?)?",
        ),
        "waiting": (
            r"on hold",
            r"(still|been|be|am|are|kept|keeps?) waiting (for|on|to|since|\d|over|more|an)",
            r"still waiting",
            r"waited (for )?(\d+|over|more|an?|two|three|four|five) ?\w* ?(min\w*|hours?|hrs?|days?|weeks?|months?)",
            r"still (no|not|have ?n[o']t|has ?n[o']t|ha(ve|s) not|isn'?t|can'?t|don'?t have|nothing)",
            r"how (much )?long(er)? (do|does|will|until|must|is|are)",
            r"(late|delay(ed|s)?) (again|by \d|for \d|\d)",
        ),
        "no answer": (
            r"no (response|reply|answer|explanation|apology|updates?|help|one (answers|cares|helps|is|to))",
            r"(never|not|haven'?t|hasn'?t|don'?t|didn'?t|won'?t|doesn'?t|nobody|no one) (even )?(respond|repl|answer|call(ed)? (me|us)? ?back|got(ten)? back|hear(d)? back|return)\w*",
            r"ignor(e|es|ed|ing) (me|us|my|our|your|customers?|people|complaints?)",
            r"hung up( on)?",
            r"answer (the|your|my|our) (phones?|calls?|e?mails?|tweets?|dms?)",
        ),
        "failed": (
            r"(doesn'?t|does not|don'?t|isn'?t|is not|not|aren'?t|stopped|won'?t|never|hardly) (even )?(work|load|connect|respond|open|update|start|sync|charg|download)(s|ing|ed)?",
            r"(is|are|was|were|it'?s|been|completely) (broken|faulty|defective|down (again|for)|useless|crap|rubbish|a joke|unusable)",
            r"keeps? (on )?(crash|freez|disconnect|dropp|cutt|los|cancel|delay|fail|say|giv|charg|send|tell)ing",
            r"(can'?t|cannot|can not|couldn'?t|unable to|won'?t let (me|us)|trying to) (even )?(log ?in|login|access|book|check[- ]?in|get through|reach|contact|sign in|rebook|cancel my|download|connect|pay|order|speak|talk to)",
            r"(cancel+ed|delayed|lost|missed|damaged|wrong|missing|broken?) (my|our) (flights?|order|bags?|luggage|suitcase|package|parcel|delivery|reservation|booking|connection|appointment|account|seats?|item)",
            r"(my|our|the) (flights?|order|bags?|luggage|package|parcel|delivery|train|bus|booking|internet|phone|app|account|service|connection|laptop|console) (is|was|are|were|has been|have been|got|never|still|keeps?|hasn'?t|didn'?t|isn'?t|won'?t|doesn'?t|just) (\w+ )?(cancel+ed|delay\w*|late|lost|missing|wrong|broken|down|arriv\w*|show\w*|work\w*|com(e|ing)|deliver\w*|crash\w*|freez\w*|slow|out|dead)",
            r"fix (it|this|that|your|the|my|ur)",
            r"(so many|full of|too many) (bugs|glitches|problems|issues|errors)",
        ),
        "poor service": (
            r"(worst|terrible|horrible|awful|poor|bad|crap(py)?|shit(ty)?|disgusting|appalling|rude|pathetic|dreadful|shocking|lousy|atrocious|lack of|useless|zero) (\w+ )?(customer|service|airline|airport|experience|company|support|staff|app|website|site|store|product|quality|network|internet|coverage|employees?|reception|policy|communication)",
            r"(customer )?(service|support|care|staff|quality) (is|was|are|were|has been|sucks?) (\w+ )?(sucks?|bad|terrible|horrible|awful|poor|rude|a joke|appalling|shocking|shit\w*|crap|disgusting|worst|useless|pathetic)",
            r"(was|were|is|are|been|so|very|extremely) rude",
            r"#\w*fail",
            r"#(bad|poor|terrible|worst)\w*service",
        ),
        "breach": (
            r"never (ever )?(again|fly|flying|buy|buying|us(e|ing)|order|ordering|shop|shopping|stay|staying|eat|eating|go|going|book|booking|do business)( \w+)? (with|from|at|there|here|this|them|you|your|ur|to|again|another)",
            r"(unacceptable|not acceptable|shame on (you|them|u)|get (your|ur) (act|shit|stuff) together|do something about|sort (it|this|your\w*) out|have a word with|get it together)",
            r"(switch(ing|ed)?|moving|going) (over )?(to another|providers?|carriers?|airlines?|banks?|to (verizon|at&?t|sprint|t-?mobile|android|samsung))",
            r"(cancel(l?ing)?|clos(e|ing)) (my|our) (account|subscription|contract|membership|order)",
            r"(lost|losing|lose) (a|my|our|another|me as a) (loyal )?(customer|business)",
            r"(so |very |really |extremely |truly )?disappoint(ed|ing) (in|with|by|from|service|customer|experience|that you|you)",
            r"(promised|told|said|assured|guaranteed) (me|us) (\w+ )?(it|that|you|would|my|the|i)",
            r"(paid|paying|spent) (\W?\d+|for|good|so much|all this|extra)",
        ),
        "challenge": (
            r"why (the (hell|fuck|heck) )?(is|are|does|do|did|can'?t|won'?t|don'?t|doesn'?t|didn'?t|would|wouldn'?t|have|haven'?t|isn'?t|aren'?t|must) (you|your|ur|u|my|our|@\w+|there no|it so (hard|slow|difficult))",
            r"when (will|are|is|do|does|can) (you|your|u|ur|my|our|it be (fixed|working|back))",
            r"how (can|could|do|dare|is it|come) (you|u|your|ur)",
            r"what (is|'?s) (wrong|going on|the (problem|deal|point|issue)) with (your|you|ur|my|the)",
            r"(can|could|will|would) (you|someone|somebody|anyone) (please )?(explain|fix|help|answer|sort|tell me why)",
            r"you(r|'?re| are)? (guys |people |all )?(suck|lie|lied|liars|thieves|crooks|useless|a joke|a disgrace|ruin|fail|screw|stole|charge|broke|lost|cancel)\w*",
            r"(your|ur) (\w+ )?(\w+ )?(sucks?|is|are|was|were|does|doesn'?t|has|have|keeps?|never|won'?t|isn'?t|can'?t)",
        ),
    },
    "de": {
        "money back": (
            r"geld zurück",
            r"(rück)?erstatt\w*",
            r"(doppelt|zweimal|zu viel) (abgebucht|berechnet|bezahlt)",
            r"abzocke",
        ),
        "waiting": (
            r"warteschleife",
            r"(warte|warten|gewartet) (\w+ )?(seit|schon|immer noch|auf (meine?n?|die|das|euch|eine))",
            r"seit \w+ (stunden?|tagen?|wochen?|minuten) (\w+ )?(kein\w*|nicht|warte\w*)",
            r"immer noch (nicht|nichts|kein\w*)",
            r"schon wieder (verspätung|ausgefallen|kaputt|gesperrt)",
        ),
        "no answer": (
            r"keine (antwort|reaktion|rückmeldung|info\w*)",
            r"(keiner|niemand) (\w+ )?(antwortet|hilft|geht ran|erreichbar|zuständig)",
        ),
        "failed": (
            r"funktionier(t|en) (\w+ )?nicht",
            r"(flug|zug|bestellung|buchung|termin) (\w+ )?(gestrichen|storniert|ausgefallen|annulliert)",
            r"(koffer|paket|gepäck|bestellung|sendung) (\w+ )?(weg|verloren|verschwunden|beschädigt)",
            r"(ist|war|schon wieder|komplett) kaputt",
        ),
        "poor service": (
            r"(schlechte[rs]?|miese[rs]?|unverschämte[rs]?|katastrophale[rs]?) (\w+ )?(service|kundenservice|kundendienst|support|qualität)",
            r"(frechheit|unverschämt(heit)?|katastrophe|geht gar nicht|unfreundlich\w*)",
        ),
        "breach": (
            r"nie wieder",
            r"(ich )?kündige\w*",
            r"enttäuscht (von|über)",
            r"(versprochen|zugesagt)",
        ),
        "challenge": (
            r"warum (ist|sind|habt|wird|wurde|könnt|geht) (ihr|euer\w*|eure\w*|meine?|der|die)",
            r"was soll das",
        ),
    },
    "es": {
        "money back": (
            r"reembols\w*",
            r"(devolver|devuelvan|devolución|mi) (\w+ )?dinero",
            r"cobra\w+ dos veces",
            r"estafa\w*|robo",
        ),
        "waiting": (
            r"llevo \w+ (horas?|días|semanas?|minutos|meses)",
            r"(sigo|estoy|todavía) esperando",
            r"(todavía|aún) no",
        ),
        "no answer": (
            r"nadie (contesta|responde|atiende|ayuda|sabe)",
            r"(sin|ninguna) respuesta",
            r"no (me )?(contestan|responden)",
        ),
        "failed": (
            r"no (me )?(funciona|carga|abre|llega|deja)\w*",
            r"(vuelo|pedido|reserva) cancelad[oa]",
            r"(perdieron|han perdido|rompieron) mi",
        ),
        "poor service": (
            r"(pésim[oa]|mal[oa]?|horrible|peor|nefast[oa]) (\w+ )?(servicio|atención|experiencia|aerolínea|empresa)",
            r"(servicio|atención) (al cliente )?(es )?(pésim[oa]|horrible|mal[oa])",
            r"(una|qué) vergüenza",
        ),
        "breach": (r"nunca más", r"(inaceptable|decepcionad[oa])", r"me doy de baja"),
        "challenge": (
            r"por ?qué (no|me|su|han|están)",
            r"cuándo (van|me|lo|piensan|arreglan|llega)",
        ),
    },
    "fr": {
        "money back": (r"rembours\w*", r"débité\w* deux fois", r"arnaque\w*|vol manifeste"),
        "waiting": (
            r"(j'attends|attente|attendre|attends) (\w+ )?(depuis|toujours|encore)",
            r"toujours (pas|rien|en attente)",
            r"depuis \w+ (heures?|jours?|semaines?|mois)",
        ),
        "no answer": (
            r"(aucune?|pas de|sans) (réponse|nouvelles?|explication|information)",
            r"personne ne (répond|décroche|sait|peut|aide)",
        ),
        "failed": (
            r"ne (marche|fonctionne)\w* (pas|plus)",
            r"(vol|train|commande|réservation) (\w+ )?annulée?",
            r"(perdu|cassé|abîmé) (ma|mon|mes)",
            r"impossible de (se |me |vous )?(connecter|joindre|payer|réserver)",
        ),
        "poor service": (
            r"(service( client)?|sav|accueil) (\w+ )?(nul|lamentable|déplorable|catastrophique|inexistant|honteux)",
            r"(lamentable|inadmissible|honteux|scandaleux|c'est une honte)",
        ),
        "breach": (r"plus jamais", r"je résilie", r"(très |vraiment )?déçue? (de|par)"),
        "challenge": (
            r"pourquoi (est-ce que |vous |ma |mon |mes )",
            r"quand (est-ce que |allez-vous |vais-je )",
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue found in a post: the kind of breach, and the words that say so."""

    kind: str
    words: str


_COMPILED = {
    language: tuple(
        (kind, re.compile(r"(?<![\w#])(?:" + "|".join(patterns) + r")(?!\w)", re.IGNORECASE))
        for kind, patterns in kinds.items()
    )
    for language, kinds in CUES.items()
}


def cues(text: str, language: str = "en") -> tuple[Cue, ...]:
    """Return the cues of a complaint in a text, at most one of each kind.

    Empty for a text without any and for a language that has none written down.
    """
    plain = text.replace("\u2019", "'")
    found = ((kind, pattern.search(plain)) for kind, pattern in _COMPILED.get(language, ()))
    return tuple(Cue(kind, hit.group()) for kind, hit in found if hit is not None)
