import pytest

from crisiswatch.screen.sparkline import bar, columns, sparkline, squeeze


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ((0, 1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇█"),
        ((7, None, 7), "     █ █"),
        ((0, 0, 0), "     ▁▁▁"),
        ((), "        "),
        ((99, 98, 0, 0, 0, 0, 0, 0, 0, 7), "▁▁▁▁▁▁▁█"),
    ],
)
def test_a_sparkline_shows_the_last_values_in_exactly_its_width(
    values: tuple[float | None, ...], line: str
) -> None:
    assert sparkline(values, 8) == line


def test_a_common_top_keeps_small_values_small() -> None:
    assert sparkline((1, 1, 1), 3, top=7) == "▂▂▂"


def test_columns_build_up_from_the_bottom_and_show_the_smallest_value() -> None:
    assert columns((0, 8, 4, None, 0.001), 10, 2) == (
        " █   ",
        " ██ ▁",
    )


def test_squeezing_keeps_every_peak() -> None:
    values: list[float | None] = [1.0] * 1_000
    values[333] = 99.0
    values[500:600] = [None] * 100

    squeezed = squeeze(values, 10)

    assert len(squeezed) == 10
    assert squeezed[3] == 99.0
    assert squeezed[5] is None


def test_a_bar_keeps_its_width_whatever_the_share() -> None:
    assert [bar(share, 4) for share in (-1, 0.5, 2)] == ["────", "━━──", "━━━━"]
