"""Files hold each line once, and totals are exact, across restarts."""

from pathlib import Path

import pytest

from crisiswatch.detection.signal import Change, Heartbeat, Signal
from crisiswatch.errors import StoreError
from crisiswatch.reading.post import Reason, Rejected
from flows.messages import Intake, LatePosts, SourceGap
from flows.sinks.lines import LinesFile
from flows.sinks.signals import SignalSink
from flows.sinks.statistics import RunTotals, Statistics
from tests.made_signals import made_signal


def encode(number: int) -> bytes:
    return b"%d\n" % number


def intake(**more: int) -> Intake:
    fields = {"lines": 10, "data_bytes": 100, "candidates": 4, "matched": 3} | more
    return Intake(
        rejected=(Rejected(reason=Reason.NOT_JSON, detail="", raw=b""),),
        skipped={"like": 2},
        first_s=fields.pop("first_s", 100),
        newest_s=fields.pop("newest_s", 200),
        **fields,
    )


def test_lines_are_appended_after_the_header(tmp_path: Path) -> None:
    seen: list[int] = []
    sink = LinesFile(tmp_path / "f", encode=encode, header=b"number\n", on_item=seen.append)
    part = sink.build_part("s", sink.list_parts()[0], None)
    part.write_batch([1, 2])
    part.write_batch([3])
    part.close()
    assert (tmp_path / "f").read_bytes() == b"number\n1\n2\n3\n"
    assert seen == [1, 2, 3]
    assert sink.part_fn("anything") == 0


def test_what_came_after_the_snapshot_is_cut_off_on_resume(tmp_path: Path) -> None:
    sink = LinesFile(tmp_path / "f", encode=encode)
    part = sink.build_part("s", "f", None)
    part.write_batch([1])
    certain = part.snapshot()
    part.write_batch([2, 3])
    again = sink.build_part("s", "f", certain)
    again.write_batch([2])
    again.close()
    assert (tmp_path / "f").read_bytes() == b"1\n2\n"


def test_a_file_that_lost_certain_lines_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"1\n")
    with pytest.raises(StoreError, match="shorter than the 9 bytes"):
        LinesFile(tmp_path / "f", encode=encode).build_part("s", "f", 9)


def test_a_new_run_starts_with_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old\n")
    LinesFile(tmp_path / "f", encode=encode).build_part("s", "f", None).close()
    assert (tmp_path / "f").read_bytes() == b""


def test_signals_are_handed_on_one_by_one() -> None:
    seen: list[object] = []
    part = SignalSink(seen.append).build("signals", 0, 1)
    part.write_batch(["one", "two"])  # type: ignore[list-item]  # any value passes through
    assert seen == ["one", "two"]


def test_totals_add_up_across_a_restart() -> None:
    changes: list[int] = []
    sink = Statistics(lambda totals: changes.append(totals.lines))
    part = sink.build_part("statistics", sink.list_parts()[0], None)
    part.write_batch([intake(), LatePosts(posts=4)])
    again = sink.build_part("statistics", "totals", part.snapshot())
    again.write_batch([intake(first_s=50, newest_s=150), SourceGap(from_at=1, to_at=9)])
    totals = RunTotals(**again.snapshot())
    assert (totals.lines, totals.matched, totals.late_posts) == (20, 6, 4)
    assert (totals.rejected, totals.skipped) == ({"not-json": 2}, {"like": 4})
    assert (totals.first_s, totals.newest_s, totals.gaps) == (50, 200, [(1, 9)])
    assert changes == [0, 10, 10, 20]
    assert sink.part_fn("anything") == 0


def test_a_heartbeat_that_can_not_be_stored_holds_up_no_signal() -> None:
    signals: list[Signal] = []
    beats: list[Heartbeat] = []

    def beat(heartbeat: Heartbeat) -> None:
        beats.append(heartbeat)
        raise StoreError("the store can not be reached", "start it")

    part = SignalSink(signals.append, beat).build("signals", 0, 1)
    signal, heartbeat = made_signal(0, Change.OPENED), Heartbeat.of(posted_at=60)
    part.write_batch([heartbeat, signal])

    assert (beats, signals) == ([heartbeat], [signal])
