from pathlib import Path

import orjson
import pytest

from crisiswatch.app.config_file import read_config
from crisiswatch.app.online import online_findings
from crisiswatch.app.setting_up import run_check, runbooks_of
from crisiswatch.app.wiring import beside
from crisiswatch.errors import InputError


def test_folders_are_taken_relative_to_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "crisiswatch.toml"
    assert beside(path, "recovery") == tmp_path / "recovery"
    assert beside(path, "/var/recovery") == Path("/var/recovery")
    assert beside(None, "recovery") == Path("recovery")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[response]\nrunbooks = "none"\n', "no such folder of runbooks"),
        (b"# caf\xe9\n", "not UTF-8"),
        (b'[readin]\nformat = "auto"\n', "unknown key"),
        (
            (
                b'[[silences]]\ntopics = ["a"]\nowner = "o"\nreason = "r"\n'
                b"start = 2026-03-01T09:00:00\nend = 2026-03-09T09:00:00\n"
            ),
            "ends at 2026-03-09T09:00:00, after more than 7 days",
        ),
    ],
    ids=["no-runbooks", "not-utf8", "unknown-key", "a-silence-of-eight-days"],
)
def test_check_answers_a_script_in_json_whatever_is_wrong(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    path = tmp_path / "crisiswatch.toml"
    path.write_bytes(content)
    assert run_check(path, as_json=True) == 1
    (finding,) = orjson.loads(capfd.readouterr().out)
    assert message in finding["message"]
    assert (finding["level"], finding["source"]) == ("error", str(path))


def test_a_configuration_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml"):
        run_check(tmp_path / "none.toml", as_json=True)


def test_a_runbook_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "crisiswatch.toml"
    path.write_text('[response]\nrunbooks = "books"\n')
    book = tmp_path / "books" / "rumour.md"
    book.mkdir(parents=True)
    with pytest.raises(InputError, match=r"rumour\.md: Is a directory"):
        runbooks_of(read_config(path), path)
    book.rmdir()
    book.write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match=r"rumour\.md: not UTF-8"):
        runbooks_of(read_config(path), path)


def test_a_calendar_that_is_not_there_hides_no_other_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "crisiswatch.toml"
    path.write_text(
        '[store]\nurl = "redis://127.0.0.1:1/0"\n'
        '[[topics]]\nname = "a"\nterms = ["a", "a"]\n'
        '[[people]]\nid = "ada"\nname = "Ada"\nroles = ["agent"]\n'
        '[[rotas]]\nname = "pr-on-call"\nical = "none.ics"\n'
    )
    monkeypatch.setenv("CRISISWATCH_REDIS_PASSWORD_FILE", str(tmp_path / "no-password"))
    monkeypatch.setenv("SLACK_BOT_TOKEN_FILE", str(tmp_path / "no-token"))
    assert run_check(path, as_json=True, online=online_findings) == 1
    told = " ".join(finding["message"] for finding in orjson.loads(capfd.readouterr().out))
    assert "none.ics" in told
    assert "no-password" in told
    assert "no-token" in told
