"""The roof: configuration to objects to a running system."""
