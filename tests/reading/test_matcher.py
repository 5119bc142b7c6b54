"""What counts as being about a topic, entry by entry."""

import copy
import pickle
import random

import pytest

from crisiswatch.errors import ConfigError
from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.topic import Topic
from tests.reading.naive_matching import naive_match


def matches(entry: str, text: str) -> bool:
    topics = [Topic(name="t", terms=(entry,))]
    found = TopicMatcher(topics).match(text)
    assert found == naive_match(text, topics), "the plain search disagrees"
    return found == (0,)


MATCHING = [
    ("JetBlue", "why, JETBLUE?"),
    ("JetBlue", "#jetblue"),
    ("JetBlue", "@jetblue"),
    ("JetBlue", "jetblue's"),
    ("Straße", "STRASSE"),
    ("strasse", "Straẞe"),
    ("café", "cafe\u0301"),
    ("istanbul", "\u0130stanbul".replace("\u0130", "I")),
    ("İstanbul", "i\u0307stanbul"),
    ("go up", "go \n\u00a0 up"),
    ("AT&T", "AT&T's"),
    ("C++", "C++11"),
    ("EE", "(ee)"),
    ("x", "x"),
    ("😀", "a😀b"),
    ("✈", "✈\ufe0f"),
    ("air", "✈\ufe0fair"),
    ("日本", "新日本語"),
    ("iphone", "新しいiPhone買った"),
    ("삼성", "삼성이"),
    ("@acme", "hi @Acme."),
    ("@acme", ".@acme: hello"),
    ("@acme", "感谢@acme"),
    ("@acme", "\uff20acme"),
    ("@acme.bsky.social", "@acme.bsky.social."),
    ("@acme@host.social", "@acme@host.social"),
    ("#flood", "\uff03Flood!"),
    ("#flood", "(#flood)"),
    ("#台風", "#台風が"),
]
NOT_MATCHING = [
    ("JetBlue", "jetblues"),
    ("JetBlue", "ajetblue"),
    ("JetBlue", "jet blue"),
    ("JetBlue", "jetblue_"),
    ("JetBlue", "jetblue\u0301"),
    ("JetBlue", "éjetblue"),
    ("JetBlue", "jetblueж"),
    ("s", "ß"),
    ("cafe", "café"),
    ("cafe", "cafe\u0301"),
    ("AT&T", "xAT&T"),
    ("ไทย", "ไทย\u0e48"),
    ("@acme", "@acme_help"),
    ("@acme", "mail@acme.com"),
    ("@acme", "mail@acme"),
    ("@acme", "@acme.bsky.social"),
    ("@acme", "@acme-help"),
    ("@acme", "@acme@host.social"),
    ("@acme", "@@acme"),
    ("@acme", "acme"),
    ("#flood", "#floods"),
    ("#flood", "flood"),
    ("#flood", "a#flood"),
    ("#flood", "example.org/#flood"),
]


@pytest.mark.parametrize(("entry", "text"), MATCHING)
def test_an_entry_is_found(entry: str, text: str) -> None:
    assert matches(entry, text)


@pytest.mark.parametrize(("entry", "text"), NOT_MATCHING)
def test_a_near_miss_is_not_found(entry: str, text: str) -> None:
    assert not matches(entry, text)


def test_the_second_place_counts_where_the_first_is_part_of_a_word() -> None:
    assert matches("aa", "aaa aa")
    assert matches("air", "airline air")


def test_an_exclusion_vetoes_the_topic_and_no_other() -> None:
    topics = [
        Topic(name="river", terms=("amazon",), exclude=("prime", "@amazon", "#deal")),
        Topic(name="shop", terms=("amazon",)),
    ]
    matcher = TopicMatcher(topics)
    assert matcher.match("the amazon floods") == (0, 1)
    for vetoed in ("amazon Prime", "amazon @amazon", "#deal on amazon"):
        assert matcher.match(vetoed) == (1,)
    assert matcher.match("amazon primes, @amazons #dealer") == (0, 1)


def test_a_language_leaves_out_posts_in_others_but_not_posts_in_none() -> None:
    matcher = TopicMatcher([Topic(name="t", terms=("gift",), languages=("en", "de-AT"))])
    assert matcher.match("gift", "en") == (0,)
    assert matcher.match("gift", "de") == (0,)
    assert matcher.match("gift", "nl") == ()
    assert matcher.match("gift", None) == (0,)


def test_a_term_of_many_topics_hits_them_all_once_in_order() -> None:
    topics = [
        Topic(name=f"t{n}", terms=("flood", "water"), phrases=("flood water",)) for n in range(50)
    ]
    pairs = TopicMatcher(topics).match_many(["dry", "flood water flood", "water"], [None] * 3)
    assert pairs == [(post, topic) for post in (1, 2) for topic in range(50)]


def test_handles_and_hashtags_are_the_same_with_and_without_their_sign() -> None:
    for handle, tag in (("acme", "flood"), ("@acme", "#flood")):
        matcher = TopicMatcher([Topic(name="t", handles=(handle,), hashtags=(tag,))])
        assert matcher.match("@ACME") == matcher.match("#Flood") == (0,)
        assert matcher.match("acme flood") == ()


@pytest.mark.parametrize("odd", ["\0", "a\0b\0", "\ud800", "x" * 100_000, "", " ", "\0\0flood\0"])
def test_odd_texts_disturb_no_neighbour(odd: str) -> None:
    matcher = TopicMatcher([Topic(name="t", terms=("flood",))])
    texts = ["flood", odd, "é flood", odd, "flood"]
    found = {post for post, _ in matcher.match_many(texts, [None] * 5)}
    assert found - {1, 3} == {0, 2, 4}
    assert (1 in found) == ("flood" in odd)


def test_half_a_surrogate_pair_beside_a_term_is_no_letter() -> None:
    matcher = TopicMatcher([Topic(name="t", terms=("flood",))])
    assert matcher.match("a\ud800flood\udc00a") == (0,)


def test_a_batch_gives_what_its_texts_give_one_by_one() -> None:
    rng = random.Random(11)
    words = (
        "flood",
        "FLOOD",
        "flöod",
        "  ",
        "\n",
        "\0",
        "é",
        "@acme",
        "acme",
        "#x",
        "日本",
        "a",
        "go  up",
        "go up",
    )
    topics = [
        Topic(name="a", terms=("flood", "日本"), exclude=("acme",)),
        Topic(name="b", phrases=("go up",), handles=("acme",), languages=("en",)),
    ]
    matcher = TopicMatcher(topics)
    texts = ["".join(rng.choices(words, k=rng.randrange(6))) for _ in range(3_000)]
    languages = [rng.choice((None, "en", "de")) for _ in texts]
    expected = [
        (post, topic)
        for post, (text, language) in enumerate(zip(texts, languages, strict=True))
        for topic in naive_match(text, topics, language)
    ]
    assert matcher.match_many(texts, languages) == expected


def test_ten_thousand_topics_are_told_apart() -> None:
    topics = [Topic(name=f"t{n}", terms=(f"brand{n}",)) for n in range(10_000)]
    matcher = TopicMatcher(topics)
    assert matcher.match("brand77 and brand9999, not brand10000") == (77, 9999)


def test_no_topics_and_no_texts_give_no_pairs() -> None:
    assert TopicMatcher([]).match("flood") == ()
    assert TopicMatcher([Topic(name="t", terms=("x",))]).match_many([], []) == []


def test_copies_and_pickles_match_the_same() -> None:
    matcher = TopicMatcher([Topic(name="t", terms=("flood",))])
    for again in (copy.deepcopy(matcher), pickle.loads(pickle.dumps(matcher))):  # noqa: S301 - our own bytes
        assert again.match("a flood") == (0,)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"terms": ("",)}, "is empty"),
        ({"terms": ("a\0b",)}, "control character"),
        ({"terms": ("\ud800",)}, "surrogate"),
        ({"terms": ("\u0301a",)}, "combining mark"),
        ({"handles": ("two words",)}, "handle 'two words' is none"),
        ({"hashtags": ("a-b",)}, "hashtag 'a-b' is none"),
        ({"terms": ("a",), "exclude": (" ",)}, "exclude entry ' ' is empty"),
    ],
)
def test_an_entry_that_can_not_match_is_refused(
    fields: dict[str, tuple[str, ...]], complaint: str
) -> None:
    topic = Topic(
        name="flood",
        terms=fields.get("terms", ()),
        handles=fields.get("handles", ()),
        hashtags=fields.get("hashtags", ()),
        exclude=fields.get("exclude", ()),
    )
    with pytest.raises(ConfigError, match="topic 'flood': .*" + complaint):
        TopicMatcher([topic])
