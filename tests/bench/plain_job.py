"""The job of the yardsticks, post by post: what a competent first version does with one.

Decode, look the words up in a dictionary, score with word weights where one is found. It
stands by itself, for engines that live in an environment of their own run it, too.
"""

from typing import Any

NEGATIVE_WORDS = ("worst", "awful", "refund", "cancelled", "broken", "never", "angry", "fail")
WINDOW_S = 60


class Matches:
    """Tell for a decoded post the topics that it is about, when it was posted, and its score."""

    def __init__(self, topic_of: dict[str, str]) -> None:
        self._topic_of = topic_of
        self._weights = dict.fromkeys(NEGATIVE_WORDS, 1.0)

    def __call__(self, post: dict[str, Any]) -> list[tuple[str, str, float]]:
        """Return (topic, time as it was written, score) for each topic."""
        data = post["data"]
        topic_of = self._topic_of
        words = data["text"].lower().split()
        hits = {topic_of[word] for word in words if word in topic_of}
        if not hits:
            return []
        score = sum(self._weights.get(word, 0.0) for word in words)
        return [(topic, data["created_at"], score) for topic in hits]
