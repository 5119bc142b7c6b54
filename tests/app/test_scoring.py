from pathlib import Path

import orjson
import pytest

from crisiswatch.app.scoring import run_score


def test_a_post_may_have_a_field_called_error_and_a_byte_order_mark(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": 1, "text": "worst ever", "error": "E42"}\n\n')
    assert run_score(path) == 0
    (answer,) = capfdbinary.readouterr().out.splitlines()
    assert {"id", "p_negative", "text"} <= set(orjson.loads(answer))


def test_what_can_not_be_scored_is_answered_in_its_place(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b'{"id": 1, "text": 5}\n[]\n{\n')
    assert run_score(path) == 1
    answers = [orjson.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert answers[0] == {"id": 1, "error": "no field 'text' with a string"}
    assert answers[1] == {"error": "no JSON object"}
    assert answers[2]["error"].startswith("no JSON: ")
