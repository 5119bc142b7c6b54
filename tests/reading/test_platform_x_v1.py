import json

from crisiswatch.reading.post import Kind, Post, Reason, Rejected, Skipped
from crisiswatch.reading.reader import Reader
from tests.reading.platform_fixtures import lines, post_of, read_all

WHOLE = (
    "@nordwind four hours on the floor of terminal 2, no water, no staff, no answer on the phone & "
    "now the app says my flight left without me. How is this allowed to happen two days in a row?"
)


def test_a_cut_status_is_read_from_its_extension_to_the_millisecond() -> None:
    assert read_all("x-v1")[0] == Post(
        id="1050118621198921728",
        platform="x",
        author="mira_k",
        text=WHOLE,
        posted_at_ms=1_539_202_764_657,
        followers=412,
        reach=412,
        language="en",
    )


def test_a_retweet_carries_the_whole_original_and_the_reach_of_its_sender() -> None:
    post = post_of(read_all("x-v1")[1])
    assert (post.kind, post.text, post.author) == (Kind.REPOST, WHOLE, "jo_reads")
    assert (post.id, post.reach) == ("1050118700000000001", 15_020)


def test_a_quoting_status_keeps_its_own_words() -> None:
    post = post_of(read_all("x-v1")[2])
    assert (post.kind, post.text) == (Kind.QUOTE, "Sorry does not find my bag. https://t.co/q")


def test_full_text_goes_before_text_and_the_time_is_read_with_its_offset() -> None:
    post = post_of(read_all("x-v1")[3])
    assert post.text == "@mira_k Terminal 2 hier auch 🙄 nichts geht"
    assert (post.kind, post.in_reply_to) == (Kind.REPLY, "1050118621198921728")
    assert post.posted_at_ms == 1_539_202_925_000


def test_notices_of_the_stream_are_skipped_by_name() -> None:
    assert read_all("x-v1")[4:] == [Skipped(kind="delete"), Skipped(kind="limit")]


def test_a_numeric_id_will_do() -> None:
    status = json.loads(lines("x-v1")[0])
    del status["id_str"]
    post = post_of(Reader(format="x-v1").read(json.dumps(status).encode()))
    assert post.id == "1050118621198921728"


def test_what_is_missing_or_absurd_is_named() -> None:
    reader = Reader(format="x-v1")
    for fields, reason, named in (
        ({"text": "x"}, Reason.MISSING_FIELD, "id_str"),
        ({"id_str": "1"}, Reason.MISSING_FIELD, "text"),
        ({"id_str": "1", "text": "x"}, Reason.MISSING_FIELD, "created_at"),
        ({"id_str": "1", "text": "x", "created_at": "Wed Oct 10"}, Reason.ABSURD_DATE, "Oct 10"),
        ({"id_str": "1", "text": "x", "timestamp_ms": "soon"}, Reason.ABSURD_DATE, "soon"),
    ):
        answer = reader.read(json.dumps(fields).encode())
        assert isinstance(answer, Rejected)
        assert answer.reason is reason
        assert named in answer.detail
