"""Whom a store serves: the live service or a recording, and never both.

A recording brings its own time, in which the deadlines of real incidents would lie years
away, and signals that would page real people about what was over long ago.
"""

from alerting.keeping import Store
from alerting.ports import START
from crisiswatch.errors import ConfigError

DOCUMENT = "serves"
LIVE = b"live"
RECORDING = b"recording"


def serves_recording(store: Store) -> bool:
    """Tell whether the store was made for a recording."""
    return store.kept(DOCUMENT) == RECORDING


def claim(store: Store, *, for_recording: bool) -> None:
    """Keep a store for what it is used for first.

    One that says nothing but holds signals or incidents is taken for a live service's.

    Raises:
        ConfigError: it serves the other kind.
        StoreError: it can not be reached.
    """
    wanted = RECORDING if for_recording else LIVE
    serves = store.kept(DOCUMENT)
    if serves is None:
        serves = LIVE if for_recording and _holds_anything(store) else wanted
        store.keep(DOCUMENT, serves)
    if serves == wanted:
        return
    if for_recording:
        raise ConfigError(
            "the store is that of a live service: a recording would set its clock to the past",
            "give the recording a store of its own with --store, or see it with "
            "`crisiswatch up --replay FILE` or `crisiswatch replay FILE`",
        )
    raise ConfigError(
        "the store is that of a recording, whose clock is another one",
        "give the live service a store of its own with --store, or in [store]",
    )


def _holds_anything(store: Store) -> bool:
    return (
        store.position() != START
        or bool(store.read_entries(START))
        or bool(store.cases(open_only=False))
    )
