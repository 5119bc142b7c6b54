"""The command line as its users meet it."""

import csv
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.holding import RunbookDrafter
from crisiswatch.app.people import CollectedNotices
from crisiswatch.app.pipeline import NoFollower, People, run
from crisiswatch.app.products import Products
from crisiswatch.app.replay import ReplayOptions, replay_job
from crisiswatch.config import Config
from crisiswatch.detection.step import BinReading
from flows.run import Stop

REPOSITORY = Path(__file__).resolve().parent.parent
CONFIG = """
[[topics]]
name = "Acme"
terms = ["acme"]

[[topics]]
name = "Bolt"
terms = ["bolt"]
"""


def crisiswatch(
    *arguments: str | Path,
    given: bytes = b"",
    code: int = 0,
    environment: Mapping[str, str] = os.environ,
) -> subprocess.CompletedProcess[bytes]:
    program = "from crisiswatch.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        input=given,
        capture_output=True,
        check=False,
        timeout=120,
        env=environment,
    )
    assert done.returncode == code, done.stderr.decode() + done.stdout.decode()
    return done


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "crisiswatch.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    lines = [
        orjson.dumps(
            {"id": str(n), "text": f"acme number {n}", "posted_at": 1_767_225_600 + 30 * n}
        )
        for n in range(100)
    ]
    path = tmp_path / "posts.jsonl"
    path.write_bytes(
        b"\n".join([*lines, b"acme in broken json", b'{"id": "x", "text": "bolt"}']) + b"\n"
    )
    return path


def test_help_names_every_command_and_answers_in_examples() -> None:
    shown = crisiswatch("--help").stdout.decode()
    for command in ("demo", "init", "check", "replay", "backtest", "score"):
        assert command in shown
        assert "xample" in crisiswatch(command, "--help").stdout.decode()


def test_a_name_that_the_output_can_not_hold_is_escaped_and_json_stays_json(tmp_path: Path) -> None:
    path = tmp_path / "crisiswatch.toml"
    person = '[[people]]\nid = "ue"\nname = "Ü€"\nslack = "U0ADA"\n'
    path.write_text(f'{person}[[rotas]]\nname = "für €😀"\nalways = ["ue"]\n')
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "200"}

    shown = crisiswatch("rota", "who", "-c", path, environment=ascii_only).stdout
    listed = crisiswatch("rota", "who", "-c", path, "--json", environment=ascii_only).stdout

    assert b"\\u00dc\\u20ac" in shown
    assert orjson.loads(listed)[0]["name"] == "für €😀"


def test_the_version_is_told() -> None:
    assert crisiswatch("--version").stdout.decode().startswith("crisiswatch 0.")


def test_a_replay_writes_all_its_products(tmp_path: Path, config: Path, posts: Path) -> None:
    out = tmp_path / "out"
    shown = crisiswatch("replay", posts, "--config", config, "--out", out).stdout.decode()
    assert "No incident opened" in shown
    with (out / "readings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["topic"] for row in rows} == {"Acme", "Bolt"}
    assert sum(int(row["posts"]) for row in rows) == 100
    assert rows[0]["bin_start"] == "2026-01-01T00:00:00Z"
    letters = [orjson.loads(line) for line in (out / "deadletters.jsonl").read_bytes().splitlines()]
    assert [letter["reason"] for letter in letters] == ["not-json", "missing-field"]
    assert letters[0]["raw"] == "acme in broken json"
    assert (out / "signals.jsonl").read_bytes() == b""
    assert (out / "incidents.jsonl").read_bytes() == b""
    assert "<svg" in (out / "index.html").read_text()


def test_a_replay_answers_a_script_in_json(tmp_path: Path, config: Path, posts: Path) -> None:
    done = crisiswatch("replay", posts, "-c", config, "--out", tmp_path / "out", "--json")
    answer = orjson.loads(done.stdout)
    assert (answer["posts_read"], answer["posts_matched"]) == (102, 100)
    assert answer["rejected"] == {"not-json": 1, "missing-field": 1}
    assert answer["incidents"] == []


@pytest.mark.slow
def test_a_paced_replay_reads_what_a_fast_one_does(
    tmp_path: Path, config: Path, posts: Path
) -> None:
    fast, paced = tmp_path / "fast", tmp_path / "paced"
    crisiswatch("replay", posts, "-c", config, "--out", fast)
    crisiswatch("replay", posts, "-c", config, "--out", paced, "--speed", "3000")
    assert (fast / "readings.csv").read_bytes() == (paced / "readings.csv").read_bytes()


def test_a_pipe_is_read_like_a_file(tmp_path: Path, config: Path, posts: Path) -> None:
    fast, piped = tmp_path / "fast", tmp_path / "piped"
    crisiswatch("replay", posts, "-c", config, "--out", fast)
    given = posts.read_bytes()
    crisiswatch("replay", "-", "--live", "-c", config, "--out", piped, given=given)
    assert (fast / "readings.csv").read_bytes() == (piped / "readings.csv").read_bytes()


@pytest.mark.slow
def test_a_second_replay_starts_anew(tmp_path: Path, config: Path, posts: Path) -> None:
    out = tmp_path / "out"
    crisiswatch("replay", posts, "-c", config, "--out", out)
    first = (out / "readings.csv").read_bytes()
    crisiswatch("replay", posts, "-c", config, "--out", out, "--recovery", tmp_path / "r")
    assert (out / "readings.csv").read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("replay", "none.jsonl"), "none.jsonl: no such file"),
        (("replay", "{posts}"), "no topics to watch"),
        (("replay", "{posts}", "-c", "{config}", "--live"), "not live"),
        (("replay", "-", "-c", "{config}", "--speed", "9"), "neither resumed nor paced"),
        (("replay", "{posts}", "-c", "{config}", "--speed", "fast"), "speed 'fast'"),
        (("replay", "{posts}", "-c", "{config}", "--speed", "0"), "speed '0'"),
        (("replay", "{posts}", "-c", "{config}", "--inspect", "none"), "inspect 'none'"),
        (("replay", "{posts}", "-c", "{config}", "--format", "morse"), "format 'morse'"),
        (("replay", "{posts}", "-c", "none.toml"), "none.toml"),
        (("backtest", "none.csv"), "none.csv"),
        (("score", "none.jsonl"), "none.jsonl"),
        (("replay", "{posts}", "-c", "{config}", "--out", "{config}"), "where a folder is needed"),
        (("demo", "--picture", "none/p.svg"), "none/p.svg: no such file or folder"),
        (("init", "{folder}"), "not empty"),
    ],
    ids=lambda value: "-".join(value[:1]) if isinstance(value, tuple) else value,
)
def test_what_is_wrong_is_one_line_that_names_it(
    tmp_path: Path, config: Path, posts: Path, arguments: tuple[str, ...], problem: str
) -> None:
    names = {"posts": posts, "config": config, "folder": tmp_path}
    filled = [argument.format(**names) for argument in arguments]
    errors = crisiswatch(*filled, code=2).stderr.decode()
    assert problem in errors
    assert errors.startswith("crisiswatch: ")
    assert "Traceback" not in errors


class _StopsEarly(NoFollower):
    """Ask a run to stop at the first bin that holds posts."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop

    def on_reading(self, reading: BinReading) -> None:
        if reading.posts:
            self._stop.ask()


@pytest.mark.slow
def test_what_goes_wrong_within_the_dataflow_is_one_line_too(
    tmp_path: Path, config: Path, posts: Path
) -> None:
    recovery, clock, stop = tmp_path / "recovery", SystemClock(), Stop()
    options = ReplayOptions(file=posts, recovery_folder=recovery)
    job = replay_job(options, read_config(config), clock=clock, stop=stop)
    drafter = RunbookDrafter({}, Config())
    assert job.recovery is not None
    with job.recovery.locked():
        run(
            job,
            Products(tmp_path / "out"),
            clock=clock,
            people=People(notifier=CollectedNotices(), draft=drafter),
            follower=_StopsEarly(stop),
            stop=stop,
        )
    other = tmp_path / "other"
    done = crisiswatch(
        "replay", posts, "-c", config, "--out", other, "--recovery", recovery, code=2
    )
    *engine, said = done.stderr.decode().splitlines()
    assert said.startswith(f"crisiswatch: {other}")
    assert "shorter than" in said
    assert "Traceback" not in "".join(engine)


def test_an_unknown_option_is_wrong_usage() -> None:
    assert b"--loud" in crisiswatch("demo", "--loud", code=2).stderr


@pytest.mark.slow
def test_a_backtest_prints_openings_and_writes_a_score_for_each_row(
    tmp_path: Path, shared_data: Path
) -> None:
    series = shared_data / "nab" / "realTweets" / "Twitter_volume_AAPL.csv"
    scores = tmp_path / "s.csv"
    shown = crisiswatch("backtest", series, "--scores", scores).stdout.decode()
    assert "expected" in shown
    with series.open() as file, scores.open() as scored:
        rows, answers = list(csv.DictReader(file)), list(csv.DictReader(scored))
    assert [row["timestamp"] for row in rows] == [row["timestamp"] for row in answers]
    assert [row["value"] for row in rows] == [row["value"] for row in answers]
    opened = [float(row["anomaly_score"]) for row in answers if float(row["anomaly_score"]) > 0]
    done = crisiswatch("backtest", series, "--json")
    assert len(opened) >= len(orjson.loads(done.stdout)["incidents"]) > 3


def test_score_answers_line_by_line_and_masks(tmp_path: Path) -> None:
    lines = (
        b'{"id": 7, "text": "worst airline ever, I hate this terrible service"}\n'
        b'{"text": "call me at +44 20 7946 0958 about my refund"}\n'
        b"no json\n"
        b'{"id": "x"}\n'
    )
    answers = [
        orjson.loads(line) for line in crisiswatch("score", given=lines, code=1).stdout.splitlines()
    ]
    angry, masked, broken, empty = answers
    assert angry["id"] == 7
    assert angry["p_negative"] > angry["p_positive"]
    total = angry["p_negative"] + angry["p_neutral"] + angry["p_positive"]
    assert total == pytest.approx(1, abs=0.001)
    assert "7946" not in masked["text"]
    assert "no JSON" in broken["error"]
    assert empty == {"id": "x", "error": "no field 'text' with a string"}
    path = tmp_path / "lines.jsonl"
    path.write_bytes(lines.splitlines()[0])
    assert orjson.loads(crisiswatch("score", path).stdout) == angry


def test_init_writes_a_configuration_that_passes_check_and_replays(
    tmp_path: Path, posts: Path
) -> None:
    folder = tmp_path / "brand"
    written = crisiswatch("init", folder, "--brand", "Acme").stdout.decode()
    assert "crisiswatch.toml" in written
    config = folder / "crisiswatch.toml"
    assert "0 errors" in crisiswatch("check", "--config", config).stdout.decode()
    crisiswatch("replay", posts, "--config", config, "--out", tmp_path / "out")


def test_check_names_every_fault_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('[[topics]]\nname = "a"\ntermz = ["x"]\n\n[readings]\nformat = "auto"\n')
    shown = crisiswatch("check", "--config", path, code=1).stdout.decode()
    assert "termz" in shown
    assert "readings" in shown
    assert "bad.toml:3" in shown
    findings = orjson.loads(crisiswatch("check", "-c", path, "--json", code=1).stdout)
    assert all({"level", "message", "remedy", "line"} <= set(finding) for finding in findings)


def test_the_example_configuration_passes_check() -> None:
    example = REPOSITORY / "deploy" / "examples" / "airline.toml"
    assert "0 errors" in crisiswatch("check", "--config", example).stdout.decode()
