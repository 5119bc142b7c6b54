"""What is masked, and what is left alone."""

import pytest

from crisiswatch.reading.privacy import mask, mask_many
from crisiswatch.reading.privacy_numbers import is_card, is_iban, is_phone

MASKED = [
    pytest.param(
        "my card 4111 1111 1111 1111 was charged", "my card [card] was charged", id="visa"
    ),
    pytest.param("card 5500-0055-5555-5559!", "card [card]!", id="mastercard-dashes"),
    pytest.param("amex 378282246310005", "amex [card]", id="amex"),
    pytest.param(
        "IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [account] bitte", id="iban-spaces"
    ),
    pytest.param("pay to GB82WEST12345698765432", "pay to [account]", id="iban"),
    pytest.param("my ssn is 078-05-1120", "my ssn is [id]", id="ssn-cue"),
    pytest.param("it is 219-09-9999 ok", "it is [id] ok", id="ssn-dashes"),
    pytest.param("NI number QQ 12 34 56 C", "NI number [id]", id="uk-ni-cue"),
    pytest.param("AB123456C", "[id]", id="uk-ni"),
    pytest.param("passport no. 533380006", "passport no. [id]", id="passport"),
    pytest.param("DNI 12345678Z", "DNI [id]", id="spanish-dni-cue"),
    pytest.param("soy 12345678Z", "soy [id]", id="spanish-dni"),
    pytest.param("CPF 123.456.789-09", "CPF [id]", id="brazilian-cpf"),
    pytest.param("RSSMRA85T10A562S", "[id]", id="italian-fiscal-code"),
    pytest.param("born on 12/03/1985", "born on [birth date]", id="birth-numeric"),
    pytest.param("DOB: March 4, 1979", "DOB: [birth date]", id="birth-month-name"),
    pytest.param("geboren am 3. Mai 1980", "geboren am [birth date]", id="birth-de"),
    pytest.param("née le 04/12/1990", "née le [birth date]", id="birth-fr"),
    pytest.param("nacido el 4 de mayo de 1988", "nacido el [birth date]", id="birth-es"),
    pytest.param("call me 914-844-5695", "call me [phone]", id="phone-us"),
    pytest.param("(631)891-5722 please", "[phone] please", id="phone-us-brackets"),
    pytest.param("1-800-433-7300", "[phone]", id="phone-toll-free"),
    pytest.param("call me 9148445695", "call me [phone]", id="phone-bare"),
    pytest.param("+49 170 1234567", "[phone]", id="phone-de"),
    pytest.param("+44 (0)20 7946 0958", "[phone]", id="phone-uk"),
    pytest.param("ring 020 7946 0958", "ring [phone]", id="phone-uk-national"),
    pytest.param("06 12 34 56 78", "[phone]", id="phone-fr"),
    pytest.param("mi móvil 612 345 678", "mi móvil [phone]", id="phone-es"),
    pytest.param("0170/1234567", "[phone]", id="phone-de-slash"),
    pytest.param("text me 555-1234", "text me [phone]", id="phone-local-with-cue"),
    pytest.param("write to jane.doe+x@mail.example.co.uk!", "write to [mail]!", id="mail"),
    pytest.param("confirmation ABC123", "confirmation [booking]", id="booking-code"),
    pytest.param("Conf#FGKXV5 help", "Conf#[booking] help", id="booking-glued"),
    pytest.param("record locator HFJKTO.", "record locator [booking].", id="locator-letters"),
    pytest.param("our reservation is MKWLKR", "our reservation is [booking]", id="reservation"),
    pytest.param("Case #8477733, help", "Case #[booking], help", id="case"),
    pytest.param("order 112-3456789-0123456", "order [booking]", id="order"),
    pytest.param("claim# hdndl11785", "claim# [booking]", id="claim-lower"),
    pytest.param("Buchungsnummer X4Z9QL", "Buchungsnummer [booking]", id="booking-de"),
    pytest.param("réservation n° ABC12D", "réservation n° [booking]", id="booking-fr"),
    pytest.param("localizador 7GH2KL", "localizador [booking]", id="booking-es"),
    pytest.param("account number 00123456", "account number [account]", id="account"),
    pytest.param("Kundennummer 4711-0815", "Kundennummer [account]", id="account-de"),
    pytest.param("skymiles 9012345678", "skymiles [account]", id="loyalty"),
    pytest.param("my reservation ABC-123", "my reservation [booking]", id="booking-dashed"),
    pytest.param("order number AB-12-CD", "order number [booking]", id="order-dashed"),
    pytest.param("claim A-123-B", "claim [booking]", id="claim-dashed"),
    pytest.param("my policy no AB-12-CD", "my policy no [account]", id="policy-dashed"),
    pytest.param("born 5 Jan 85", "born [birth date]", id="birth-three-digits"),
    pytest.param("dob: 5 jan 85", "dob: [birth date]", id="birth-three-digits-lower"),
    pytest.param("geb. Mai 5, 85", "geb. [birth date]", id="birth-month-first"),
    pytest.param("bornjan585", "born[birth date]", id="birth-glued"),
    pytest.param("GB51 A B C D E F G H J K L", "[account]", id="iban-of-letters-apart"),
    pytest.param("a@b.co+4917012345678", "[mail][phone]", id="glued-to-a-mask"),
    pytest.param("text 555-1234 or 555-1235", "text [phone] or [phone]", id="masked-cue"),
    pytest.param(
        "Buchungsbestätigungsnummer X4Z9QL",
        "Buchungsbestätigungsnummer [booking]",
        id="booking-de-long",
    ),
]

LEFT = [
    pytest.param("@user12345 flight UA1234 at 10:35", id="flight"),
    pytest.param("flight 1281 to DFW delayed", id="flight-number"),
    pytest.param("$1,234,567.89 is too much", id="price"),
    pytest.param("EUR 1.234.567,89", id="price-eu"),
    pytest.param("in 2015 or 2014-2016", id="years"),
    pytest.param("on 2015-02-23 18:15", id="date-time"),
    pytest.param("on 12/25/2015 and 24.12.2015", id="dates"),
    pytest.param("10,000,000 views, 1000000000 fans", id="big-numbers"),
    pytest.param("score 3-2, 21-17, 6-4 6-3", id="scores"),
    pytest.param("https://t.co/4111111111111111 see", id="link"),
    pytest.param("www.example.com/5551234567", id="link-www"),
    pytest.param("@call9148445695 hi", id="handle"),
    pytest.param("#win4111111111111111", id="hashtag"),
    pytest.param("4111 1111 1111 1112", id="card-bad-check-digit"),
    pytest.param("DE00 3704 0044 0532 0130 00", id="iban-bad-check-digits"),
    pytest.param("born in 1985 in Texas", id="birth-year-only"),
    pytest.param("my booking was cancelled", id="booking-word"),
    pytest.param("the ticket is expensive", id="ticket-word"),
    pytest.param("BOOKING HOTELS NOW", id="shouting"),
    pytest.param("FLIGHT CONFIRMATION PLEASE", id="shouting-cue"),
    pytest.param("I waited 120 minutes and 45 seconds", id="durations"),
    pytest.param("boeing 737-800 and 787-9", id="aircraft"),
    pytest.param("win 2 tickets @ 8pm", id="at-sign-alone"),
    pytest.param("gates B12, C34 and D56", id="gates"),
    pytest.param("@SouthwestAir @united you both @", id="handles"),
    pytest.param("192.168.100.200 is down", id="ip-address"),
    pytest.param("😡" * 20, id="emoji"),
    pytest.param("", id="empty"),
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_personal_data_is_masked(text: str, expected: str) -> None:
    assert mask(text) == expected
    assert mask_many([text]) == [expected]


@pytest.mark.parametrize("text", LEFT)
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert mask(text) == text
    assert mask_many([text]) == [text]


def test_a_batch_keeps_its_order() -> None:
    texts = ["fine", "call 914-844-5695", "é" * 50, "mail a@b.co"]
    assert mask_many(texts) == ["fine", "call [phone]", "é" * 50, "mail [mail]"]


def test_texts_without_a_trigger_are_the_same_objects() -> None:
    texts = ["nothing to see", "really nothing"]
    assert all(one is other for one, other in zip(mask_many(texts), texts, strict=True))


def test_an_empty_batch_stays_empty() -> None:
    assert mask_many([]) == []


def test_several_in_one_post_are_all_masked() -> None:
    text = "conf F6DK04, call 203-382-3312 or mail me@x.org, card 4111111111111111"
    assert mask(text) == "conf [booking], call [phone] or mail [mail], card [card]"


def test_check_digits_decide() -> None:
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert not is_card("1111111111111117")
    assert is_iban("DE89370400440532013000")
    assert not is_iban("DE89370400440532013001")


def test_a_number_without_a_shape_needs_a_cue_to_be_a_phone() -> None:
    assert is_phone("8587000", cued=True)
    assert not is_phone("8587000", cued=False)
    assert not is_phone("2014 2015 2016", cued=True)
