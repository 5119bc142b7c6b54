"""The detectors: each sees one shape of a crisis and answers with a score that opens at 1."""
