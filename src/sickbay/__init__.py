"""Sickbay: finds out what ails machine-learning infrastructure, and helps mend it."""

from __future__ import annotations

__version__ = "0.1.0"
