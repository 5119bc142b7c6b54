"""Write words on actions only over those that were read: whoever comes late changes nothing."""

from collections.abc import Mapping, Sequence

from alerting.keeping import AuditEntry, Store
from alerting.ports import Outcome


def record_upon(
    store: Store,
    case_id: str,
    words: Mapping[str, Outcome],
    audit: Sequence[AuditEntry],
    *,
    upon: Mapping[str, Outcome | None],
) -> bool:
    """Store words and what the audit log says of them; False where others have spoken since.

    `upon` are the words as they were read, None for an action of which there was none to be
    read. A word that still reads the same, but is stored in other bytes, was written by
    another release: it says what it reads as, and is written over. One that can not be read
    at all says nothing, which is another matter: False.
    """
    if store.record(case_id, words, audit, expected=upon):
        return True
    stored = store.outcomes(case_id)
    if any(was is None or stored.get(key) != was for key, was in upon.items()):
        return False
    return store.record(case_id, words, audit)
