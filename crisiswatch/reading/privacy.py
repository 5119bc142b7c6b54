"""Mask personal data in posts before they leave the hot path.

Card and account numbers, national ids, dates of birth, phone numbers, mail addresses
and booking references give way to a word in brackets: `[card]`, `[phone]`, ... Links,
@handles and #hashtags stay: they are public, and needed to answer.

A pattern alone masks what proves itself (a Luhn or IBAN check digit, the shape of a
phone number); everything else needs a cue beside it ("confirmation", "born on"), so that
flight numbers, prices, years and scores stay readable. The check errs towards masking.

Guarantees: `mask(mask(x)) == mask(x)`; any string is accepted, in time linear in its
length; no text is lost but what is masked; `mask_many` gives what `mask` gives, text by text.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from crisiswatch.reading.privacy_numbers import is_card, is_iban, is_phone, is_spanish_id

_FILLER = (
    r"(?:[\s:#.,(=\-]|n[°º]|(?:number|num|no|nr|no|code|id|ref(?:erence)?|is|was|my|the|nummer|num[eé]ro|"
    r"n[uú]mero|lautet|ist|es|est|são|numer|to|for|new)\b){0,8}"
)
_CODE = (
    r"(?:(?-i:(?=[A-Z0-9\-]{0,25}[0-9])[A-Z0-9][A-Z0-9\-]{3,24}[A-Z0-9]|[A-Z]{6})"
    r"|(?=(?:[A-Z\-]{0,25}[0-9]){4})[A-Z0-9][A-Z0-9\-]{3,24}[A-Z0-9])"
)
# Nothing but the end of a find may be of any length: over a hostile text the rest would be tried
# again from every place within it. So cues and months go on for so many letters only.
_REST = r"\w{0,20}"

_BOOKING_CUE = (
    r"confirmation|conf|booking|reservation|itinerary|record locator|locator|pnr|reference|ref|case|ticket|e-?ticket|order|claim|"
    rf"tracking|incident|invoice|complaint|parcel|shipment|buchung(?:s{_REST})?|reservierung(?:s{_REST})?|vorgang(?:s{_REST})?|auftrag(?:s{_REST})?|"
    rf"bestell(?:ung|nummer|nr)|ticketnummer|sendung(?:s{_REST})?|r[eé]servation|dossier|commande|r[eé]f[eé]rence|reserva|localizador|pedido|"
    rf"referencia|expediente|incidencia|prenotazione|pratica|ordine|boeking(?:s{_REST})?|bestelling|bestelnummer|rezerwacj{_REST}|zam[oó]wieni{_REST}|encomenda"
)
_ACCOUNT_CUE = (
    r"account|acct|a/c|member(?:ship)?|customer|client|policy|loyalty|frequent flyer|ffn|mileageplus|skymiles|aadvantage|avios|rapid rewards|"
    r"sort code|routing|konto(?:nummer|nr)?|kundennummer|kunden-?nr|vertragsnummer|compte|client[e]?|contrat|cuenta|socio|conto|rekening(?:nummer)?|konta|conta"
)
_ID_CUE = (
    r"ssn|social security|ni|nino|national insurance|passport|driver'?s? licen[cs]e|driving licen[cs]e|national id|id card|dni|nie|"
    r"steuer-?(?:id|nummer)|(?:personal)?ausweis(?:nummer|nr)?|reisepass(?:nummer|nr)?|passeport|s[eé]curit[eé] sociale|pasaporte|passaporto|"
    r"codice fiscale|pesel|bsn|cpf|nif|aadhaar|aadhar"
)
_BIRTH_CUE = (
    r"d\.?o\.?b\.?|date of birth|birth ?dat?e?y?|born(?: on)?|geb(?:oren|\.)?(?: am)?|geburtsdatum|n[eé]e? le|date de naissance|nacid[oa] el|"
    rf"fecha de nacimiento|nat[oa] il|data di nascita|geboren op|geboortedatum|urodzon{_REST}|data urodzenia|nascid[oa] (?:em|a)|data de nascimento"
)
_MONTH = rf"(?:jan|feb|m[aä]r|apr|ma[iyj]|jun|jul|aug|sep|o[ck]t|nov|de[czs]|janv|f[eé]v|avr|juin|juil|ao[uû]|ene|abr|ago|dic|gen|mag|giu|lug|set|ott){_REST}\.?"
_DATE = (
    r"(?:[0-9]{1,4}[./\- ]{1,2}[0-9]{1,2}[./\- ]{1,2}[0-9]{2,4}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)? ?{_MONTH}(?: de| of)?,? ?[0-9]{{2,4}}"
    rf"|{_MONTH} ?[0-9]{{1,2}}(?:st|nd|rd|th)?,? ?[0-9]{{2,4}})"
)

_HANDLE = r"(?P<handle>@\w+)"
_MAIL = r"(?P<mail>[\w.+\-%]{1,64}@[\w\-]+(?:\.[\w\-]+)+)"
_HASHTAG = r"(?P<hashtag>\#(?=[^\W\d])\w+)"
_NUMBER = r"(?P<number>(?:\+ ?|\(\+?)?[0-9](?:[ ().\-/]{0,3}[0-9]){6,24})"

_PERSONAL = re.compile(
    r"(?<!\w)(?=[\w@#+(.%\-])(?:"
    r"(?P<keep>(?:https?://|www\.)\S+)"
    rf"|{_HANDLE}"
    rf"|(?<![.+\-%]){_MAIL}"
    rf"|{_HASHTAG}"
    rf"|(?P<birth_cue>(?:{_BIRTH_CUE}){_FILLER})(?P<birth>{_DATE})"
    rf"|(?P<booking_cue>(?:{_BOOKING_CUE}){_FILLER})(?P<booking>{_CODE})"
    rf"|(?P<account_cue>(?:{_ACCOUNT_CUE}){_FILLER})(?P<account>(?=[A-Z\-]{{0,25}}[0-9]){_CODE})"
    rf"|(?P<id_cue>(?:{_ID_CUE}){_FILLER})(?P<id>(?=[A-Z]{{0,3}}(?:[ \-.]{{0,2}}[0-9]){{4}})[A-Z0-9](?:[ \-.]?[A-Z0-9]){{5,18}})"
    r"|(?P<iban>(?-i:[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}))"
    r"|(?P<insurance>[A-CEGHJ-PR-TW-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])"
    r"|(?P<fiscal>[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z])"
    r"|(?P<dni>[0-9]{8}-?[A-Z])"
    rf"|(?<![.,\-/$£€]){_NUMBER}"
    r")(?!\w)",
    re.IGNORECASE,
)
# What may follow a mask without a gap: a bracket stands before it now, where a letter or digit stood.
_GLUED = re.compile(rf"(?:{_HANDLE}|{_MAIL}|{_HASHTAG}|{_NUMBER})(?!\w)")
_DIGIT = re.compile("[0-9]")
_ANY_DATE = re.compile(_DATE, re.IGNORECASE)
_MONTH_REACH, _DAY_AND_YEAR = 26, 10
"""Characters of a month's name before the day, and those of day and year."""
_DATED = 3
"""Digits that a date holds at least ("5 jan 85")."""
_ENOUGH = 4
"""Digits that a text without other triggers holds at least if anything else is masked."""
_WIDEST = 6
"""Bytes that a trigger is looked for in."""
_AFTER_CUE = {
    "birth": "[birth date]",
    "booking": "[booking]",
    "account": "[account]",
    "id": "[id]",
}
_BY_SHAPE: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "mail": ("[mail]", bool),  # bool: the shape is proof enough
    "iban": ("[account]", is_iban),
    "insurance": ("[id]", bool),
    "fiscal": ("[id]", bool),
    "dni": ("[id]", is_spanish_id),
}
_SOCIAL_SECURITY = re.compile(r"(?!000|666|9)[0-9]{3}([- ])(?!00)[0-9]{2}\1(?!0000)[0-9]{4}")
_CPF = re.compile(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}")
_PHONE_CUE = re.compile(
    r"\b(?:call(?:ing|s)?|phone|tel|telephone|text|txt|sms|whatsapp|cell|mobile|dial|ring|reach|contact|number is|ruf\w*|handy|nummer|t[eé]l[eé]phone|"
    r"appel\w*|tel[eé]fono|ll[aá]m\w*|m[oó]vil|telefon\w*|chiam\w*)\b\W{0,4}(?:\w+\W{1,3}){0,3}$",
    re.IGNORECASE,
)
_CUE_REACH = 40
"""Characters before a number in which a word is looked for that makes it a phone number."""


def mask(text: str) -> str:
    """Return the text with personal data replaced by `[card]`, `[phone]`, `[mail]` and the like.

    Takes time linear in the length, whatever the text: one pass from left to right, in which
    what was masked stands before what comes next as it will in the answer.
    """
    parts: list[str] = []
    before = ""
    end = 0
    found = _PERSONAL.search(text)
    while found is not None:
        whole, gap = found.group(), text[end : found.start()]
        before = (before + gap)[-_CUE_REACH:]
        shown = _replacement(found, before)
        before = (before + shown)[-_CUE_REACH:]
        parts += gap, shown
        end = found.end()
        found = _GLUED.match(text, end) if shown != whole else None
        if found is None:
            found = _PERSONAL.search(text, end)
    return "".join((*parts, text[end:])) if parts else text


def mask_many(texts: Sequence[str]) -> list[str]:
    """Mask a batch; texts without a trigger come back as they are, and cost little."""
    masked = list(texts)
    for row in _suspects(texts):
        masked[row] = mask(masked[row])
    return masked


def _suspects(texts: Sequence[str]) -> list[int]:
    """Return which texts hold what all that `mask` replaces holds.

    That is one of: four digits, six capitals in a row, a digit and five capitals, digits or dashes
    in a row, how an IBAN begins, an @ behind a character, or a date of three digits.
    """
    if not texts:
        return []
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum(np.fromiter(map(len, encoded), np.intp, len(encoded)) + 1)
    buffer = np.frombuffer(b"\0".join((*encoded, b"\0" * _WIDEST)), dtype=np.uint8)
    digit = (buffer - np.uint8(48)) < 10  # noqa: PLR2004
    capital = (buffer - np.uint8(65)) < 26  # noqa: PLR2004
    coded = digit | capital
    solid = coded | (buffer == ord("-"))
    two = solid[:-1] & solid[1:]
    code = coded[:-4] & two[1:-2] & two[3:]
    two = capital[:-1] & capital[1:]
    iban = two[:-2] & digit[2:-1] & digit[3:]
    six = two[:-4] & two[2:-2] & two[4:]
    mail = (buffer[1:] == ord("@")) & (buffer[:-1] > ord(" "))
    # Triggers are few: to find their places and whose they are is cheaper than sums over all bytes.
    marks = np.bincount(_rows(digit, ends), minlength=len(texts))
    coded_rows = _rows(code, ends)
    marks[coded_rows[marks[coded_rows] > 0]] = _ENOUGH
    for trigger in (six, iban, mail):
        marks[_rows(trigger, ends)] = _ENOUGH
    rows: list[int] = np.flatnonzero(marks >= _ENOUGH).tolist()
    dated = np.flatnonzero(marks == _DATED).tolist()
    return rows + [row for row in dated if _begins_with_date(texts[row])]


def _begins_with_date(text: str) -> bool:
    """Say whether the first digit of a text is the first of a date."""
    first = _DIGIT.search(text)
    if first is None:
        return False
    at = first.start()
    word_at = text.rfind(" ", 0, max(at - 1, 0)) + 1
    month_at = max(word_at, at - _MONTH_REACH)
    return (
        _ANY_DATE.match(text, at) is not None
        or _ANY_DATE.search(text, month_at, at + _DAY_AND_YEAR) is not None
    )


def _rows(trigger: npt.NDArray[np.bool_], ends: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return in which of the texts that end at `ends` each trigger lies."""
    return np.searchsorted(ends, np.flatnonzero(trigger), "right")


def _replacement(found: re.Match[str], before: str) -> str:
    """Return what is shown for a find; `before` is what stands before it, masked."""
    whole, kind = found.group(), found.lastgroup or ""
    if kind in _AFTER_CUE:
        if kind == "booking" and whole.isupper() and whole.replace(" ", "").isalpha():
            return whole  # a headline in capitals, not a code after a cue
        return found[f"{kind}_cue"] + _AFTER_CUE[kind]
    if kind == "number":
        start = found.start()
        return _number(whole, (before, found.string[max(0, start - _CUE_REACH) : start]))
    if kind not in _BY_SHAPE:
        return whole
    replacement, proven = _BY_SHAPE[kind]
    return replacement if proven(whole) else whole


def _number(number: str, befores: Iterable[str]) -> str:
    if is_card(number):
        return "[card]"
    if _SOCIAL_SECURITY.fullmatch(number) or _CPF.fullmatch(number):
        return "[id]"
    if is_phone(number, cued=any(map(_PHONE_CUE.search, befores))):
        return "[phone]"
    return number
