import json

from crisiswatch.reading.post import Kind, Post, Read, Reason, Rejected, Skipped
from crisiswatch.reading.reader import Reader
from tests.reading.platform_fixtures import post_of, read_all

WHOLE = "Fog & silence: @nordwind left 3 <full> planes on the tarmac 😡"


def read(**fields: object) -> Read:
    return Reader(format="x-v2").read(json.dumps(fields).encode())


def test_an_envelope_names_its_author_from_the_includes_and_entities_are_turned_back() -> None:
    assert read_all("x-v2")[0] == Post(
        id="1896968472000001024",
        platform="x",
        author="mira_k",
        text=WHOLE,
        posted_at_ms=1_741_108_831_000,
        followers=412,
        reach=412,
        language="en",
    )


def test_a_repost_carries_the_whole_original_and_the_reach_of_its_sender() -> None:
    post = post_of(read_all("x-v2")[1])
    assert (post.kind, post.text, post.author) == (Kind.REPOST, WHOLE, "jo_reads")
    assert (post.followers, post.reach) == (15_020, 15_020)


def test_a_repost_without_its_original_in_the_includes_keeps_the_cut_text() -> None:
    reference = {"type": "retweeted", "id": "9"}
    answer = read(id="1896968602000003072", text="RT @a: b…", referenced_tweets=[reference])
    assert post_of(answer).text == "RT @a: b…"


def test_a_reply_names_the_post_it_answers_and_und_is_no_language() -> None:
    post = post_of(read_all("x-v2")[2])
    assert (post.kind, post.in_reply_to) == (Kind.REPLY, "1896968472000001024")
    assert post.language is None


def test_a_long_quoting_post_is_read_whole_and_keeps_only_its_own_words() -> None:
    post = post_of(read_all("x-v2")[3])
    assert post.kind is Kind.QUOTE
    assert post.text.count("nobody came") == 12


def test_a_bare_post_without_time_has_the_time_in_its_id() -> None:
    post = post_of(read_all("x-v2")[4])
    assert post.posted_at_ms == (1_896_969_347_000_006_144 >> 22) + 1_288_834_974_657


def test_without_includes_the_author_is_the_id() -> None:
    post = post_of(read_all("x-v2")[5])
    assert (post.author, post.followers, post.language) == ("80", 0, "fr")


def test_a_report_of_errors_is_skipped() -> None:
    assert read_all("x-v2")[6] == Skipped(kind="error")


def test_what_is_missing_is_named() -> None:
    for fields, named in (
        ({"data": {"id": "1896968602000003072"}}, "text"),
        ({"data": {"text": "x"}}, "id"),
        ({"data": {"id": "7", "text": "x"}}, "created_at"),
    ):
        answer = read(**fields)
        assert isinstance(answer, Rejected)
        assert answer.reason is Reason.MISSING_FIELD
        assert named in answer.detail
