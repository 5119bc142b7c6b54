"""The configuration is edited while a crisis is open, and the responder restarted.

03:00 air opens under the old policy: Per is paged, Ada is asked to approve
03:05 new: a third step, 5 minutes to answer, Ben approves; Pia takes over, Olu leads
03:15 air, old policy (15 minutes, then crisis-lead), people of now:  Olu
03:20 sea opens, new policy: Pia, 03:25 operations (Olu), 03:30 Olu, who leads
"""

from pathlib import Path
from shutil import copytree

from crisiswatch.detection.signal import Severity
from tests.conftest import REPOSITORY
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import PEOPLE, TEAM, CrisisRoom, crisis_room, member, team

OVERRIDE = """
[[rotas.overrides]]
person = "pia"
start = 2026-03-10T03:05:00Z
end = 2026-03-10T08:00:00Z
"""
FERRY = "the ferry left without half of its passengers"


def edited(folder: Path) -> str:
    """Return the new configuration; its runbooks are written to the folder."""
    copytree(REPOSITORY / "runbooks", folder / "runbooks")
    runbook = folder / "runbooks" / "service-outage.md"
    said = runbook.read_text(encoding="utf-8")
    assert 'ack_within = "15m"' in said
    runbook.write_text(said.replace('ack_within = "15m"', 'ack_within = "5m"'), encoding="utf-8")
    base = TEAM
    for old, new in (
        ("[response]\n", '[response]\nrunbooks = "runbooks"\n'),
        ('ask = ["person:ada"]\nbackup = ["person:ben"]', 'ask = ["person:ben"]'),
        ('handover = "08:00"\nevery = "1d"\n', f'handover = "08:00"\nevery = "1d"\n{OVERRIDE}'),
        ('name = "crisis-lead"\nalways = ["lea"]', 'name = "crisis-lead"\nalways = ["olu"]'),
        (
            '[{ notify = ["pr-on-call"] }, { notify',
            '[{ notify = ["pr-on-call"] }, { notify = ["operations"] }, { notify',
        ),
    ):
        assert old in base, old
        base = base.replace(old, new)
    return team(base=base, people=PEOPLE | {"olu": ("agent", "lead")})


def edited_at_five_past(room: CrisisRoom, folder: Path) -> None:
    """Open one crisis before the edit, and another after it."""
    (before,) = room.responders
    room.signal("opened", Severity.HIGH)
    room.passes(minutes=5)
    room.stop_responder(before)
    room.add_responder(edited(folder), folder)
    room.passes(minutes=15)
    room.signal("opened", Severity.HIGH, topic="sea", theme=FERRY)
    room.passes(minutes=14)


def test_the_open_incident_goes_on_as_it_began_with_the_people_of_now(
    make_store: MakeStore, tmp_path: Path
) -> None:
    with crisis_room(make_store) as room:
        edited_at_five_past(room, tmp_path)
        assert room.pages() == [("03:00", "per"), ("03:15", "olu"), ("03:30", "pia")]


def test_a_new_incident_opens_under_the_new_policy(make_store: MakeStore, tmp_path: Path) -> None:
    with crisis_room(make_store) as room:
        edited_at_five_past(room, tmp_path)
        assert room.pages("sea") == [("03:20", "pia"), ("03:25", "olu"), ("03:30", "olu")]
        assert room.case("air").policy != room.case("sea").policy


def test_each_message_goes_to_the_approvers_of_its_own_policy(
    make_store: MakeStore, tmp_path: Path
) -> None:
    with crisis_room(make_store) as room:
        edited_at_five_past(room, tmp_path)
        asked = [
            (one.key.partition("/")[0], one.place, f"{one.at:%H:%M}")
            for one in room.told(key="/ask/")
        ]
        assert asked == [
            ("air", member("ada"), "03:00"),
            ("air", member("ben"), "03:10"),
            ("sea", member("ben"), "03:20"),
            # nobody else is named as a backup: everybody who may approve
            ("sea", member("ada"), "03:30"),
        ]


def test_a_restart_with_the_same_file_changes_nothing(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        (before,) = room.responders
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=5)
        room.stop_responder(before)
        room.add_responder()
        room.passes(minutes=11)
        room.signal("opened", Severity.HIGH, topic="sea", theme=FERRY)
        assert room.pages() == [("03:00", "per"), ("03:15", "lea")]
        assert room.case("air").policy == room.case("sea").policy
        assert room.slack.duplicates() == {}
