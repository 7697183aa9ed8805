"""What the tools about numbers answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sickbay.core.results import Listing

Cell = Any
Number = int | float | None
MetricName = Literal[
    "trunk_red",
    "queued_jobs",
    "queue_times",
    "time_to_signal",
    "reverts",
    "resource_usage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryName:
    """A named query; ``broken`` says why it is never answered."""

    name: str
    group: str
    purpose: str
    broken: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterFacts:
    """What a query takes.

    Attributes:
        declared: What the HUD itself says of its type, where that is wrong.
    """

    name: str
    type: str
    required: bool
    default: Cell = None
    declared: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFacts:
    """All that is known of one query.

    Attributes:
        columns: None where they are not written down.
        example: Arguments of ``hud_query``.
    """

    name: str
    purpose: str
    parameters: tuple[ParameterFacts, ...] = ()
    columns: tuple[str, ...] | None = None
    note: str | None = None
    broken: str | None = None
    tables: tuple[str, ...] = ()
    example: dict[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Queries(Listing):
    """The named queries, and all about the one that was asked for."""

    groups: dict[str, int] = field(default_factory=dict)
    query: QueryFacts | None = None
    queries: tuple[QueryName, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rows(Listing):
    """A table.

    Attributes:
        sent: The parameters that were sent.
        notes: What is not as it seems.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    row_count: int = 0
    sent: dict[str, Cell] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the largest parts of a metric."""

    name: str
    count: Number = None
    seconds: Number = None


@dataclass(frozen=True, kw_only=True)
class Metric(Listing):
    """A metric over time: in a sentence, in numbers and as a table.

    Attributes:
        totals: Over all rows; None where nothing was counted.
        top: The largest parts.
        notes: What is not as it seems.
    """

    summary: str | None = None
    totals: dict[str, Number] = field(default_factory=dict)
    top: tuple[Part, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Totals may be known without any rows."""
        return not self.rows and not any(self.totals.values())
