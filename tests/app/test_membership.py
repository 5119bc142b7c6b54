"""Which process of a cluster this one is."""

import socket

import pytest

from crisiswatch.app.membership import Member, member_of
from crisiswatch.errors import InputError

TWO = "a-0:2101, b-1:2101"


@pytest.mark.parametrize(
    ("process_id", "addresses", "member"),
    [
        pytest.param(None, None, Member(), id="alone"),
        pytest.param("0", "a:1", Member(), id="a-cluster-of-one"),
        pytest.param("1", TWO, Member(number=1, addresses=("a-0:2101", "b-1:2101")), id="second"),
    ],
)
def test_the_command_line_says_which(
    process_id: str | None, addresses: str | None, member: Member
) -> None:
    assert member_of(process_id, addresses) == member


@pytest.mark.parametrize(
    ("process_id", "addresses", "told"),
    [
        pytest.param("0", None, "go together", id="no-addresses"),
        pytest.param(None, TWO, "go together", id="no-id"),
        pytest.param("2", TWO, "not among 2 addresses", id="beyond"),
        pytest.param("-1", TWO, "is no number", id="below"),
        pytest.param("0", "a,b", "no list of host:port", id="no-ports"),
        pytest.param("0", " , ", "no list of host:port", id="empty"),
    ],
)
def test_what_does_not_go_together_is_refused(
    process_id: str | None, addresses: str | None, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        member_of(process_id, addresses)


def test_auto_is_the_number_at_the_end_of_the_hosts_name() -> None:
    host = socket.gethostname()
    number = host.rpartition("-")[2]
    if host != number and number.isdecimal():
        addresses = ",".join(f"h:{port}" for port in range(1, int(number) + 2))
        assert member_of("auto", addresses).number == int(number)
    else:
        with pytest.raises(InputError, match="does not end in a number"):
            member_of("auto", TWO)
