"""The state of a store, for people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import SickbayError
from sickbay.core.results import Skipped
from sickbay.history.delta.inspection import problems
from sickbay.history.delta.tables import version_of
from sickbay.history.face import Status, TableStatus
from sickbay.history.schema import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    import pyarrow as pa

    from sickbay.history.delta.log import State
    from sickbay.history.delta.tables import Tables

    class Asked(Protocol):
        """Answers queries."""

        def ask(self, query: str, parameters: Mapping[str, Any]) -> pa.Table:
            """The rows of a query."""


def status(tables: Tables, engine: Asked) -> Status:
    """What is in a store; of one that is damaged, what can be told and the damage.

    Raises:
        Unsupported: A later Sickbay changed it.
    """
    empty = Status(place=str(tables.folder), engine="delta", schema=VERSION)
    found = problems(tables)
    try:
        states = tables.states()
        rows = engine.ask("counts", {}).to_pylist()
    except SickbayError as exc:
        found = found or (Skipped(str(tables.folder), str(exc)),)
        return replace(empty, problems=found)
    parts = {name: _of_table(state) for name, state in states.items()}
    builds = sum(row["builds"] for row in rows)
    return replace(
        empty,
        schema=min(map(version_of, states.values())),
        builds=builds,
        results=sum(row["results"] or 0 for row in rows),
        superseded=parts["builds"].rows - builds,
        oldest=min((row["oldest"] for row in rows), default=None),
        newest=max((row["newest"] for row in rows), default=None),
        ingested_at=max((row["last_ingested_at"] for row in rows), default=None),
        bytes=sum(part.bytes for part in parts.values()),
        tables=parts,
        problems=found,
    )


def _of_table(state: State) -> TableStatus:
    files = state.files.values()
    return TableStatus(
        rows=sum(file.rows for file in files),
        files=len(files),
        bytes=sum(file.size for file in files),
    )
