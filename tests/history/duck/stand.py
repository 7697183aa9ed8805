"""Files of a history without a store: what the engine is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pyarrow.parquet as pq

from sickbay.history.duck.engine import Engine
from sickbay.history.reading import Reading
from sickbay.history.statements import query
from tests.history.drawn import batches, drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pyarrow as pa

    from sickbay.ci.records import BuildRecord
    from sickbay.history.face import History
    from sickbay.history.rows import Batch

LINE = {
    "pipeline": None,
    "branch": None,
    "since": None,
    "until": None,
    "message": None,
    "newest": 1000,
}


@dataclass(frozen=True)
class Files:
    """Some files; see ``history.duck.views.Snapshot``."""

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True)
class Asked:
    """As much of a history as reads."""

    engine: Engine

    async def ask(self, query: str, **parameters: Any) -> pa.Table:  # noqa: ANN401 - values of SQL
        return self.engine.ask(query, parameters)


def kept(folder: Path, found: Iterable[Batch], *, version: int = 1) -> Files:
    """The batches as files, one for each and table."""
    files: dict[str, tuple[str, ...]] = {}
    for number, batch in enumerate(found):
        for name, table in batch.tables.items():
            path = str(folder / f"{name}-{number}.parquet")
            pq.write_table(table, path)
            files[name] = (*files.get(name, ()), path)
    return Files(files, version)


def asked_of(folder: Path, records: Iterable[BuildRecord], *, per: int = 7) -> Engine:
    """An engine over builds."""
    files = kept(folder, batches(records, per=per))
    return Engine(lambda: files)


def reading_of(folder: Path, records: Iterable[BuildRecord]) -> Reading:
    """What reads these builds."""
    return Reading(cast("History", Asked(asked_of(folder, records))))


def parameters(name: str) -> dict[str, Any]:
    """Some for a query that find a lot of what is drawn with seed 1."""
    ids = [record.build_id for record in drawn(1)]
    known: dict[str, Any] = {
        **LINE,
        "most": 1000,
        "base": ids[:10],
        "new": ids[10:],
        "build_id": ids[0],
        "build_ids": ids,
        "test_id": "t/test_3.py::test_3",
        "named": "3",
    }
    return {key: known.get(key) for key in query(name).parameters}
