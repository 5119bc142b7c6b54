"""Where each key of a TOML text stands, which `tomllib` does not tell."""

import re
from collections import Counter

Path = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]")
_PAIR = re.compile(rf"^\s*({_DOTTED})\s*=\s*(.*)$", re.DOTALL)
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'[^']*'|#.*$")
_TRIPLE = re.compile(r'"""|' + r"'''")


def key_lines(text: str) -> dict[Path, int]:
    """Map each table and key of a valid TOML text to its line, counted from 1.

    Tables of an array carry their index: `("topics", 1, "name")`. Keys inside inline
    tables have no entry of their own; `line_of` gives the line of what holds them.
    """
    lines: dict[Path, int] = {}
    counts: Counter[Path] = Counter()
    table: Path = ()
    depth = 0
    quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        rest = line.removesuffix("\r")
        if quote:
            _, found, rest = line.partition(quote)
            if not found:
                continue
            quote = ""
        elif depth == 0:
            if header := _HEADER.match(line):
                table = _open_table(_split(header[2]), counts, is_array=header[1] == "[[")
                lines.setdefault(table, number)
                continue
            if not (pair := _PAIR.match(line)):
                continue
            lines[table + _split(pair[1])] = number
            rest = pair[2]
        depth, quote = _scan_value(rest, depth)
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of `path`, or of the closest thing around it that has one."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


def _split(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def _open_table(names: Path, counts: Counter[Path], *, is_array: bool) -> Path:
    """Return the table's path, with the index of the last element for arrays of tables."""
    path: Path = ()
    for place, name in enumerate(names):
        path += (name,)
        if is_array and place == len(names) - 1:
            counts[path] += 1
        if path in counts:
            path += (counts[path] - 1,)
    return path


def _scan_value(rest: str, depth: int) -> tuple[int, str]:
    """Return the depth of open brackets and the open triple quote after `rest`."""
    while triple := _TRIPLE.search(_blank_strings(rest)):
        before, quote, rest = rest[: triple.start()], triple[0], rest[triple.end() :]
        depth += _brackets(before)
        _, closed, rest = rest.partition(quote)
        if not closed:
            return depth, quote
    return depth + _brackets(rest), ""


def _blank_strings(text: str) -> str:
    """Blank out strings and comments, but leave triple quotes, which `""` would swallow."""
    return _STRINGS.sub(
        lambda found: found[0] if found[0] in ('""', "''") else " " * len(found[0]), text
    )


def _brackets(text: str) -> int:
    plain = _STRINGS.sub("", text)
    return sum(plain.count(mark) for mark in "[{") - sum(plain.count(mark) for mark in "]}")
