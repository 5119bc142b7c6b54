import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from crisiswatch.screen.rota import RotaView, ShiftView, WhoView, rota_picture, who_table
from tests.screen.printed import coloured, printed

MONDAY = date(2015, 2, 16)
START = datetime(2015, 2, 16, tzinfo=UTC)


def shifts(*ends: tuple[int, str]) -> tuple[ShiftView, ...]:
    """Make shifts that follow each other: (hour at which it ends, ids; empty is a gap)."""
    views = []
    begins = START
    for hour, persons in ends:
        until = START + timedelta(hours=hour)
        views.append(ShiftView(start=begins, end=until, persons=tuple(persons.split())))
        begins = until
    return tuple(views)


def picture(*rotas: RotaView, width: int = 104, weeks: int = 1, colour: bool = False) -> list[str]:
    drawn = rota_picture(
        rotas,
        {"ada": "Ada Lindt", "bo": "Bo Berg"},
        monday=MONDAY,
        weeks=weeks,
        zone=UTC,
        zone_name="UTC",
        width=width,
    )
    return (coloured if colour else printed)(drawn, width=width).splitlines()


WEEK = 7 * 24


def test_a_row_has_a_block_for_each_shift_with_the_hours_of_handover_below() -> None:
    lines = picture(
        RotaView(duty="pr-on-call", shifts=shifts((9, "ada"), (33, "bo"), (WEEK, "ada")))
    )
    assert lines[:3] == [
        (
            "UTC         Mon 16 Feb   Tue 17 Feb   Wed 18 Feb   Thu 19 Feb   Fri 20 Feb   "
            "Sat 21 Feb   Sun 22 Feb"
        ),
        "pr-on-call   ada │bo          │ada",
        "                 09           09",
    ]


def test_a_duty_that_never_changes_has_one_line() -> None:
    lines = picture(RotaView(duty="legal", shifts=shifts((WEEK, "ada bo"))))
    assert lines[1:3] == ["legal   ada+1", ""]


def test_a_gap_is_drawn_and_explained_even_where_it_is_shorter_than_a_character() -> None:
    rota = RotaView(
        duty="legal",
        shifts=(
            ShiftView(start=START, end=START + timedelta(hours=48), persons=("ada",)),
            ShiftView(
                start=START + timedelta(hours=48), end=START + timedelta(hours=48.1), persons=()
            ),
            ShiftView(
                start=START + timedelta(hours=48.1), end=START + timedelta(days=7), persons=("bo",)
            ),
        ),
    )
    lines = picture(rota)
    assert lines[1].count("!") == 1
    assert lines[-1] == " !!!  nobody has it"
    assert "\x1b[1;37;41m!\x1b[0m" in "\n".join(picture(rota, colour=True))


def test_without_a_gap_nothing_is_said_of_gaps() -> None:
    rota = RotaView(duty="legal", shifts=shifts((WEEK, "ada")))
    assert "!" not in "".join(picture(rota))


def test_each_person_has_one_colour_in_all_rows_and_in_the_legend() -> None:
    rotas = (
        RotaView(duty="one", shifts=shifts((84, "ada"), (WEEK, "bo"))),
        RotaView(duty="two", shifts=shifts((84, "bo"), (WEEK, "ada"))),
    )
    text = "\n".join(picture(*rotas, colour=True))
    ada, bo = "48;2;142;202;230m", "48;2;255;183;3m"
    assert text.count(ada) == text.count(bo) == 3
    assert "Ada Lindt" in text


def test_every_line_fits_into_the_width_and_weeks_follow_each_other() -> None:
    rota = RotaView(
        duty="pr-on-call-of-a-very-long-name", shifts=shifts((9, "ada"), (2 * WEEK, "bo"))
    )
    for width in (80, 100, 140):
        lines = picture(rota, width=width, weeks=2)
        assert max(map(len, lines)) <= width
        assert sum("23" in line and "Mon" in line for line in lines) == 1


def test_a_day_on_which_clocks_change_is_as_wide_as_any_other() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2015, 3, 23, tzinfo=berlin)
    days = tuple(
        ShiftView(
            start=datetime(2015, 3, 23 + day, tzinfo=berlin),
            end=datetime(2015, 3, 24 + day, tzinfo=berlin),
            persons=("ada" if day % 2 else "bo",),
        )
        for day in range(7)
    )
    drawn = rota_picture(
        [RotaView(duty="d", shifts=days)],
        {},
        monday=start.date(),
        weeks=1,
        zone=berlin,
        zone_name="Europe/Berlin",
        width=100,
    )
    row = printed(drawn).splitlines()[1]
    bars = [place for place, char in enumerate(row) if char == "│"]
    assert {later - earlier for earlier, later in itertools.pairwise(bars)} == {12}
    assert len(bars) == 6


def test_who_is_told_with_until_and_why_and_nobody_stands_out() -> None:
    rows = [
        WhoView(duty="legal", names=("Ada Lindt",), until=None, why="always"),
        WhoView(duty="pr-on-call", names=(), until=START + timedelta(hours=3), why="nobody has it"),
    ]
    lines = printed(who_table(rows, START, UTC, "UTC")).splitlines()
    assert lines == [
        "Mon 16 Feb 2015 00:00 (UTC)",
        "duty        who        until             why",
        "legal       Ada Lindt                    always",
        "pr-on-call  nobody     Mon 16 Feb 03:00  nobody has it",
    ]


def test_names_from_outside_can_not_steer_the_terminal() -> None:
    rota = RotaView(duty="a\x1b[2Jb", shifts=shifts((WEEK, "ada")))
    text = "\n".join(picture(rota))
    assert "\x1b" not in text
