"""The one exception inside the decoders; `Reader.read` turns it into a `Rejected`."""

from crisiswatch.reading.post import Reason


class UnreadableError(Exception):
    """Say why a well-formed line is no post; never leaves `crisiswatch.reading`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
