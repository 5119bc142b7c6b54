"""Example lines of every platform shape, written after the platforms' documentation."""

from pathlib import Path

from crisiswatch.reading.post import Post, Read
from crisiswatch.reading.reader import Reader

LINES = Path(__file__).parent / "platform_lines"
PLATFORMS = ("canonical", "jetstream", "mastodon", "reddit", "x-v1", "x-v2")


def lines(platform: str) -> list[bytes]:
    """Return the example lines of a platform, without line ends."""
    return (LINES / f"{platform}.jsonl").read_bytes().splitlines()


def read_all(platform: str) -> list[Read]:
    """Return what the platform's own reader makes of its example lines."""
    reader = Reader(format=platform)
    return [reader.read(line) for line in lines(platform)]


def post_of(answer: Read) -> Post:
    """Return the answer, which must be a post."""
    assert isinstance(answer, Post), answer
    return answer
