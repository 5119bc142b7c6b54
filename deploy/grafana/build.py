"""Write the dashboards: `make dashboards`, after a change of what stands beside this file."""

import json
import sys
from pathlib import Path

from deploy.grafana.drill import DRILL
from deploy.grafana.operator import OPERATOR
from deploy.grafana.panels import Json, dashboard
from deploy.grafana.pr import PR

FOLDER = Path(__file__).parent / "dashboards"


def dashboards() -> dict[str, Json]:
    """Return every dashboard by the name of its file."""
    return {
        "operator.json": dashboard(
            "crisiswatch-operator",
            "crisiswatch: operator",
            "Whether the service works, and what is wrong if it does not.",
            OPERATOR,
            since="3h",
        ),
        "pr.json": dashboard(
            "crisiswatch-pr",
            "crisiswatch: PR",
            "What is being said, what is open, and how quickly it is answered.",
            PR,
            since="24h",
            topics=True,
        ),
        "drill.json": dashboard(
            "crisiswatch-drill",
            "crisiswatch: drill",
            "A rehearsal, from the first signal to the holding message.",
            DRILL,
            since="6h",
        ),
    }


def rendered() -> dict[str, str]:
    """Return the text of every file."""
    return {name: json.dumps(body, indent=2) + "\n" for name, body in dashboards().items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in rendered().items():
        (FOLDER / name).write_text(text)
        sys.stdout.write(f"{FOLDER / name}\n")
