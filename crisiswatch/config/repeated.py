"""Names that two things share, although each is known by its name alone."""

from collections.abc import Iterable, Iterator

from crisiswatch.config.schema import Config
from crisiswatch.config.toml_lines import Path


def repeated(config: Config) -> Iterator[tuple[Path, str, str]]:
    """Yield the path, the problem and the remedy of each name that was taken already."""
    yield from _twice("people", "id", (person.id for person in config.people))
    yield from _twice("people", "slack", (person.slack for person in config.people))
    yield from _twice("rotas", "name", (rota.name for rota in config.rotas))
    yield from _twice("escalation", "duty", (policy.duty for policy in config.escalation))
    yield from _twice("channels", "name", (channel.name for channel in config.channels))
    yield from _twice("publish", "name", (target.name for target in config.publish))


def _twice(section: str, key: str, names: Iterable[str | None]) -> Iterator[tuple[Path, str, str]]:
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name is None:
            continue
        first = seen.setdefault(name, index)
        if first != index:
            yield (
                (section, index, key),
                f"{name!r} is the {key} of {section}[{first + 1}] too",
                f"give each its own {key}",
            )
