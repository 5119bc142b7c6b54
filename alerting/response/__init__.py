"""The live response: cases, what they call for, and who does it."""
