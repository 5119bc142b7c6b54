"""What is watched, and which posts are about it."""

from dataclasses import dataclass
from unicodedata import category

from crisiswatch.errors import ConfigError

DEFAULT_NEGATIVE_THRESHOLD = 0.5
DEFAULT_COMPLAINT_THRESHOLD = 0.5

_NOT_IN_NAMES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Controls, surrogates, and breaks of lines and paragraphs: no file could hold them in a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A brand, product or person, and the words by which posts about it are known.

    `terms` and `phrases` match as whole words after Unicode case folding; `handles`
    match `@name`, `hashtags` match `#name`; any of them is enough. A post that holds
    one of `exclude` is not about the topic. With `languages` set, posts whose
    platform names another language are left out; posts with no language stay.

    Raises `ConfigError` where the topic could match nothing, or its name is empty or
    holds control characters. What an entry may look
    like is checked where it is read (`crisiswatch.reading.needle`).
    """

    name: str
    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    negative_threshold: float = DEFAULT_NEGATIVE_THRESHOLD
    complaint_threshold: float = DEFAULT_COMPLAINT_THRESHOLD

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ConfigError("a topic has no name", "give it one: readings are kept under it")
        if any(category(character) in _NOT_IN_NAMES for character in self.name):
            raise ConfigError(
                f"topic {self.name!r}: its name has a line break or another control character",
                "write the name on one line: files and messages hold it",
            )
        if not (self.terms or self.phrases or self.handles or self.hashtags):
            raise ConfigError(
                f"topic {self.name!r}: no terms",
                "give at least one of terms, phrases, handles, hashtags",
            )
        for field in ("negative_threshold", "complaint_threshold"):
            threshold = getattr(self, field)
            if not 0.0 <= threshold <= 1.0:
                raise ConfigError(
                    f"topic {self.name!r}: {field} is {threshold}",
                    "give a probability from 0 to 1",
                )
