"""Dates and times of TOML, marked, so that they are taken only where one is meant.

JSON carries no dates: written as text, they would pass for text. Marked, they pass for
nothing but a field that unmarks them (`toml_times`).
"""

from datetime import date, time

MARK = "\x00time"
"""The key under which a date or time travels: one that nobody gives a table."""


def marked(value: object) -> object:
    """Return what TOML holds as JSON can carry it, dates and times marked."""
    if isinstance(value, dict):
        return {key: marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [marked(item) for item in value]
    return {MARK: value.isoformat()} if isinstance(value, date | time) else value


def is_marked(value: object) -> bool:
    """Tell whether this is a date or time of TOML."""
    return isinstance(value, dict) and MARK in value
