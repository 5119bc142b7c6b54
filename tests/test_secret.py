"""Secrets are used and never shown."""

import copy
import logging
import pickle
import traceback
from dataclasses import asdict, dataclass

import pytest

from crisiswatch.secret import Secret

HUSH = Secret("xoxb-hush")


@dataclass(frozen=True)
class Holder:
    """What a configuration with a secret in it looks like."""

    token: Secret


@pytest.mark.parametrize(
    "shown",
    [str(HUSH), repr(HUSH), f"{HUSH}", f"{HUSH:>20}", f"{HUSH!r}", "".join(map(str, (HUSH, [HUSH]))),
     repr(Holder(HUSH)), str([HUSH]), str({"a": HUSH})],
)  # fmt: skip
def test_however_it_is_printed_it_does_not_show(shown: str) -> None:
    assert "(secret)" in shown
    assert "hush" not in shown


def test_no_log_and_no_traceback_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(token: Secret) -> None:
        raise ValueError(token)

    with pytest.raises(ValueError, match="secret") as raised:
        refuse(HUSH)

    logging.getLogger("x").error("refused %s", HUSH, exc_info=raised.value)
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    shown = "".join(told.format()) + caplog.text
    assert "(secret)" in shown
    assert "hush" not in shown


def test_it_reveals_itself_to_who_asks() -> None:
    assert HUSH.reveal() == "xoxb-hush"


def test_equal_secrets_are_equal_and_nothing_else_is() -> None:
    assert Secret("xoxb-hush") == HUSH
    assert hash(Secret("xoxb-hush")) == hash(HUSH)
    assert Secret("other") != HUSH
    assert HUSH != "xoxb-hush"


@pytest.mark.parametrize(
    "leak",
    [pickle.dumps, copy.deepcopy, lambda it: asdict(Holder(it))],
    ids=["pickle", "deepcopy", "asdict"],
)
def test_it_refuses_to_be_written_out_with_what_holds_it(leak: object) -> None:
    assert callable(leak)
    with pytest.raises(TypeError, match="not pickled or copied"):
        leak(HUSH)
