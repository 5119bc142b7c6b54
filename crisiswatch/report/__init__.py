"""Report: the self-contained page of a replay. Values in, text out."""
