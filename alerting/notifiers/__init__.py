"""Where messages to people go; one file per vendor."""
