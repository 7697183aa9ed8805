"""What the tool for SQL answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sickbay.core.results import Listing

Cell = Any


@dataclass(frozen=True, kw_only=True)
class Rows(Listing):
    """A table.

    Attributes:
        row_count: Of the rows that were read, on all pages.
        notes: What is not as it seems.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    row_count: int = 0
    notes: tuple[str, ...] = ()
