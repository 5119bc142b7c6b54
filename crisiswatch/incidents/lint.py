"""Warn an approver about what a holding message should not say, in the words of four languages.

Rules by words can neither prove a text harmless nor understand it: they are shown beside
an edited text and never block it. Every language's words are looked for in every text, for
people mix them; none of a language's words is harmless in another.
"""

import re

from crisiswatch.reading.privacy import mask


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


_RULES = (
    (
        "names a cause",
        _any_of(
            r"because of|caused by|due to|owing to|the (?:root )?cause (?:is|was)|resulted from",
            r"aufgrund|wegen|verursacht|ausgelöst durch|ursache (?:ist|war|sind)|zurückzuführen auf",
            r"à cause d(?:es?|u|[’']\w+)|en raison d(?:es?|u|[’']\w+)|causée?s? par|provoquée?s? par|dûe?s? à",
            r"à la suite d(?:es?|u|[’']\w+)|la cause (?:est|était)",
            r"a causa de(?:l)?|debido a(?:l)?|causad[oa]s? por|provocad[oa]s? por|la causa (?:es|fue)",
        ),
    ),
    (
        "blames",
        _any_of(
            r"faults?|blam(?:e|ed|ing)|suppliers?|vendors?|third[ -]part(?:y|ies)|negligen\w+",
            r"human error|our intern|misunderst(?:ood|anding)|user error",
            r"schuld\w*|verschulde\w*|versagen|zulieferer\w*|lieferanten?|dienstleister\w*",
            r"fahrlässig\w*|menschliches versagen|missverst\w+",
            r"(?<!sans )fautes?|coupables?|(?:notre|un|le) (?:fournisseur|prestataire|sous-traitant)|négligence",
            r"erreur humaine|malentendus?",
            r"culpas?|culpables?|(?:nuestro|un|el) proveedor|subcontrat\w+|negligencia",
            r"error humano|malentendidos?",
        ),
    ),
    (
        "speculates",
        _any_of(
            r"probably|possibly|presumably|apparently|allegedly|perhaps|maybe|(?:might|may|could) have",
            r"we (?:believe|assume|suspect|think)|seems? to|likely|isolated (?:case|incident)s?",
            r"vermut\w+|wahrscheinlich|möglicherweise|offenbar|anscheinend|angeblich|vielleicht",
            r"könnten? (?:\w+ ){0,4}(?:sein|haben)|wir (?:glauben|denken)|einzelfall|einzelfälle",
            r"probablement|apparemment|peut-être|sans doute|vraisemblablement|prétendue?s?",
            r"il semble(?:rait)?|nous (?:pensons|supposons|croyons) que|cas isolés?|aurai(?:t|ent) pu",
            r"probablemente|posiblemente|aparentemente|al parecer|quizás?|tal vez|supuest(?:o|a|os|as)",
            r"(?:creemos|suponemos|pensamos) que|casos? aislados?|podrían? haber",
        ),
    ),
    (
        "promises money",
        _any_of(
            r"(?:we will|we'll|we shall|we are going to) (?:\w+ ){0,2}(?:refund|reimburse|compensate|pay)",
            r"you will (?:\w+ ){0,2}(?:be (?:refunded|reimbursed|compensated)|(?:get|receive) (?:\w+ ){0,3}refund)",
            r"compensations?|vouchers?|goodwill",
            r"entschädig\w+|schadenersatz\w*|gutscheine?n?|kulanz",
            r"wir (?:erstatten|ersetzen|zahlen)|(?:erhalten|bekommen) (?:\w+ ){0,4}(?:zurück|erstattet)",
            r"indemnis\w+|dédommag\w+|bons? d[’']achat|geste commercial|nous vous rembours\w+",
            r"vous ser(?:ez|ont) remboursé\w*",
            r"indemniz\w+|compensaci[oó]n(?:es)?|compensaremos|vales? de compra|le reembolsaremos",
            r"les reembolsaremos|le devolveremos|les devolveremos",
        ),
    ),
    (
        "promises a time of repair",
        _any_of(
            r"(?:will be|be) (?:fixed|solved|resolved|back|restored|working)(?: \w+)? (?:by|at|in|within)",
            r"(?:behoben|gelöst|repariert|wiederhergestellt) sein",
            r"ser(?:a|ont) (?:résolue?s?|rétablie?s?|réparée?s?)",
            r"(?:estará|quedará|será)n? (?:resuelt|solucionad|restablecid|reparad)[oa]s?",
        ),
    ),
    ("leaves a slot open", re.compile(r"\{\{|\}\}|\{%|%\}|_{3,}|\bXX+\b|\bTBD\b|\[\.\.\.\]")),
)
_TIME_OF_DAY = re.compile(
    r"(?<![\w:.])(?:[01]?[0-9]|2[0-4])(?:[:.][0-5][0-9]|\s?h(?:\s?[0-5][0-9])?(?!\w)|\s?(?:uhr|[ap]\.?\s?m\b|o['’]clock))"
    r"(?![0-9])|\b(?:noon|midnight|mittag|mitternacht|midi|minuit|mediodía|medianoche)\b",
    re.IGNORECASE,
)
_MASKS = re.compile(r"\[[a-z ]+\]")


def lint(text: str) -> tuple[str, ...]:
    """Return what a person should look at before approving `text`, one line each.

    Each line quotes the words found. No personal data is quoted, only named.
    """
    found = [
        f"{rule}: {_quoted(match.group())}"
        for rule, words in _RULES
        for match in (words.search(text),)
        if match is not None
    ]
    if _TIME_OF_DAY.search(text) is None:
        found.append("promises no time of the next update")
    uncovered = set(_MASKS.findall(mask(text))) - set(_MASKS.findall(text))
    if uncovered:
        found.append(f"holds personal data: {', '.join(sorted(uncovered))}")
    return tuple(found)


def _quoted(words: str) -> str:
    return f"“{' '.join(words.split())}”"
