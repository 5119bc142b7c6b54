from datetime import UTC, date, datetime, time
from typing import Any

from alerting.rota import Rota
from alerting.rota_check import check_rotas
from crisiswatch.config.rotas import Layer, RotaSettings

NOW = datetime(2015, 2, 16, tzinfo=UTC)


def rota(name: str, people: str = "", always: str = "", **more: Any) -> Rota:
    given: dict[str, Any] = {"people": tuple(people), "start": date(2015, 1, 5)}
    layers = (Layer(**(given | more)),) if people else ()
    return Rota(RotaSettings(name=name, layers=layers, always=tuple(always)))


def found(*rotas: Rota, days: int = 14) -> list[str]:
    findings = check_rotas(rotas, NOW, days=days, source="c")
    return [f"{finding.level}: {finding}" for finding in findings]


def test_full_cover_without_double_booking_has_no_findings() -> None:
    assert found(rota("a", "xy"), rota("b", "yx"), rota("c", always="xy")) == []


def test_a_gap_is_an_error_with_its_times() -> None:
    days = rota("a", "x", from_time=time(9), until_time=time(21))
    assert found(days, days, days, days=1)[0] == (
        "error: c: rotas[1]: nobody has 'a': Mon 16 Feb 00:00 to Mon 16 Feb 09:00 (UTC), "
        "Mon 16 Feb 21:00 to Tue 17 Feb 00:00 (UTC); "
        "add an earlier layer that covers every hour, or an override"
    )


def test_many_gaps_are_counted_after_the_third() -> None:
    (finding,) = found(rota("a", "x", from_time=time(9), until_time=time(21)), days=5)
    assert finding.count(" to ") == 3
    assert "and 3 times more" in finding


def test_only_the_days_asked_for_count() -> None:
    assert found(rota("a", "x", start=date(2015, 2, 20)), days=14) != []
    late = rota("a", "x")
    assert found(late) == []


def test_somebody_with_two_duties_at_once_is_a_warning_once() -> None:
    assert found(rota("a", "xy"), rota("b", "xz")) == [
        (
            "warning: c: rotas[2]: 'x' has both 'a' and 'b': Mon 16 Feb 09:00 to Mon 23 Feb 09:00 "
            "(UTC); shift the order of people in one of the two, or add an override"
        )
    ]


def test_somebody_who_is_their_own_backup_is_told_so() -> None:
    (finding,) = found(rota("a", "x"), rota("a-backup", "x"))
    assert "nobody backs them up" in finding


def test_a_duty_that_somebody_always_has_is_no_double_booking() -> None:
    assert found(rota("a", "x"), rota("b", always="x")) == []
