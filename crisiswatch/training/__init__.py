"""Building the shipped model weights from labelled posts."""
