"""Nobody answers at 03:00.

03:00 the crisis opens at high: Per is on call, Lex (legal) and Olu (operations) are called too
03:15 nobody has answered: Lea
03:30 once more from the start: Per, 03:45 Lea
04:00 the last resort: the CEO, and again every half hour, until somebody answers
"""

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import crisis_room


def test_escalation_goes_on_until_somebody_answers(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=95)

        assert room.pages() == [
            ("03:00", "per"),
            ("03:15", "lea"),
            ("03:30", "per"),
            ("03:45", "lea"),
            ("04:00", "ceo"),
            ("04:30", "ceo"),
        ]
        (page, *_) = room.told(place="U0CEO", key="/page/")
        answers = room.press(page, "acknowledge", by="lea")
        assert [answer.ok for answer in answers] == [True]

        room.passes(minutes=50)
        assert len(room.pages()) == 6
