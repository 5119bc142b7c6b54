"""Where secrets come from."""

from pathlib import Path

import pytest

from crisiswatch.app.secrets import required_secret, secret
from crisiswatch.errors import ConfigError


def kept(folder: Path, text: bytes, mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_bytes(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("given", ["xoxb-1", " xoxb-1\n"], ids=["plain", "white-space"])
def test_a_variable_gives_it(given: str) -> None:
    found = secret("TOKEN", {"TOKEN": given})
    assert found is not None
    assert found.reveal() == "xoxb-1"


@pytest.mark.parametrize("text", [b"xoxb-1", b"xoxb-1\n", b"xoxb-1\r\n"])
def test_a_file_gives_it_without_its_line_break_and_warns_of_nothing(
    tmp_path: Path, text: bytes
) -> None:
    warnings: list[str] = []
    path = kept(tmp_path, text)
    found = secret("TOKEN", {"TOKEN_FILE": str(path)}, warn=warnings.append)
    assert found is not None
    assert found.reveal() == "xoxb-1"
    assert warnings == []


def test_a_file_that_everybody_can_read_is_warned_of_and_used(tmp_path: Path) -> None:
    warnings: list[str] = []
    path = kept(tmp_path, b"xoxb-1", 0o644)
    assert secret("TOKEN", {"TOKEN_FILE": str(path)}, warn=warnings.append) is not None
    (warning,) = warnings
    assert str(path) in warning
    assert "chmod o-r" in warning
    assert "xoxb" not in warning


@pytest.mark.parametrize(
    "environment", [{}, {"TOKEN": ""}, {"TOKEN": "", "TOKEN_FILE": ""}], ids=str
)
def test_an_empty_variable_counts_as_none(environment: dict[str, str]) -> None:
    assert secret("TOKEN", environment) is None
    with pytest.raises(ConfigError, match="TOKEN is not set"):
        required_secret("TOKEN", environment)


def test_both_at_once_are_refused_unseen() -> None:
    with pytest.raises(ConfigError, match="both TOKEN and TOKEN_FILE") as raised:
        secret("TOKEN", {"TOKEN": "xoxb-1", "TOKEN_FILE": "/run/token"})
    assert "xoxb" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [(None, "No such file"), (b"\n", "is empty"), (b"\xff\xfe", "not UTF-8")],
    ids=["missing", "empty", "not-text"],
)
def test_a_file_that_gives_none_is_named(tmp_path: Path, text: bytes | None, problem: str) -> None:
    path = tmp_path / "token" if text is None else kept(tmp_path, text)
    with pytest.raises(ConfigError, match=problem) as raised:
        secret("TOKEN", {"TOKEN_FILE": str(path)})
    assert str(path) in str(raised.value)
    assert "TOKEN_FILE" in str(raised.value)
