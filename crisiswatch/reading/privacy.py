"""Mask personal data in posts before they leave the hot path.

Card and account numbers, national ids, dates of birth, phone numbers, mail addresses
and booking references give way to a word in brackets: `[card]`, `[phone]`, ... Links,
@handles and #hashtags stay: they are public, and needed to answer.

A pattern alone masks what proves itself (a Luhn or IBAN check digit, the shape of a
phone number); everything else needs a cue beside it ("confirmation", "born on"), so that
flight numbers, prices, years and scores stay readable. The check errs towards masking.

Guarantees: `mask(mask(x)) == mask(x)`; any string is accepted; no text is lost but
what is masked; `mask_many` gives what `mask` gives, text by text.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from crisiswatch.reading.privacy_numbers import is_card, is_iban, is_phone, is_spanish_id

_FILLER = (
    r"(?:[\s:#.,(=\-]|n[°º]|(?:number|num|no|nr|no|code|id|ref(?:erence)?|is|was|my|the|nummer|num[eé]ro|"
    r"n[uú]mero|lautet|ist|es|est|são|numer|to|for|new)\b){0,8}"
)
_CODE = (
    r"(?:(?-i:(?=[A-Z0-9\-]*[0-9])[A-Z0-9][A-Z0-9\-]{3,24}[A-Z0-9]|[A-Z]{6})"
    r"|(?=(?:[A-Z\-]*[0-9]){4})[A-Z0-9][A-Z0-9\-]{3,24}[A-Z0-9])"
)

_BOOKING_CUE = (
    r"confirmation|conf|booking|reservation|itinerary|record locator|locator|pnr|reference|ref|case|ticket|e-?ticket|order|claim|"
    r"tracking|incident|invoice|complaint|parcel|shipment|buchung(?:s\w*)?|reservierung(?:s\w*)?|vorgang(?:s\w*)?|auftrag(?:s\w*)?|"
    r"bestell(?:ung|nummer|nr)|ticketnummer|sendung(?:s\w*)?|r[eé]servation|dossier|commande|r[eé]f[eé]rence|reserva|localizador|pedido|"
    r"referencia|expediente|incidencia|prenotazione|pratica|ordine|boeking(?:s\w*)?|bestelling|bestelnummer|rezerwacj\w*|zam[oó]wieni\w*|encomenda"
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
    r"fecha de nacimiento|nat[oa] il|data di nascita|geboren op|geboortedatum|urodzon\w*|data urodzenia|nascid[oa] (?:em|a)|data de nascimento"
)
_MONTH = r"(?:jan|feb|m[aä]r|apr|ma[iyj]|jun|jul|aug|sep|o[ck]t|nov|de[czs]|janv|f[eé]v|avr|juin|juil|ao[uû]|ene|abr|ago|dic|gen|mag|giu|lug|set|ott)\w*\.?"
_DATE = (
    r"(?:[0-9]{1,4}[./\- ]{1,2}[0-9]{1,2}[./\- ]{1,2}[0-9]{2,4}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)? ?{_MONTH}(?: de| of)?,? ?[0-9]{{2,4}}"
    rf"|{_MONTH} ?[0-9]{{1,2}}(?:st|nd|rd|th)?,? ?[0-9]{{2,4}})"
)

_PERSONAL = re.compile(
    r"(?<!\w)(?=[\w@#+(.%\-])(?:"
    r"(?P<keep>(?:https?://|www\.)\S+)"
    r"|(?P<handle>@\w+)"
    r"|(?P<mail>(?<![.+\-%])[\w.+\-%]{1,64}@[\w\-]+(?:\.[\w\-]+)+)"
    r"|(?P<hashtag>\#(?=[^\W\d])\w+)"
    rf"|(?P<birth_cue>(?:{_BIRTH_CUE}){_FILLER})(?P<birth>{_DATE})"
    rf"|(?P<booking_cue>(?:{_BOOKING_CUE}){_FILLER})(?P<booking>{_CODE})"
    rf"|(?P<account_cue>(?:{_ACCOUNT_CUE}){_FILLER})(?P<account>(?=[A-Z\-]*[0-9]){_CODE})"
    rf"|(?P<id_cue>(?:{_ID_CUE}){_FILLER})(?P<id>(?=[A-Z]{{0,3}}(?:[ \-.]{{0,2}}[0-9]){{4}})[A-Z0-9](?:[ \-.]?[A-Z0-9]){{5,18}})"
    r"|(?P<iban>(?-i:[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}))"
    r"|(?P<insurance>[A-CEGHJ-PR-TW-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])"
    r"|(?P<fiscal>[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z])"
    r"|(?P<dni>[0-9]{8}-?[A-Z])"
    r"|(?<![.,\-/$£€])(?P<number>(?:\+ ?|\(\+?)?[0-9](?:[ ().\-/]{0,3}[0-9]){6,24})"
    r")(?!\w)",
    re.IGNORECASE,
)
_ENOUGH = 4  # digits that a text without other triggers holds at least if anything is masked
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


def mask(text: str) -> str:
    """Return the text with personal data replaced by `[card]`, `[phone]`, `[mail]` and the like."""
    while (masked := _PERSONAL.sub(_replacement, text)) != text:
        text = masked  # a mask may uncover what stood glued to it; every round removes digits
    return text


def mask_many(texts: Sequence[str]) -> list[str]:
    """Mask a batch; texts without a trigger come back as they are, and cost little."""
    masked = list(texts)
    for row in _suspects(texts):
        masked[row] = mask(masked[row])
    return masked


def _suspects(texts: Sequence[str]) -> list[int]:
    """Return which texts hold four digits, five capitals or digits in a row, or a mail address.

    Everything that `mask` replaces holds one of them.
    """
    if not texts:
        return []
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum(np.fromiter(map(len, encoded), np.intp, len(encoded)) + 1)
    buffer = np.frombuffer(b"\0".join((*encoded, b"")), dtype=np.uint8)
    digits = (buffer - np.uint8(48)) < 10  # noqa: PLR2004
    coded = digits | ((buffer - np.uint8(65)) < 26)  # noqa: PLR2004
    two = coded[:-1] & coded[1:]
    five = two[:-3] & two[2:-1] & coded[4:]
    mail = (buffer[1:] == ord("@")) & (buffer[:-1] > ord(" "))
    # Triggers are few: to find their places and whose they are is cheaper than sums over all bytes.
    marks = np.bincount(
        np.searchsorted(ends, np.flatnonzero(digits), "right"), minlength=len(texts)
    )
    for trigger in (five, mail):
        marks[np.searchsorted(ends, np.flatnonzero(trigger), "right")] = _ENOUGH
    return np.flatnonzero(marks >= _ENOUGH).tolist()


def _replacement(found: re.Match[str]) -> str:
    whole, kind = found.group(), found.lastgroup or ""
    if kind in _AFTER_CUE:
        if kind == "booking" and whole.isupper() and whole.replace(" ", "").isalpha():
            return whole  # a headline in capitals, not a code after a cue
        return found[f"{kind}_cue"] + _AFTER_CUE[kind]
    if kind == "number":
        return _number(whole, found.string[max(0, found.start() - 40) : found.start()])
    if kind not in _BY_SHAPE:
        return whole
    replacement, proven = _BY_SHAPE[kind]
    return replacement if proven(whole) else whole


def _number(number: str, before: str) -> str:
    if is_card(number):
        return "[card]"
    if _SOCIAL_SECURITY.fullmatch(number) or _CPF.fullmatch(number):
        return "[id]"
    if is_phone(number, cued=_PHONE_CUE.search(before) is not None):
        return "[phone]"
    return number
