"""Detect social-media crises as they start, and get the right people moving."""

__version__ = "0.1.0"
