"""The face of a history, whatever keeps it: tables on disk, or ClickHouse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    import pyarrow as pa

    from sickbay.core.results import Skipped
    from sickbay.history.rows import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was written: from now on every reader has it."""

    builds: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a statement of the user's gave; ``cut`` where there are more rows."""

    table: pa.Table
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStatus:
    """One table: its rows, superseded ones included, and what they take."""

    rows: int = 0
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a history.

    Attributes:
        place: Folder, or address without credentials.
        engine: ``delta`` or ``clickhouse``.
        superseded: Builds that a later ingestion replaced, still on disk.
        problems: What is damaged, and how to mend it.
    """

    place: str
    engine: str
    schema: int
    builds: int = 0
    results: int = 0
    superseded: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    ingested_at: datetime | None = None
    bytes: int = 0
    tables: Mapping[str, TableStatus] = field(default_factory=dict)
    problems: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What a history keeps; None keeps all."""

    age: timedelta | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What tidying did.

    Attributes:
        why_not: Why nothing was done: another process is at it, or it does not pay.
        rows_before: Of all tables, superseded ones included; ``rows_after`` are the
            same less those that went.
        dropped_builds: Those that are gone for good: too old, or too many.
        repaired: Damaged files and the builds that lost rows with them, and what was
            done about it.
    """

    why_not: str | None = None
    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    rows_before: int = 0
    rows_after: int = 0
    dropped_builds: int = 0
    repaired: tuple[Skipped, ...] = ()


class History(Protocol):
    """Keeps builds, and answers questions on them. All of it may be called at once."""

    async def put(self, batch: Batch) -> Receipt:
        """Keep builds; one that is there is replaced. All of a build, or nothing.

        Raises:
            Unavailable: It cannot be written.
        """

    async def ask(self, query: str, **parameters: Any) -> pa.Table:  # noqa: ANN401 - values of SQL
        """The rows of one of the queries in ``history/queries``.

        Raises:
            SickbayError: It is not to be had.
        """

    async def select(
        self, sql: str, *, max_rows: int, max_s: float, max_bytes: int
    ) -> Answer:
        """The rows of a statement that somebody wrote: it may only read these tables.

        Raises:
            BadRequest: It is no such statement, or is wrong.
            Denied: It reaches for something else.
            TimedOut: It takes longer than ``max_s``.
            TooLarge: It needs more than ``max_bytes`` of memory.
        """

    async def status(self) -> Status:
        """What is in it."""

    async def tidy(
        self, *, keep: Keep, force: bool = False, repair: bool = False
    ) -> Tidied:
        """Compact, sort, and drop what is superseded or too old, where it pays.

        Args:
            keep: What stays.
            force: Whether it pays or not.
            repair: First look for damage, and drop what is damaged.
        """
