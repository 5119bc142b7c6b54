"""Where chunks of raw posts come from; one file per kind of source."""
