"""Addresses as a configuration holds them."""

from urllib.parse import SplitResult, urlsplit


def split_address(text: str) -> SplitResult | None:
    """Return the parts of an address; None where it is none, as in `http://[::1`."""
    try:
        return urlsplit(text)
    except ValueError:
        return None
