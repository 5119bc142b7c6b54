"""Tell card, account, identity and phone numbers from other numbers."""

import re

_CARD_DIGITS = range(13, 20)
_INTERNATIONAL_DIGITS = range(8, 16)
_NATIONAL_DIGITS = range(9, 13)
_CUED_DIGITS = range(7, 16)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"

_NORTH_AMERICAN = re.compile(
    r"(?:1[ .\-]?)?\(?[2-9][0-9]{2}\)?[ .\-]{0,2}[2-9][0-9]{2}[ .\-]?[0-9]{4}"
)
_SPACED_IN_THREES = re.compile(r"[6789][0-9]{2}([ .\-])[0-9]{3}\1[0-9]{3}")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[.\-/ ][01]?[0-9][.\-/ ][0-3]?[0-9].*|[0-3]?[0-9][.\-/][01]?[0-9][.\-/](?:19|20)?[0-9]{2}.*|[01]?[0-9][.\-/][0-3]?[0-9][.\-/](?:19|20)?[0-9]{2}.*"
)
_ROUND = re.compile(r"0{6}$")
_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}[ /\-]*)+")


def digits_of(number: str) -> str:
    """Return the ASCII digits of a number written with spaces, dots, dashes, brackets."""
    return "".join(character for character in number if character in "0123456789")


def is_card(number: str) -> bool:
    """Say whether a number has the length, the first digit and the check digit of a card (Luhn)."""
    digits = digits_of(number)
    if len(digits) not in _CARD_DIGITS or digits[0] not in "23456" or "." in number:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += sum(divmod(int(digit) * (1 + place % 2), 10))
    return total % 10 == 0


def is_iban(account: str) -> bool:
    """Say whether a code has the check digits of an IBAN (ISO 13616: remainder 1 modulo 97)."""
    code = account.replace(" ", "").upper()
    return int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1


def is_spanish_id(code: str) -> bool:
    """Say whether the letter of a DNI belongs to its eight digits."""
    return _DNI_LETTERS[int(code[:8]) % 23] == code[-1].upper()


def is_phone(number: str, *, cued: bool) -> bool:
    """Say whether a number is written like a phone number; `cued` if words beside it say so.

    Numbers with a country code, in the North American shape, or with the leading 0 of
    most European plans prove themselves; others of seven and more digits need the cue.
    """
    digits = digits_of(number)
    if _YEARS.fullmatch(number) or _DATE.fullmatch(number) or _ROUND.search(digits):
        return False
    international = number.startswith(("+", "(+")) or digits.startswith("00")
    if international:
        return len(digits) in _INTERNATIONAL_DIGITS
    if cued:
        return len(digits) in _CUED_DIGITS
    if _NORTH_AMERICAN.fullmatch(number) or _SPACED_IN_THREES.fullmatch(number):
        return True
    return digits.startswith("0") and len(digits) in _NATIONAL_DIGITS
