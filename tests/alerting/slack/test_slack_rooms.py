"""Names of rooms, and knowing our own again."""

import pytest

from alerting.slack.rooms import Found, free_name, made_by, mark, numbered, purpose, room_name

NOW_S = 10_000.0


def channel(
    name: str, *, said: str = "", creator: str = "U0BOT", created: float = NOW_S
) -> dict[str, object]:
    return {
        "id": f"C-{name}",
        "name": name,
        "purpose": {"value": said},
        "creator": creator,
        "created": created,
    }


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        pytest.param("Inc: US Airways!", "inc-us-airways", id="spaces-and-signs"),
        pytest.param("Köln/Flug", "koln-flug", id="letters-with-marks"),
        pytest.param("航空", "incident", id="nothing-that-slack-takes"),
        pytest.param("a" * 79 + "-bcd", "a" * 79, id="too-long-and-no-hyphen-at-the-end"),
        pytest.param("--a__b--", "a__b", id="edges"),
    ],
)
def test_a_name_is_made_one_that_slack_takes(wanted: str, name: str) -> None:
    assert room_name(wanted) == name


def test_the_next_free_name_has_a_number_and_still_fits() -> None:
    assert free_name("inc", {"inc", "inc-2"}) == "inc-3"
    assert numbered("a" * 80, 12) == "a" * 77 + "-12"


@pytest.mark.parametrize(
    ("there", "found"),
    [
        pytest.param(
            [channel("inc", said=purpose("k"))], Found(room="C-inc", half_made=False), id="marked"
        ),
        pytest.param(
            [channel("renamed", said=f"x {mark('k')}")],
            Found(room="C-renamed", half_made=False),
            id="marked-and-renamed",
        ),
        pytest.param([channel("inc")], Found(room="C-inc", half_made=True), id="half-made"),
        pytest.param([channel("inc", said=purpose("other"))], None, id="of-another-action"),
        pytest.param([channel("inc", creator="U0ADA")], None, id="made-by-a-person"),
        pytest.param([channel("inc", created=NOW_S - 901)], None, id="without-a-mark-for-long"),
        pytest.param([channel("else")], None, id="of-another-name"),
        pytest.param(
            [channel("inc"), channel("inc-2", said=purpose("k"))],
            Found(room="C-inc-2", half_made=False),
            id="the-marked-one-before-a-half-made-one",
        ),
    ],
)
def test_a_room_is_known_again_by_its_mark(
    there: list[dict[str, object]], found: Found | None
) -> None:
    assert made_by("k", {"inc", "inc-2"}, there, "U0BOT", NOW_S) == found
