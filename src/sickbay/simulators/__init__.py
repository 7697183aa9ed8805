"""Doubles of the outside systems, for demonstrations and tests."""
