"""An editor that adds a sentence to the file it is given, as $EDITOR."""

import sys
from pathlib import Path

path = Path(sys.argv[1])
path.write_text(
    path.read_text(encoding="utf-8").strip() + " Edited at the terminal.", encoding="utf-8"
)
