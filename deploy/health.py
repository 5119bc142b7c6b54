"""Ask whether a part of the service is alive; the exit code says so. For containers without curl.

python health.py                      any part that answers on one of the usual ports
python health.py http://HOST:PORT/healthz
"""

import sys
import urllib.error
import urllib.request

USUAL = (
    "http://127.0.0.1:9464/healthz",
    "http://127.0.0.1:9474/healthz",
    "http://127.0.0.1:9484/healthz",
)
"""Where detection, the response and a reader of Bluesky answer, if nothing else is configured."""

WITHIN_S = 4.0
"""Who has not answered by then is stuck."""

WELL = 200


def is_well(url: str) -> bool:
    """Tell whether the address answers within time, and well; no proxy of the environment is used."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=WITHIN_S) as answer:
            return bool(answer.status == WELL)
    except (urllib.error.URLError, OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(not any(map(is_well, sys.argv[1:] or USUAL)))
