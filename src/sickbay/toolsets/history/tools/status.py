"""The tool about the history itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.core.tool import Call, tool
from sickbay.render.words import amount, size
from sickbay.toolsets.history.models.status import (
    PipelineFacts,
    StatusReport,
    TableFacts,
)
from sickbay.toolsets.history.source import HistorySource

if TYPE_CHECKING:
    from sickbay.history.face import Keep, Status

FILL = (
    "sickbay ingest buildkite --since 14d",
    "sickbay ingest hud --since 7d",
    "sickbay ingest junit 'reports/**/*.xml' --commit SHA --branch main",
)
TIDY = "sickbay history tidy"
REPAIR = "sickbay history tidy --repair"
SQL_TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "int32": "INTEGER",
    "double": "DOUBLE",
    "float": "FLOAT",
    "bool": "BOOLEAN",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
}
SUPERSEDED = 0.2
"""Share of builds on disk that a later ingestion replaced, above which tidying pays."""


@tool(title="Status", untrusted=("pipelines",))
async def status(source: HistorySource, _call: Call) -> StatusReport:
    """Say what the history holds, and where: look here before writing SQL.

    Gives `place`, `engine`, schema_version, counts of `builds`, `results` and
    `superseded` ones, their `oldest` and `newest`, ingested_at, size_bytes,
    `pipelines` (builds, newest), `tables` with all columns, what it `keeps`,
    `problems`, and next_steps: what to run where it is empty or damaged.
    """
    found = await source.history.status()
    pipelines = await source.reading.pipelines() if found.builds else ()
    return StatusReport(
        outcome="ok" if found.builds else "empty",
        place=found.place,
        engine=found.engine,
        schema_version=found.schema,
        builds=found.builds,
        results=found.results,
        superseded=found.superseded,
        oldest=found.oldest,
        newest=found.newest,
        ingested_at=found.ingested_at,
        size_bytes=found.bytes,
        pipelines=tuple(
            PipelineFacts(
                pipeline=one.pipeline,
                builds=one.builds,
                oldest=one.oldest,
                newest=one.newest,
            )
            for one in pipelines
        ),
        tables=_tables(found),
        keeps=_kept(source.keep),
        problems=found.problems,
        next_steps=_next(found),
    )


def _tables(found: Status) -> dict[str, TableFacts]:
    from sickbay.history.schema import TABLES  # noqa: PLC0415 - brings Arrow

    facts = {}
    for name, schema in TABLES.items():
        table = found.tables.get(name)
        facts[name] = TableFacts(
            rows=table.rows if table else 0,
            files=table.files if table else 0,
            size_bytes=table.bytes if table else 0,
            columns={column.name: SQL_TYPES[str(column.type)] for column in schema},
        )
    return facts


def _kept(keep: Keep) -> str:
    said = []
    if keep.age:
        said.append(f"builds of the last {amount(keep.age.days, 'day')}")
    if keep.bytes:
        said.append(f"{size(keep.bytes)} of the newest builds")
    return " and at most ".join(said) or "everything"


def _next(found: Status) -> tuple[str, ...]:
    if found.problems:
        return (REPAIR,)
    if not found.builds:
        return FILL
    if found.superseded > SUPERSEDED * found.builds:
        return (TIDY,)
    return ()
