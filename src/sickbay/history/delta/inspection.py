"""What is damaged in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sickbay.core.errors import SickbayError
from sickbay.core.results import Skipped
from sickbay.history.delta.log import LOG, first_line
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sickbay.history.delta.entry import Added
    from sickbay.history.delta.tables import Tables


def problems(tables: Tables) -> tuple[Skipped, ...]:
    """Logs and files of a store that cannot be read, as far as a look at them tells."""
    return tuple(problem for name in TABLES for problem in _of_table(tables, name))


def _of_table(tables: Tables, name: str) -> Iterator[Skipped]:
    folder = tables.folder / name
    try:
        files = tables.state(name).files
    except SickbayError as exc:
        yield Skipped(str(folder), str(exc))
        return
    for entry in (folder / LOG).glob("*.json"):
        if not entry.stat().st_size:  # which deltalake passes over
            yield Skipped(str(entry), "it is empty")
    for file in files.values():
        if why := damage(folder / file.path, file):
            yield Skipped(str(folder / file.path), why)


def damage(path: Path, file: Added, *, deep: bool = False) -> str | None:
    """What is wrong with a file; None if nothing is.

    Args:
        path: Where it is.
        file: What the log says of it.
        deep: Read all of it.
    """
    try:
        size = path.stat().st_size
        if size != file.size:
            return f"it has {size} bytes and not {file.size}"
        rows = pq.read_metadata(path).num_rows
        if deep:
            with pq.ParquetFile(path, page_checksum_verification=True) as opened:
                rows = sum(batch.num_rows for batch in opened.iter_batches())
    except FileNotFoundError:
        return "it is gone"
    except (pa.ArrowException, OSError) as exc:
        return f"it cannot be read: {first_line(exc)}"
    return None if rows == file.rows else f"it has {rows} rows and not {file.rows}"
