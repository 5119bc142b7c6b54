"""`incidents` as people type it, while `up` runs on the console: what it prints, typed verbatim."""

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from crisiswatch.cli import app
from crisiswatch.errors import CrisiswatchError
from tests.doubles.up_process import Running, until

pytestmark = pytest.mark.slow

START_S = 1_767_225_600
CONFIG = """
[[topics]]
name = "dune"
terms = ["dune"]

[[topics]]
name = "dune sea"
terms = ["fremen"]

[response]
languages = ["en"]

[slack]
agents_channel = "C0AGENTS01"

[approval]
ask = ["person:ada", "person:ben"]
within = "6h"

[reserve]
people = ["gia", "gus"]
answer_within = "6h"

[[rotas]]
name = "pr-on-call"
always = ["ada"]
"""
ROLES = {
    "ada": ("agent", "approver"),
    "ben": ("agent", "approver"),
    "lea": ("agent", "lead"),
    "vic": ("viewer",),
    "gia": ("agent",),
    "gus": ("agent",),
}
OUTRAGE = (
    ("dune", 40, "what a disgrace, worst service ever, I hate you"),
    ("fremen", 25, "lost my suitcase again, awful, nobody answers the phone, so angry"),
)
"""Two crises that have nothing to do with each other: topic's word, posts a minute, what they say."""

WARM_UP = 60
"""Calm minutes before both."""

PRINTED = re.compile(r"crisiswatch incidents .*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A service that runs with two open incidents, and what it has printed."""

    up: Running
    config: Path
    store: Path

    def type(self, *words: str, code: int = 0) -> str:
        """Run `incidents` with these words; return all that it prints."""
        arguments = ["incidents", *words, "-c", str(self.config), "--store", str(self.store)]
        return answered(arguments, code=code)

    def printed(self, verb: str, *, case: str = "dune/") -> str:
        """Return the newest command with this verb that was printed for a case; wait for one."""
        until(lambda: self._printed(verb, case), f"{verb} in {self.up.out[-3000:]}")
        return self._printed(verb, case)[-1]

    def _printed(self, verb: str, case: str) -> list[str]:
        commands = PRINTED.findall(self.up.out)
        start = f"crisiswatch incidents {verb} "
        return [one for one in commands if one.startswith((start + case, f"{start}'{case}"))]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("incidents")
    config, posts, store = folder / "crisis.toml", folder / "posts.jsonl", folder / "a store"
    people = (
        f'[[people]]\nid = "{name}"\nname = "{name.title()}"\nslack = "U0{name.upper()}"\n'
        f"roles = {list(roles)}\n"
        for name, roles in ROLES.items()
    )
    config.write_text("\n".join((CONFIG, *people)))
    posts.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in _recording()))
    words = ("up", "-c", config, "--replay", posts, "--speed", "200", "--store", store, "--stay")
    with Running(*words, "--out", folder / "out", folder=folder / "up") as up:
        made = Room(up=up, config=config, store=store)
        made.printed("approve")
        made.printed("ack", case="dune sea/")
        yield made


def _recording() -> Iterator[dict[str, object]]:
    for minute in range(WARM_UP + 60):
        at_s = START_S + 60 * minute
        yield {"id": f"c{minute}", "text": "tea", "posted_at": at_s, "author": "someone"}
        for topic, posts, words in OUTRAGE:
            for one in range(posts if minute >= WARM_UP else 0):
                name = f"{topic}-{minute}-{one}"
                text = f"{topic} {words} {one}"
                yield {"id": name, "text": text, "posted_at": at_s, "author": f"a{name}"}


def typed(command: str, *, by: str, code: int = 0, **more: str) -> str:
    """Type a printed command as it stands, as a person."""
    program, *arguments = shlex.split(command)
    assert program == "crisiswatch"
    return answered(arguments, code=code, CRISISWATCH_PERSON=by, **more)


def answered(arguments: list[str], *, code: int, **environment: str) -> str:
    """Return what the program says, run within this process: starting one takes its time."""
    done = CliRunner().invoke(app, arguments, env=environment)
    if isinstance(done.exception, CrisiswatchError):
        assert code == 2, done.exception
        return str(done.exception)
    assert done.exit_code == code, done.output
    return done.output


def test_what_is_printed_can_be_typed_as_it_stands(room: Room) -> None:
    assert "DUNE" in typed(room.printed("show"), by="ada").upper()
    assert "You are on it" in typed(room.printed("ack"), by="ada")
    room.up.wait_for("On it: Ada")
    # the person who was asked stands in these commands: whose terminal it is does not matter
    assert typed(room.printed("accept"), by="nobody")
    assert typed(room.printed("decline"), by="nobody")


def test_an_edited_and_approved_message_is_published_for_the_agents(room: Room) -> None:
    editor = f"{sys.executable} {Path(__file__).with_name('made_editor.py')}"
    typed(room.printed("edit"), by="ada", EDITOR=editor, VISUAL=editor)
    room.up.wait_for("Edited at the terminal.")
    before = room.up.out.count("→ C0AGENTS01")
    typed(room.printed("approve"), by="vic", code=1)
    assert room.up.out.count("→ C0AGENTS01") == before
    typed(room.printed("approve"), by="ada")
    typed(room.printed("approve"), by="ben")  # critical: two different people
    room.up.wait_for("→ C0AGENTS01")


def test_a_lead_who_is_no_approver_does_not_approve(room: Room) -> None:
    assert "approver" in typed(room.printed("approve", case="dune sea/"), by="lea", code=1)


def test_a_message_is_rejected_with_the_printed_words(room: Room) -> None:
    tried: set[str] = set()

    def is_rejected() -> bool:
        # the crisis goes on meanwhile: a message may give way to a newer one while it is rejected
        command = room.printed("reject", case="dune sea/")
        if command not in tried:
            tried.add(command)
            _, *arguments = shlex.split(command)
            CliRunner().invoke(app, arguments, env={"CRISISWATCH_PERSON": "ada"})
        return "rejected" in room.type("show", "sea")

    until(is_rejected, "a message that is rejected")


def test_the_list_shows_whole_names_at_80_columns(room: Room) -> None:
    lines = room.type("list").splitlines()
    listed = {case["id"] for case in orjson.loads(room.type("list", "--json"))}
    assert len(listed) == 2
    assert {line.partition("dune")[1] + line.partition("dune")[2] for line in lines[1:]} == listed


def test_a_case_goes_by_the_part_of_its_name_that_is_its_own(room: Room) -> None:
    assert orjson.loads(room.type("show", "SEA", "--json"))["topic"] == "dune sea"
    ambiguous = room.type("show", "dune", code=2)
    assert "'dune' names 2 incidents" in ambiguous
    assert len(ambiguous.strip().splitlines()) == 1
    assert "names 0 incidents (none)" in room.type("show", "moon", code=2)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        pytest.param("vic", ("ack", "sea"), id="viewer-acknowledges"),
        pytest.param("stranger", ("ack", "sea"), id="stranger-acknowledges"),
        pytest.param("vic", ("note", "sea", "hm"), id="viewer-notes"),
        pytest.param("ada", ("resolve", "sea", "--note", "x"), id="approver-resolves"),
        pytest.param("ada", ("severity", "sea", "low", "--reason", "x"), id="approver-lowers"),
        pytest.param("ada", ("type", "sea", "rumour"), id="approver-corrects-the-type"),
        pytest.param("ada", ("accept", "sea"), id="accepts-who-was-not-asked"),
    ],
)
def test_who_may_not_is_refused(
    room: Room, tmp_path: Path, by: str, words: tuple[str, ...]
) -> None:
    refused = room.type(*words, "--as", by, code=1)
    assert refused.strip()
    out = tmp_path / "audit.jsonl"
    export = ("audit", "export", "--store", str(room.store), "--incident", "sea")
    answered([*export, "--out", str(out)], code=0)
    actors = [orjson.loads(line)["actor"] for line in out.open("rb")]
    assert by in actors


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("severity", "sea", "awful", "--reason", "x"), "'awful'", id="severity"),
        pytest.param(("approve", "sea", "--text", "ffff"), "'ffff'", id="text"),
        pytest.param(("approve", "sea"), "--text", id="approve-whatever-is-newest"),
        pytest.param(("reject", "sea", "--reason", "x"), "--text", id="reject-whatever-is-newest"),
        pytest.param(("settle", "sea"), "--went-out", id="settle-nothing"),
    ],
)
def test_wrong_words_are_told_in_a_line(room: Room, words: tuple[str, ...], told: str) -> None:
    refused = room.type(*words, "--as", "lea", code=2)
    assert told in refused
    assert len(refused.strip().splitlines()) == 1


def test_a_lead_notes_corrects_and_resolves(room: Room) -> None:
    for words in (
        ("note", "sea", "operations confirm"),
        ("type", "sea", "rumour"),
        ("severity", "sea", "low", "--reason", "only talk"),
        ("severity", "sea", "auto", "--reason", "not only talk"),
        ("resolve", "sea", "--note", "it was a rumour"),
    ):
        assert room.type(*words, "--as", "lea").strip()
    shown = room.type("show", "sea")
    for fact in ("operations confirm", "rumour", "resolved", "it was a rumour"):
        assert fact in shown

    def rests() -> bool:
        if "dune sea" not in room.type("list"):
            return True
        # the crisis goes on meanwhile: what gets worse opens it again
        room.type("resolve", "sea", "--note", "it was a rumour", "--as", "lea")
        return False

    until(rests, "a case that stays resolved")
    assert "dune sea" in room.type("list", "--all")


@pytest.mark.parametrize(
    "verb",
    [
        "list",
        "show",
        "ack",
        "resolve",
        "note",
        "severity",
        "type",
        "approve",
        "edit",
        "reject",
        "accept",
        "decline",
        "settle",
    ],
)
def test_help_gives_an_example(verb: str) -> None:
    assert "Example: crisiswatch incidents " + verb in answered(
        ["incidents", verb, "--help"], code=0
    )
