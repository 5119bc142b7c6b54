"""`check --online`, `rota` and `audit` as programs, against a real Redis and a fake Slack."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from alerting.keeping import CaseWrite, Commit
from crisiswatch.app.stores import opened
from tests.doubles.fake_slack import FakeSlack
from tests.doubles.redis_server import RedisServer
from tests.doubles.slack.scopes import ALL_SCOPES
from tests.doubles.up_process import TOKENS, run

pytestmark = pytest.mark.slow

AIRLINE = Path(__file__).resolve().parents[2] / "deploy" / "examples" / "airline.toml"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer(fsync="always") as server:
        yield server


def test_a_case_that_can_not_be_read_hides_no_other(redis: RedisServer) -> None:
    with opened(redis.tcp_url) as store:
        of_another_release = CaseWrite(case_id="sea/1", body=b"x", expected_version=0, is_open=True)
        assert store.commit(Commit(writes=(of_another_release,)))
    try:
        listed = run("incidents", "list", "--store", redis.tcp_url, code=1)
        assert "no open incidents" in listed.stdout
        assert "sea/1: " in listed.stderr
        assert "can not be read" in listed.stderr
    finally:
        redis.command("FLUSHALL")


def online(tmp_path: Path, store: str, slack: FakeSlack, code: int) -> dict[str, str]:
    """Return {level and place: problem} of what `check --online` finds out there."""
    example = '# api_url = "http://127.0.0.1:8888/api/"'
    text = AIRLINE.read_text()
    assert example in text
    config = tmp_path / "airline.toml"
    config.write_text(
        text.replace(example, f'api_url = "{slack.url}"') + f'\n[store]\nurl = "{store}"\n'
    )
    done = run("check", "-c", config, "--online", "--json", code=code, variables=TOKENS)
    assert not [token for token in TOKENS.values() if token in done.stdout + done.stderr]
    findings = orjson.loads(done.stdout)
    return {
        f"{one['level']} {one['path']}": one["message"]
        for one in findings
        if one["source"] == "online" or one["source"].startswith("redis:")
    }


def test_all_is_well_where_scopes_and_settings_are(tmp_path: Path, redis: RedisServer) -> None:
    redis.command("CONFIG SET maxmemory-policy noeviction")
    with FakeSlack() as slack:
        assert online(tmp_path, redis.tcp_url, slack, 0) == {}


def test_a_scope_that_slack_does_not_grant_is_named(tmp_path: Path, redis: RedisServer) -> None:
    with FakeSlack(scopes=ALL_SCOPES - {"pins:write"}) as slack:
        found = online(tmp_path, redis.tcp_url, slack, 1)
    assert "pins:write" in found["error slack"]


def test_a_redis_that_forgets_is_named(tmp_path: Path, redis: RedisServer) -> None:
    redis.command("CONFIG SET appendonly no")
    try:
        with FakeSlack() as slack:
            found = online(tmp_path, redis.tcp_url, slack, 1)
    finally:
        redis.command("CONFIG SET appendonly yes")
    assert any("appendonly" in place for place in found)


def test_the_rota_answers_as_a_program(tmp_path: Path) -> None:
    who = run("rota", "who", "-c", AIRLINE, "--at", "2015-02-22T04:45").stdout
    assert "Anna Vogel" in who
    assert max(map(len, who.splitlines())) <= 80
    assert "is no time" in run("rota", "who", "-c", AIRLINE, "--at", "noon", code=2).stderr
    calendar = tmp_path / "rota.ics"
    assert "pr-on-call" in run("rota", "show", "-c", AIRLINE, "--ics", calendar).stdout
    assert calendar.read_text().startswith("BEGIN:VCALENDAR")
    assert "0 errors" in run("rota", "check", "-c", AIRLINE).stdout


def test_a_drill_is_recorded_as_a_program_does_it_and_the_log_stays_whole(
    redis: RedisServer,
) -> None:
    at = ("--at", "2026-01-05T15:00+01:00", "--said", "25 minutes")
    told = run("audit", "drill", "--store", redis.tcp_url, "--as", "ada", *at).stdout
    assert told == "recorded: a drill that ended at 2026-01-05 14:00 UTC, by ada\n"
    kept = orjson.loads(run("audit", "export", "--store", redis.tcp_url).stdout.splitlines()[-1])
    assert (kept["kind"], kept["actor"], kept["detail"]["said"]) == ("drill", "ada", "25 minutes")
    assert "is whole" in run("audit", "verify", "--store", redis.tcp_url).stdout
    later = run("audit", "drill", "--store", redis.tcp_url, "--at", "2199-01-01", code=2).stderr
    assert "has not ended; record it when it has" in later


def test_the_record_of_no_store_is_none(tmp_path: Path) -> None:
    for verb in ("verify", "export"):
        refused = run("audit", verb, "--store", tmp_path / "nothing", code=2).stderr
        assert "no store here" in refused
        assert len(refused.splitlines()) == 1
