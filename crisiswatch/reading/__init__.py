"""Reading: raw bytes of posts to counts per topic and step of time. The hot path."""
