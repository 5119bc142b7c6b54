"""100,000 posts that truly match, spelled in every way: the raw filter picks them all."""

import html
import json
import random

import pytest

from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.prefilter import Prefilter
from crisiswatch.reading.topic import Topic
from tests.reading.naive_matching import (
    disguised,
    encoded,
    holds,
    naive_match,
    with_entities,
)

ENTRIES = (
    # plain, with sharp s, ligatures, Kelvin sign, long s, dotted i, digits
    "JetBlue", "US Airways", "business class", "Straße", "Massachusetts", "office", "efflux",
    "best kicks", "iphone15", "Istanbul", "Diyarbak\u0131r", "taxi\u0307", "sukkot", "H\u0331ello",
    # short
    "x", "EE", "O2", "ss", "st", "AT&T", "C++", "C#", ".net", "R&B", "24/7", "go up", "a b c", "<3",
    "it's", "k", "\u02bcn", '1"', "\\o/",
    # accents and other letters
    "naïve", "été", "née", "Ång", "crème brûlée", "Ệ", "ộx", "Zürich", "ñ", "ŷ ẑ", "ǰ",
    "банк", "Ёж", "йод", "και", "ᾠδή", "ΐος", "ᾳ", "Ὀδυσσεύς", "եւ", "ﬓ", "ქართული", "Ꭰꭰ", "𐐨𐐩",
    "日本", "樂天", "東京 駅", "がん", "ヴァ", "한국", "각", "삼성", "ไทย", "नमस्ते", "ক্ষো", "क़लम", "مرحبا", "שּׁלום",
    # signs and emoji
    "😀", "✈", "👩‍💻", "☕️ break", "€", "™", "→ b", "≠", "½", "\uff06",
    # handles and hashtags
    "@acme", "@ee", "@x", "@us_air", "@acme.bsky.social", "@kiss@mastodon.social",
    "#flood", "#ee", "#Überflutung", "#台風", "#é", "#ﬁre",
)  # fmt: skip
TRUE_MATCHES = 100_000
AROUND = (
    "", " ", "\n", "... ", "hello ", " ünïcode ", "😀", "❤️", "日本語", '"quoted" ', "&", " / ",
    "(", ")", "“", "”", "\\", "\uff03", "@", "-", "'s", "!", ", ok", "#", "\u200b", "a", "é", "_", "7", "\u0301",
)  # fmt: skip


def posts_with(entry: str, count: int, rng: random.Random) -> tuple[list[str], list[bytes]]:
    """Return decoded texts that hold the entry, and the lines they came in."""
    texts: list[str] = []
    lines: list[bytes] = []
    while len(texts) < count:
        text = rng.choice(AROUND) + disguised(entry, rng) + rng.choice(AROUND)
        written = with_entities(text, rng) if rng.random() < 0.3 else text
        decoded = html.unescape(written) if written is not text else text
        if holds(decoded, entry):
            texts.append(decoded)
            line = f'{{"id":"{len(texts)}","text":"{encoded(written, rng)}","lang":null}}'
            lines.append(line.encode())
    return texts, lines


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in (1, 2, 3))]
)
def test_no_post_that_matches_is_missed_however_it_is_spelled(part: int) -> None:
    rng = random.Random(part)
    entries = ENTRIES[part::4]
    topics = [Topic(name=entry, terms=(entry,)) for entry in entries]
    matcher = TopicMatcher(topics)
    for number, topic in enumerate(topics):
        # A filter of its own for each entry, lest one entry's pattern hide another's gap.
        texts, lines = posts_with(topic.name, TRUE_MATCHES // len(ENTRIES) + 1, rng)
        picked = set(Prefilter([topic]).candidates(b"\n".join(lines)))
        missed = [line for line in lines if line not in picked]
        assert not missed, (topic.name, len(missed), missed[:3])
        pairs = matcher.match_many(texts, [None] * len(texts))
        unseen = set(range(len(texts))) - {post for post, found in pairs if found == number}
        assert not unseen, (topic.name, [texts[post] for post in sorted(unseen)[:3]])
        for text in texts[:10]:
            assert matcher.match(text) == naive_match(text, topics), text
        assert json.loads(lines[0])["id"] == "1"
