"""Second channels and public channels: one file per vendor, listed in `registry`."""
