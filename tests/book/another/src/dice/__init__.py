"""Counts what dice show."""
