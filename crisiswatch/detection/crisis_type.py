"""Suggest what kind of crisis it is, by rules a person can read and correct."""

import re
from collections.abc import Iterable

OWN_BLUNDER = "own-blunder"
VIRAL_COMPLAINT = "viral-complaint"
CAMPAIGN_BACKLASH = "campaign-backlash"
SERVICE_OUTAGE = "service-outage"
PRODUCT_SAFETY = "product-safety"
DATA_BREACH = "data-breach"
EXECUTIVE_CONDUCT = "executive-conduct"
RUMOUR = "rumour"

LEAST_SHARE = 0.3
"""Share of the sampled posts that must speak of a type before it is suggested."""


def _words(*words: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(words) + r")\b", re.IGNORECASE)


RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        DATA_BREACH,
        _words(
            r"data (?:breach|leak)\w*",
            r"leaked? (?:data|passwords?|records?)",
            "breached",
            r"stolen (?:data|passwords?|cards?)",
            "ransomware",
            "personal data",
            r"datenlecks?",
            r"datenpannen?",
            r"(?:gestohlene|geleakte) daten",
            r"fuites? de donn[ée]es",
            r"donn[ée]es (?:vol[ée]es|pirat[ée]es)",
            r"(?:filtraci[óo]n|fuga|robo) de datos",
            r"datos (?:filtrados|robados)",
        ),
    ),
    (
        PRODUCT_SAFETY,
        _words(
            r"recall(?:ed|s|ing)?",
            r"injur\w+",
            "unsafe",
            r"contaminat\w+",
            r"poison\w*",
            "caught fire",
            "on fire",
            r"explo(?:de|ded|sion|ding)\w*",
            "smoke",
            r"(?:plane|aircraft|train|bus|car) crash\w*",
            r"crash(?:ed)? (?:into|landing)",
            "emergency landing",
            "died",
            "killed",
            "food poisoning",
            r"(?:made|making|makes|got|getting) (?:\w+ )?sick",
            "allergic",
            r"r[üu]ckruf\w*",
            r"verletzte?",
            r"explodier\w+",
            r"vergift\w+",
            r"rappel (?:de |du )?produits?",
            r"bless[ée]e?s",
            r"intoxi(?:qu[ée]|cad)\w*",
            "intoxication alimentaire",
            "pris feu",
            "retirada del producto",
            r"heridos?",
            r"explot(?:[óo]|a|aron)",
            r"se incendi[óo]",
        ),
    ),
    (
        OWN_BLUNDER,
        _words(
            "hacked",
            r"deleted? (?:the|that|your|their) (?:tweet|post)",
            "intern",
            r"tone[- ]deaf",
            r"who runs (?:this|your) account",
            "account compromised",
            "gehackt",
            r"(?:tweet|post|beitrag) gel[öo]scht",
            r"geschmacklos\w*",
            r"praktikant\w*",
            r"pirat[ée] (?:le|leur|votre) compte",
            r"compte pirat[ée]",
            r"tweet supprim[ée]",
            "stagiaire",
            r"(?:tuit|tweet) borrado",
            "cuenta hackeada",
            "becario",
        ),
    ),
    (
        EXECUTIVE_CONDUCT,
        _words(
            "ceo",
            "cfo",
            "chairman",
            "founder",
            "executive",
            "resign(?:s|ed|ation)?",
            r"step(?:s|ped)? down",
            r"harass\w+",
            r"vorstand\w*",
            r"gesch[äa]ftsf[üu]hrer\w*",
            r"r[üu]cktritt",
            "pdg",
            r"d[ée]mission\w*",
            r"harc[èe]lement",
            "director general",
            r"consejer[oa] delegad[oa]",
            r"dimisi[óo]n",
            "acoso",
        ),
    ),
    (
        CAMPAIGN_BACKLASH,
        _words(
            "ad",
            "advert",
            "commercial",
            "campaign",
            r"boycott\w*",
            "racist",
            "sexist",
            "offensive",
            "billboard",
            r"werbung|werbespots?",
            r"werbekampagne\w*",
            r"rassistisch\w*",
            r"sexistisch\w*",
            r"publicit[ée]s?",
            "campagne",
            r"racistes?",
            r"sexistes?",
            r"campa[ñn]a",
            r"anuncios?",
            r"racistas?",
            r"machistas?",
        ),
    ),
    (
        RUMOUR,
        _words(
            r"rumou?r\w*",
            "is it true",
            "hoax",
            "fake news",
            "allegedly",
            "i heard",
            "unconfirmed",
            "debunked",
            r"ger[üu]chte?",
            r"stimmt (?:es|das)",
            r"angeblich\w*",
            r"falschmeldung\w*",
            r"rumeurs?",
            "est-ce vrai",
            "intox",
            r"bulos?",
            r"es (?:verdad|cierto) que",
            "supuestamente",
        ),
    ),
    (
        SERVICE_OUTAGE,
        _words(
            r"cancel\w*",
            r"delay\w*",
            "outage",
            r"(?:is|are|still|been) down",
            "not working",
            r"do(?:es)?(?:n'?t| not) work",
            r"crash(?:es|ed|ing)?",
            r"logged (?:me|us) out",
            r"keeps? (?:spinning|freezing|loading)",
            "funktioniert nicht",
            "no funciona",
            r"ne (?:marche|fonctionne) pas",
            "on hold",
            r"wait(?:ed|ing)",
            "stranded",
            "stuck",
            "offline",
            r"hours?",
            "queue",
            "error",
            r"can'?t (?:log ?in|connect|book|pay|reach)",
            "rebook(?:ed|ing)?",
            "gest[öo]rt",
            "ausfall",
            "ausgefallen",
            r"versp[äa]t\w+",
            "warteschleife",
            r"st[öo]rung\w*",
            "panne",
            r"annul[ée]e?s?",
            r"(?:en|du|de|le|les|vos) retards?",
            "hors service",
            r"ca[íi]d[oa]",
            r"cancelad[oa]s?",
            r"retrasos?",
            r"retrasad[oa]s?",
            r"aver[íi]a",
        ),
    ),
)
"""Type and the words that speak of it; where two are named equally often the first wins."""


def suggest_crisis_type(texts: Iterable[str]) -> str:
    """Return the type that most of `texts` speak of, else a viral complaint.

    Rare and grave types stand before common ones and win a tie. The answer is a
    suggestion for a person, who corrects it with one click.
    """
    posts = list(texts)
    best, best_named = VIRAL_COMPLAINT, max(2, -(-len(posts) * LEAST_SHARE // 1)) - 1
    for kind, words in RULES:
        named = sum(1 for text in posts if words.search(text))
        if named > best_named:
            best, best_named = kind, named
    return best
