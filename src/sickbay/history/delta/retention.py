"""Which builds stay, of those that were ever put into a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sickbay.history.face import Keep

    Row = Mapping[str, Any]

COLUMNS = ("build_id", "ingest_id", "created_at", "jobs", "results", "causes")
ROOM = 0.9
"""Share of the size to keep that is left when it was exceeded: not each build pays."""

PAYS = 0.1
"""Share of rows that do not count any more, from which on dropping them pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """Ingestions that go, by their numbers.

    Attributes:
        superseded: A later one of the same build replaced them.
        expired: Their builds are too old, or too many.
        share: How many of all rows are theirs.
        full: Whether there is more than is to be kept.
    """

    superseded: frozenset[int] = frozenset()
    expired: frozenset[int] = frozenset()
    share: float = 0.0
    full: bool = False

    @property
    def all(self) -> frozenset[int]:
        """Both."""
        return self.superseded | self.expired

    @property
    def pays(self) -> bool:
        """Whether to drop them now, and not when there are more."""
        return self.full or self.share >= PAYS


def going(builds: Sequence[Row], *, keep: Keep, now: datetime, size: int) -> Going:
    """What of a store's ``builds`` goes.

    Args:
        builds: All its rows, with the columns named above.
        keep: What stays.
        now: The time.
        size: Of the store, in bytes; each row is taken to be as large as the others.
    """
    newest: dict[str, Row] = {}
    for row in builds:
        last = newest.get(row["build_id"])
        if last is None or last["ingest_id"] < row["ingest_id"]:
            newest[row["build_id"]] = row
    counting = {row["ingest_id"] for row in newest.values()}
    superseded = {row["ingest_id"] for row in builds} - counting
    rows = sum(map(_rows, builds))
    per_row = size / rows if rows else 0.0
    full = keep.bytes is not None and size > keep.bytes
    room = keep.bytes * ROOM / per_row if keep.bytes and full and per_row else None
    expired = frozenset(_expired(newest.values(), keep, now, room))
    gone = superseded | expired
    lost = sum(_rows(row) for row in builds if row["ingest_id"] in gone)
    return Going(
        superseded=frozenset(superseded),
        expired=expired,
        share=lost / rows if rows else 0.0,
        full=full,
    )


def _expired(
    builds: Iterable[Row], keep: Keep, now: datetime, room: float | None
) -> Iterable[int]:
    """Those older than what is kept, and the oldest of those there is no room for."""
    taken = 0
    for row in sorted(builds, key=lambda row: row["created_at"], reverse=True):
        taken += _rows(row)
        old = keep.age is not None and now - row["created_at"] > keep.age
        if old or (room is not None and taken > room):
            yield row["ingest_id"]


def _rows(row: Row) -> int:
    return 1 + sum(row[name] or 0 for name in ("jobs", "results", "causes"))
