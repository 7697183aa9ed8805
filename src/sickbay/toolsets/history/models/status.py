"""What the tool about the history itself answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sickbay.core.results import Result, Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFacts:
    """What there is of one pipeline."""

    pipeline: str
    builds: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """One table.

    Attributes:
        rows: On disk, superseded ones included.
        columns: Each with its type.
    """

    rows: int = 0
    files: int = 0
    size_bytes: int = 0
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StatusReport(Result):
    """What a history holds, and where.

    Attributes:
        place: Folder, or address without credentials.
        engine: ``delta`` or ``clickhouse``; SQL is the same for both.
        superseded: Builds that were read again, whose old rows are still on disk.
        ingested_at: When something was written last.
        pipelines: Those with the most builds first.
        keeps: What is dropped by itself.
        next_steps: Commands for a person.
    """

    place: str | None = None
    engine: str | None = None
    schema_version: int | None = None
    builds: int = 0
    results: int = 0
    superseded: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    ingested_at: datetime | None = None
    size_bytes: int = 0
    pipelines: tuple[PipelineFacts, ...] = ()
    tables: dict[str, TableFacts] = field(default_factory=dict)
    keeps: str | None = None
    problems: tuple[Skipped, ...] = ()
    next_steps: tuple[str, ...] = ()
