"""Score what posts say: how negative, how positive, and whether somebody complains.

A linear model over hashed words, pairs of neighbouring words and runs of three and
five bytes ("feature hashing", Weinberger et al. 2009). A whole batch is joined into one
buffer and hashed with numpy; the three weights of a feature (negative against
neutral, positive against neutral, complaint) stand side by side in one 64-bit
integer, so that one gather and one sum per post give all three scores.

Guarantee: a text has the same probabilities, to the last bit, whatever batch it
comes in and whatever machine reads it. Sums are sums of integers, and what follows
uses only operations that IEEE 754 rounds in one way (see `exp_below_zero`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

CHARACTERS_READ = 2_000
"""Characters of a post that are read; more would overflow a lane of the sum."""

WEIGHT_LIMIT = 50
"""Largest weight. Two runs at each of 8,000 bytes and 1,000 words with their pairs, all
at the limit, come to 0.9 million: below the 2^20 at which a lane of 21 bits overflows."""

DEFAULT_LANGUAGE = "en"

_LANE_BITS = 21
_BATCH_CHARACTERS = 1 << 18
"""Characters that are read at once. A batch has steps that cost the same however small it is;
what is made of one takes about fifty bytes a character."""
_SEPARATOR = b"\0\0\0\0"  # so that no run of five bytes holds bytes of two posts
_MARGIN = 2 * _SEPARATOR  # so that eight bytes may be read at either end of any word

_LINK, _HANDLE = 1, 2  # what stands in the buffer for a link and for an @handle

Bytes = NDArray[np.uint8]
Index = NDArray[np.intp]
Floats = NDArray[np.float64]


def _byte_class(members: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, dtype=np.bool_)
    table[list(members)] = True
    return table


def _byte_table(members: bytes) -> bytes:
    return _byte_class(members).tobytes()


_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789_"
_IN_HANDLE = _byte_class(_LETTERS)
_IN_WORD = _byte_table(_LETTERS + b"'#" + bytes((_LINK, _HANDLE)) + bytes(range(128, 256)))
_LOWER = bytes(0 if c == 0 else max(c, 32) for c in bytes(range(256)).lower())


@dataclass(slots=True)
class Polarity:
    """What a batch of texts says: float32 probabilities, one row per text.

    `p_negative + p_neutral + p_positive` is 1; `p_complaint` stands for itself.
    """

    p_negative: NDArray[np.float32]
    p_neutral: NDArray[np.float32]
    p_positive: NDArray[np.float32]
    p_complaint: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The features of a batch of posts, as buckets of a table of `1 << bits` rows.

    `threes` and `fives` hold the buckets of the three and of the five bytes from each
    position of the joined buffer. Word `i` starts at position `word_at[i]`, has the bucket `words[i]`, and
    with the word before it the bucket `pairs[i]`. Post `k` covers the positions
    `starts[k]` up to `starts[k + 1]`. Bucket 0 means "nothing".
    """

    threes: Index
    fives: Index
    words: Index
    pairs: Index
    word_at: Index
    starts: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A trained model: the buckets, of `1 << bits`, that weigh something, and how much.

    `weights` has three rows, one column per bucket of `buckets`. The score of row `r`
    is `scales[r] * sum(weights[r]) / sqrt(bytes) + offsets[r]`: two logits relative to
    neutral, and the logit of a complaint.
    """

    bits: int
    buckets: Index
    weights: NDArray[np.int8]
    scales: Floats
    offsets: Floats


class PolarityScorer:
    """Reads batches of posts with one table of weights per language."""

    __slots__ = ("_tables", "_weights")

    def __init__(self, weights: Mapping[str, Weights]) -> None:
        if DEFAULT_LANGUAGE not in weights:
            raise ValueError(f"no weights for {DEFAULT_LANGUAGE!r}, got {sorted(weights)}")
        self._weights = dict(weights)
        self._tables = {language: _packed(model) for language, model in weights.items()}

    @classmethod
    def load(cls) -> Self:
        """Return a scorer with the weights of this package."""
        packaged = files("crisiswatch.reading") / "weights" / "polarity.npz"
        with packaged.open("rb") as stream:
            return cls(read_weights(stream))

    @property
    def weights(self) -> Mapping[str, Weights]:
        """Return the weights by language."""
        return self._weights

    def score(self, texts: Sequence[str], languages: Sequence[str | None]) -> Polarity:
        """Read each text with the weights of its language, English where there are none.

        `languages` are primary tags in lower case, as in `Post.language`, one per text.
        Never raises on a text: any string has a score. Only the first
        `CHARACTERS_READ` characters count.
        """
        if len(texts) != len(languages):
            raise ValueError(f"{len(texts)} texts but {len(languages)} languages")
        spoken = set(languages)
        known = {language for language in spoken if language in self._tables}
        if not known or spoken == {DEFAULT_LANGUAGE} or known == {DEFAULT_LANGUAGE}:
            return _probabilities(self.logits(texts, DEFAULT_LANGUAGE))
        rows_of: dict[str, list[int]] = {}
        for row, language in enumerate(languages):
            key = language if language is not None and language in known else DEFAULT_LANGUAGE
            rows_of.setdefault(key, []).append(row)
        logits = np.empty((3, len(texts)))
        for language, rows in rows_of.items():
            logits[:, rows] = self.logits([texts[row] for row in rows], language)
        return _probabilities(logits)

    def logits(self, texts: Sequence[str], language: str) -> Floats:
        """Return the logits of each text in one language: an array of shape (3, texts).

        Negative and positive relative to neutral, and complaint.
        """
        parts = [self._logits(batch, language) for batch in _batches(texts)]
        return np.concatenate(parts, axis=1) if parts else np.empty((3, 0))

    def _logits(self, texts: Sequence[str], language: str) -> Floats:
        model, table = self._weights[language], self._tables[language]
        features = hashed(joined_bytes(texts), model.bits)
        # Indices are within the table by their making: "wrap" spares the check of each.
        values = table.take(features.threes, mode="wrap")
        values[: features.fives.size] += table.take(features.fives, mode="wrap")
        sums = np.add.reduceat(values, features.starts[:-1])
        # Words are few: their sums are differences of a running one, exact although lanes overflow in it.
        running = np.zeros(features.word_at.size + 1, np.int64)
        np.cumsum(table.take(features.words) + table.take(features.pairs), out=running[1:])
        sums += np.diff(running[np.searchsorted(features.word_at, features.starts)])
        root = np.sqrt(np.diff(features.starts).astype(np.float64))
        return _lanes(sums) * model.scales[:, None] / root + model.offsets[:, None]


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield texts in batches of about `_BATCH_CHARACTERS`."""
    ends = np.cumsum(np.minimum(np.fromiter(map(len, texts), np.intp, len(texts)), CHARACTERS_READ))
    first = 0
    while first < len(texts):
        before = ends[first - 1] if first > 0 else 0
        last = int(np.searchsorted(ends, before + _BATCH_CHARACTERS, side="right"))
        yield texts[first : max(last, first + 1)]
        first = max(last, first + 1)


def read_weights(stream: IO[bytes]) -> dict[str, Weights]:
    """Read the weights of every language from an npz file."""
    with np.load(stream, allow_pickle=False) as arrays:
        return {
            language: Weights(
                bits=int(arrays[f"{language}_bits"]),
                buckets=np.cumsum(arrays[f"{language}_gaps"], dtype=np.intp),
                weights=arrays[f"{language}_weights"],
                scales=arrays[f"{language}_scales"],
                offsets=arrays[f"{language}_offsets"],
            )
            for language in arrays["languages"].tolist()
        }


def write_weights(models: Mapping[str, Weights], path: Path) -> None:
    """Write the weights of every language to an npz file."""
    arrays: dict[str, NDArray[np.generic]] = {"languages": np.array(sorted(models))}
    for language, model in models.items():
        arrays[f"{language}_bits"] = np.array(model.bits)
        arrays[f"{language}_gaps"] = np.diff(model.buckets, prepend=0).astype(np.uint32)
        arrays[f"{language}_weights"] = model.weights
        arrays[f"{language}_scales"] = model.scales
        arrays[f"{language}_offsets"] = model.offsets
    np.savez_compressed(path, allow_pickle=False, **arrays)


def joined_bytes(texts: Sequence[str]) -> Bytes:
    """Join texts to one buffer of bytes, with links and @handles as one byte each.

    ASCII letters are lower, control characters are spaces, and NUL stands only
    between texts: four after each, eight at the ends of the buffer.
    """
    if max(map(len, texts)) > CHARACTERS_READ:
        texts = [text[:CHARACTERS_READ] for text in texts]
    joined = _SEPARATOR.decode().join(texts).encode("utf-8", "surrogatepass")
    nul_bytes = len(joined) - np.count_nonzero(np.frombuffer(joined, np.uint8))
    if nul_bytes != len(_SEPARATOR) * (len(texts) - 1):
        return joined_bytes([text.replace("\0", " ") for text in texts])
    if not joined.isascii():
        joined = joined.replace("\u2019".encode(), b"'")
    whole = b"".join((_MARGIN, joined, _MARGIN)).translate(_LOWER)
    return _without_names(np.frombuffer(bytearray(whole), dtype=np.uint8))


def _without_names(buffer: Bytes) -> Bytes:
    """Put one byte in the place of each link and each @handle."""
    handles = np.flatnonzero(buffer == ord("@"))
    handles = handles[_IN_HANDLE[buffer[handles + 1]]]
    links = _links(buffer)
    if not handles.size + links.size:
        return buffer
    depth = np.zeros(buffer.size, dtype=np.int32)
    for begin, inside in ((handles, ~_IN_HANDLE[buffer]), (links, buffer <= ord(" "))):
        if begin.size:
            borders = np.flatnonzero(inside)
            ends = borders[np.searchsorted(borders, begin, side="right")]
            np.add.at(depth, begin + 1, 1)
            np.subtract.at(depth, ends, 1)
    buffer[handles] = _HANDLE
    buffer[links] = _LINK
    kept: Bytes = buffer[np.cumsum(depth) == 0]
    return kept


def _links(buffer: Bytes) -> Index:
    """Return where `http://` and `https://` begin."""
    colons = np.flatnonzero(buffer[:-2] == ord(":"))
    colons = colons[(buffer[colons + 1] == ord("/")) & (buffer[colons + 2] == ord("/"))]
    begins = colons - 4 - (buffer[colons - 1] == ord("s"))
    scheme = np.frombuffer(b"http", dtype=np.uint8)
    found: Index = begins[(buffer[begins[:, None] + np.arange(4)] == scheme).all(axis=1)]
    return found


def hashed(buffer: Bytes, bits: int) -> Features:
    """Hash what stands in a buffer of `joined_bytes` into `1 << bits` buckets."""
    # A copy, because arithmetic on numbers that overlap takes three times as long.
    fours = np.ndarray((buffer.size - 3,), np.dtype("<u4"), buffer, 0, (1,)).copy()
    unused_bits = np.uint32(32 - bits)
    threes = fours * np.uint32((0x85EBCA6B << 8) & 0xFFFFFFFF)  # << 8: without the fourth byte
    threes >>= unused_bits
    fives = fours[:-1] * np.uint32(0xC2B2AE35)
    fives ^= fours[1:] * np.uint32(0x27D4EB2F)
    fives *= np.uint32(0x9E3779B1)
    fives >>= unused_bits
    is_word = np.frombuffer(buffer.tobytes().translate(_IN_WORD), np.bool_)
    edges = np.flatnonzero(is_word[1:] != is_word[:-1]) + 1
    word_at, word_end = edges[0::2], edges[1::2]
    names = _word_hashes(buffer, word_at, word_end)
    pairs = np.zeros(word_at.size, dtype=np.intp)
    pairs[1:] = _buckets(names[:-1] * np.uint64(0xA0761D6478BD642F) + names[1:], bits)
    starts = np.flatnonzero(buffer == 0)[len(_SEPARATOR) : -len(_SEPARATOR) : len(_SEPARATOR)]
    first_words = np.searchsorted(word_at, starts)
    pairs[first_words[first_words < word_at.size]] = 0
    return Features(
        threes=threes.astype(np.intp),
        fives=fives.astype(np.intp),
        words=_buckets(names, bits),
        pairs=pairs,
        word_at=word_at,
        starts=starts,
    )


def _word_hashes(buffer: Bytes, begin: Index, end: Index) -> NDArray[np.uint64]:
    """Return 64 bits per word, from its first eight bytes, its last eight and its length."""
    eights = np.ndarray((buffer.size - 7,), np.dtype("<u8"), buffer, 0, (1,)).copy()  # as above
    length = (end - begin).astype(np.uint64)
    unused_bits = np.uint64(64) - np.uint64(8) * np.minimum(length, np.uint64(8))
    first = eights.take(begin) << unused_bits
    last = eights.take(end - 8) >> unused_bits
    mixed = first * np.uint64(0xD6E8FEB86659FD93) + last * np.uint64(0xC2B2AE3D27D4EB4F) + length
    folded: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(32))
    return folded


def _buckets(names: NDArray[np.uint64], bits: int) -> Index:
    mixed = names * np.uint64(0x9FB21C651E98DF25)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return (mixed >> np.uint64(64 - bits)).astype(np.intp)


def _packed(model: Weights) -> NDArray[np.int64]:
    """Put three rows of weights side by side in 64-bit integers, one per bucket."""
    rows = model.weights.astype(np.int64)
    packed = np.zeros(1 << model.bits, dtype=np.int64)
    packed[model.buckets] = rows[0] + (rows[1] << _LANE_BITS) + (rows[2] << 2 * _LANE_BITS)
    packed[0] = 0
    return packed


def _lanes(sums: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take packed sums apart: shape (3, sums). The inverse of adding up `_packed` rows."""
    lift = 64 - _LANE_BITS
    low = (sums << lift) >> lift
    rest = (sums - low) >> _LANE_BITS
    middle = (rest << lift) >> lift
    return np.stack((low, middle, (rest - middle) >> _LANE_BITS))


def exp_below_zero(exponents: Floats) -> Floats:
    """Return e to the power of numbers at or below zero, with the same bits everywhere.

    `numpy.exp` differs in the last place between processors and library versions.
    This one is a short Taylor series of x/4096, squared twelve times: right to 1e-10,
    and flat below -60.
    """
    small = np.maximum(exponents, -60.0) / 4096.0
    result = np.ones_like(small)
    for power in (5.0, 4.0, 3.0, 2.0, 1.0):
        result = 1.0 + small / power * result
    for _ in range(12):
        result = result * result
    return result


def softmax(negative: Floats, positive: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the probabilities of negative, neutral, positive for logits relative to neutral."""
    top = np.maximum(np.maximum(negative, positive), 0.0)
    parts = exp_below_zero(np.stack((negative - top, -top, positive - top)))
    total = parts[0] + parts[1] + parts[2]
    return parts[0] / total, parts[1] / total, parts[2] / total


def sigmoid(logits: Floats) -> Floats:
    """Return the probability that belongs to a logit."""
    below = exp_below_zero(-np.abs(logits))
    return np.where(logits < 0, below, 1.0) / (1.0 + below)


def _probabilities(logits: Floats) -> Polarity:
    negative, _, positive = (part.astype(np.float32) for part in softmax(logits[0], logits[1]))
    return Polarity(
        p_negative=negative,
        p_neutral=np.maximum(np.float32(1) - negative - positive, np.float32(0)),
        p_positive=positive,
        p_complaint=sigmoid(logits[2]).astype(np.float32),
    )
