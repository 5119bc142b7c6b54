"""Write the golden files anew: `python -m tests.alerting.slack.regenerate`; then read the difference."""

import json
from pathlib import Path

from alerting.notices import Notice
from alerting.slack.blocks import render
from tests.alerting.slack.shown_notices import NOTICES

GOLDEN = Path(__file__).parent / "golden"


def golden_text(notice: Notice) -> str:
    """Return what a golden file holds: the message as JSON."""
    shown = render(notice)
    message = {"text": shown.text, "blocks": list(shown.blocks)}
    return json.dumps(message, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path in GOLDEN.glob("*.json"):
        path.unlink()
    for name, notice in NOTICES.items():
        (GOLDEN / f"{name}.json").write_text(golden_text(notice), encoding="utf-8")
