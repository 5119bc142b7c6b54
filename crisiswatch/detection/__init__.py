"""Detection: counts per topic to signals."""
