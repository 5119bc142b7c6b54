"""Reading: raw bytes of posts to counts per topic and second. The hot path."""
