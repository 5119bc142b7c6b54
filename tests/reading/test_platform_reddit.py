import json

from crisiswatch.reading.post import Kind, Post, Reason, Rejected, Skipped
from crisiswatch.reading.reader import Reader
from tests.reading.platform_fixtures import post_of, read_all


def test_a_comment_is_a_reply_to_its_parent() -> None:
    assert read_all("reddit")[0] == Post(
        id="t1_mfz0001",
        platform="reddit",
        author="jo_reads",
        text="Never again with Nordwind.",
        posted_at_ms=1_741_108_831_000,
        in_reply_to="t3_1j3abc0",
        kind=Kind.REPLY,
    )


def test_an_archived_comment_gets_its_full_name_and_its_time_from_digits() -> None:
    post = post_of(read_all("reddit")[1])
    assert (post.id, post.posted_at_ms) == ("t1_mfz0002", 1_741_108_850_000)


def test_a_thing_is_unwrapped_and_entities_are_turned_back() -> None:
    post = post_of(read_all("reddit")[2])
    assert post.text == "> crew gone\n\nCrews time out & go home."
    assert post.in_reply_to == "t1_mfz0001"


def test_a_submission_reads_as_title_and_text() -> None:
    post = post_of(read_all("reddit")[3])
    assert post.text == "Nordwind left us on the tarmac\n\nGate closed, crew gone."
    assert (post.id, post.kind, post.in_reply_to) == ("t3_1j3abc0", Kind.POST, None)


def test_what_is_gone_is_skipped_as_such() -> None:
    kinds = [answer.kind for answer in read_all("reddit") if isinstance(answer, Skipped)]
    assert kinds == ["deleted", "removed", "more"]
    submission = {"id": "a", "title": "x", "selftext": "[removed]", "created_utc": 1_741_108_850}
    answer = Reader(format="reddit").read(json.dumps(submission).encode())
    assert answer == Skipped(kind="removed")


def test_a_parent_written_as_a_number_is_named_in_base_36() -> None:
    comment = {"id": "a", "body": "x", "created_utc": 1_741_108_850, "parent_id": 36 * 35 + 1}
    assert (
        post_of(Reader(format="reddit").read(json.dumps(comment).encode())).in_reply_to == "t1_z1"
    )


def test_what_is_missing_is_named() -> None:
    whole = {"id": "a", "body": "x", "created_utc": 1_741_108_850}
    for field in whole:
        line = json.dumps({name: value for name, value in whole.items() if name != field}).encode()
        answer = Reader(format="reddit").read(line)
        assert isinstance(answer, Rejected)
        assert answer.reason is Reason.MISSING_FIELD
        assert field in answer.detail
