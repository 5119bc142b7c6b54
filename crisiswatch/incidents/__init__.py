"""Incidents: signals to crises and their record."""
