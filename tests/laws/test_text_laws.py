"""Laws of reading, for any text."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crisiswatch.reading.polarity import PolarityScorer, exp_below_zero
from crisiswatch.reading.privacy import mask, mask_many
from crisiswatch.reading.themes import group_themes, theme_key

SCORER = PolarityScorer.load()

PIECES = st.sampled_from(
    [
        "@acme", "@", "http://t.co/x", "https://", "://", "\0", "\n", "😡", "é", "refund", "4111111111111111",
        "+1 (203) 382-3312", "conf", "ABC123", "MKWLKR", "a@b.co", "DE89370400440532013000", "born on", "1/2/1985", "(", "+", "#", ".", "-", "0",
        "booking", "order no", "policy", "ABC-123", "AB-12-CD", "dob:", "5 jan 85", "may 5, 85", "call", "555-1234", "+4917012345678", "-f@b.co",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(codec=None), max_size=80),  # lone surrogates included
    st.lists(PIECES, max_size=12).map("".join),
    st.lists(PIECES, max_size=12).map(" ".join),
)
LANGUAGES = st.sampled_from([None, "en", "de", "fr", "xx"])


@given(st.lists(st.tuples(TEXTS, LANGUAGES), min_size=1, max_size=12), st.integers(0, 11))
@settings(max_examples=300, deadline=None)
def test_a_text_scores_the_same_in_any_batch(batch: list[tuple[str, str | None]], row: int) -> None:
    text, language = batch[row % len(batch)]
    together = SCORER.score([one[0] for one in batch], [one[1] for one in batch])
    alone = SCORER.score([text], [language])
    for name in ("p_negative", "p_neutral", "p_positive", "p_complaint"):
        assert getattr(together, name)[row % len(batch)] == getattr(alone, name)[0]


@given(st.lists(TEXTS, max_size=8))
@settings(max_examples=200, deadline=None)
def test_probabilities_are_probabilities(texts: list[str]) -> None:
    read = SCORER.score(texts, [None] * len(texts))
    moods = np.stack((read.p_negative, read.p_neutral, read.p_positive))
    assert moods.dtype == np.float32
    assert ((moods >= 0) & (moods <= 1)).all()
    assert np.allclose(moods.sum(axis=0), 1, atol=1e-6)
    assert ((read.p_complaint >= 0) & (read.p_complaint <= 1)).all()


@given(st.lists(st.floats(-700, 0), min_size=1, max_size=50))
def test_the_exponential_is_the_exponential(exponents: list[float]) -> None:
    x = np.array(exponents)
    assert np.allclose(exp_below_zero(x), np.exp(x), rtol=1e-9, atol=1e-25)


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.lists(TEXTS, max_size=8))
@settings(max_examples=500, deadline=None)
def test_masking_a_batch_is_masking_each_text(texts: list[str]) -> None:
    assert mask_many(texts) == [mask(text) for text in texts]


@given(st.lists(PIECES, min_size=2, max_size=3).map(" ".join))
@settings(max_examples=1_000, deadline=None)
def test_whatever_is_masked_in_a_short_text_is_masked_in_a_batch(text: str) -> None:
    # Short texts hold no more than the one trigger.
    assert mask_many([text, "fine"]) == [mask(text), "fine"]


@given(st.lists(TEXTS, max_size=12), st.integers(0, 1 << 32))
@settings(max_examples=200, deadline=None)
def test_themes_do_not_depend_on_the_order_of_the_posts(texts: list[str], seed: int) -> None:
    shuffled = random.Random(seed).sample(texts, len(texts))

    def told(sample: list[str]) -> list[tuple[str, float, list[str]]]:
        return [
            (theme.representative, theme.size, sorted(sample[row] for row in theme.members))
            for theme in group_themes(sample)
        ]

    assert told(texts) == told(shuffled)
    assert sum(theme.size for theme in group_themes(texts)) == len(texts)


@given(TEXTS)
def test_a_theme_key_is_its_own_key(text: str) -> None:
    assert theme_key(theme_key(text)) == theme_key(text)
