"""A value that must not be shown."""

from hmac import compare_digest
from typing import Never

HIDDEN = "(secret)"


class Secret:
    """Hold a token, a password or an address with one in it; only `reveal` gives it out.

    However it is printed, formatted or logged, it reads `(secret)`. It refuses to be pickled,
    which is how values reach files and other processes, and to be copied deep.
    Trap: what `reveal` returned is a plain string; use it where it is sent, and keep it nowhere.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(
            *(each.encode("utf-8", "surrogatepass") for each in (self._value, other._value))
        )

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> Never:
        raise TypeError("a Secret is not pickled or copied")
