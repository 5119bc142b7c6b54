import json

import pytest

from crisiswatch.reading.platforms.html_text import plain_text
from crisiswatch.reading.post import Kind, Post, Reason, Rejected, Skipped
from crisiswatch.reading.reader import Reader
from tests.reading.platform_fixtures import post_of, read_all

WHOLE = (
    "Rock & hard place: @nordwind cancels <everything>\nagain.\n\n"
    "https://news.example.com/nordwind/strike-2025 #strike"
)


def test_a_status_is_read_with_its_html_as_text() -> None:
    assert read_all("mastodon")[0] == Post(
        id="114105611000000001",
        platform="mastodon",
        author="mira@tea.example",
        text=WHOLE,
        posted_at_ms=1_741_108_831_250,
        followers=412,
        reach=412,
        language="en",
    )


def test_a_boost_carries_the_original_and_the_reach_of_its_sender() -> None:
    post = post_of(read_all("mastodon")[1])
    assert (post.kind, post.text, post.author) == (Kind.REPOST, WHOLE, "jo")
    assert (post.id, post.reach) == ("114105611000000002", 15_020)


def test_a_content_warning_stands_before_the_reply_it_covers() -> None:
    post = post_of(read_all("mastodon")[2])
    assert post.text == "aviation\n\nÇa recommence…"
    assert (post.kind, post.in_reply_to) == (Kind.REPLY, "114105611000000001")


def test_a_quote_keeps_its_own_words_and_hidden_followers_are_none() -> None:
    post = post_of(read_all("mastodon")[3])
    assert (post.kind, post.text, post.followers) == (Kind.QUOTE, "Worth reading.", 0)


def test_a_streamed_update_holds_its_status_as_a_string() -> None:
    post = post_of(read_all("mastodon")[4])
    assert (post.text, post.language) == ("Gestrandet in Köln 😡", "de")


def test_other_events_are_skipped_by_name() -> None:
    assert read_all("mastodon")[5:] == [Skipped(kind="delete"), Skipped(kind="status.update")]
    answer = Reader(format="mastodon").read(b'{"event":"made-up","payload":"{}"}')
    assert answer == Skipped(kind="other-event")


def test_a_broken_payload_is_rejected_as_what_it_is() -> None:
    for payload, reason in (
        ("{", Reason.NOT_JSON),
        (None, Reason.MISSING_FIELD),
        ("[]", Reason.WRONG_TYPE),
        ('{"id":"1"}', Reason.MISSING_FIELD),
        ('{"id":"1","created_at":"2025-03-04T17:20:31Z"}', Reason.MISSING_FIELD),
        ('{"id":"1","created_at":"2025-03-04T17:20:31Z","content":5}', Reason.WRONG_TYPE),
    ):
        line = json.dumps({"event": "update", "payload": payload}).encode()
        answer = Reader(format="mastodon").read(line)
        assert isinstance(answer, Rejected)
        assert answer.reason is reason, payload


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<hr>b<img src=x>c", "abc"),
        ("<p dir=auto>x</p>", "x"),
        ("plain &amp; simple", "plain & simple"),
        ("no markup", "no markup"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<br>two<br/>three</p>", "one\ntwo\nthree"),
        ("Flug<b>hafen</b>", "Flughafen"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ('<p>seen<span class="invisible">not <i>this</i></span>!</p>', "seen!"),
        ("<p>a<script>alert(1)</script>b</p>", "ab"),
        ("1 < 2 &lt;3", "1 < 2 <3"),
        ("a <!-- aside --> b", "a  b"),
        ("&#x1F621;&eacute;&nbsp;x", "😡é\xa0x"),
        ("&#xD83D; &#0;", "\ufffd \ufffd"),
        ("<P CLASS='quote-inline'>RE: x</P><p>y</p>", "y"),
        ("<p>unclosed", "unclosed"),
        (
            "<a href='https://a.example'><span class=invisible>https://</span>a.example</a>",
            "https://a.example",
        ),
    ],
)
def test_html_reads_as_on_screen(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize("piece", ["<", "<a", "<a class=", "</", "&", "<!", "<p>", "<br", "<a a"])
def test_hostile_html_takes_time_in_proportion(piece: str) -> None:
    # Quadratic time would take hours here.
    assert isinstance(plain_text(piece * 200_000 + " " * 100_000), str)
