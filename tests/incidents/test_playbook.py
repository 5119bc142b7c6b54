import msgspec
import pytest

from crisiswatch.detection.signal import Severity
from crisiswatch.errors import ConfigError, StoreError
from crisiswatch.incidents.front_matter import CrisisType
from crisiswatch.incidents.playbook import (
    Playbook,
    decode_playbook,
    encode_playbook,
    playbook_id,
)
from crisiswatch.incidents.runbook import Runbook, load_packaged_runbooks

RUNBOOKS = load_packaged_runbooks()
ALL = Playbook(runbooks=tuple(RUNBOOKS.values()))


@pytest.mark.parametrize("crisis_type", RUNBOOKS)
def test_a_runbook_comes_back_from_json_equal(crisis_type: str) -> None:
    runbook = RUNBOOKS[crisis_type]
    again = msgspec.json.decode(msgspec.json.encode(runbook), type=Runbook)
    assert again == runbook
    assert isinstance(again.crisis_type, CrisisType)
    assert isinstance(again.levels[0][0], Severity)
    assert again.level(Severity.CRITICAL) == runbook.level(Severity.CRITICAL)


def test_a_playbook_comes_back_equal_and_keeps_its_id() -> None:
    again = decode_playbook(encode_playbook(ALL))
    assert again == ALL
    assert playbook_id(again) == playbook_id(ALL)
    assert len(bytes.fromhex(playbook_id(ALL))) == 8


def test_an_edit_and_another_order_are_other_playbooks() -> None:
    fewer = Playbook(runbooks=ALL.runbooks[1:])
    turned = Playbook(runbooks=ALL.runbooks[::-1])
    assert len({playbook_id(book) for book in (ALL, fewer, turned)}) == 3


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"runbooks": [1]}', b"\xff", b'{"r'])
def test_what_is_no_playbook_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(StoreError, match=r"a stored playbook can not be read: .*; run the release"):
        decode_playbook(data)


@pytest.mark.parametrize("crisis_type", list(CrisisType))
def test_every_type_finds_its_runbook(crisis_type: CrisisType) -> None:
    assert ALL.runbook(crisis_type.value).crisis_type is crisis_type


def test_a_type_without_a_runbook_is_run_as_a_viral_complaint_else_as_the_first() -> None:
    rumour, viral = RUNBOOKS["rumour"], RUNBOOKS["viral-complaint"]
    assert Playbook(runbooks=(rumour, viral)).runbook("data-breach") is viral
    assert Playbook(runbooks=(rumour,)).runbook("data-breach") is rumour
    assert Playbook(runbooks=(rumour, viral)).runbook("") is viral


def test_a_playbook_without_runbooks_says_so() -> None:
    with pytest.raises(ConfigError, match="the playbook holds no runbook"):
        Playbook(runbooks=()).runbook("rumour")
