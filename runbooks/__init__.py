"""One runbook per crisis type: what people read in a crisis is what the machine runs."""
