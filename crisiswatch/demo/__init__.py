"""The demonstration: a day of invented posts around an invented airline, with its ground truth."""
