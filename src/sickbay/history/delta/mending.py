"""Mends a damaged store: what cannot be read goes, and whoever asks learns what."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from sickbay.core.errors import Malformed
from sickbay.core.results import Skipped
from sickbay.history.delta.entry import decoded, encoded
from sickbay.history.delta.inspection import damage
from sickbay.history.delta.log import DRAFTS, LOG
from sickbay.history.delta.tables import beginning
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sickbay.history.delta.entry import Action
    from sickbay.history.delta.rewriting import Rewriter
    from sickbay.history.delta.tables import Tables


def mended(tables: Tables, rewriter: Rewriter) -> Iterator[Skipped]:
    """Mend logs, files and builds, in this order; says what was done, one by one.

    Call it with the lock of the store.

    Raises:
        Malformed: What is left of a log is of no use.
        Unavailable: The store cannot be written.
    """
    found = [problem for name in TABLES for problem in _log(tables, name)]
    found += [problem for name in TABLES for problem in _files(tables, name)]
    yield from found
    yield from _builds(tables, rewriter, lost=bool(found))


def _log(tables: Tables, name: str) -> Iterator[Skipped]:
    """Keep the lines of the log that can be read, and checkpoints that can."""
    log = tables.folder / name / LOG
    yield from _entries(log, name)
    yield from _checkpoints(log)
    tables.forget()
    try:
        tables.state(name)
    except Malformed as exc:
        raise Malformed(
            exc.message, hint=f"move {tables.folder} away, and ingest again"
        ) from exc


def _entries(log: Path, name: str) -> Iterator[Skipped]:
    for path in sorted(log.glob("*.json")):
        lines = [line for line in path.read_bytes().splitlines() if line.strip()]
        kept = [action for line in lines for action in _actions(line)]
        if len(kept) == len(lines) and lines:
            continue
        if not int(path.stem) and not any(action.metadata for action in kept):
            kept = [*beginning(name), *kept]
        draft = path.with_name(DRAFTS.replace("*", uuid.uuid4().hex))
        draft.write_bytes(encoded(kept))
        draft.replace(path)
        yield Skipped(str(path), "lines that cannot be read were dropped")


def _actions(line: bytes) -> list[Action]:
    """What a line of an entry says; nothing if it cannot be read."""
    try:
        return decoded(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []


def _checkpoints(log: Path) -> Iterator[Skipped]:
    for path in sorted(log.glob("*.checkpoint*.parquet")):
        try:
            pq.read_table(path)
        except (pa.ArrowException, OSError):
            path.unlink()
            (log / "_last_checkpoint").unlink(missing_ok=True)
            yield Skipped(str(path), "it cannot be read, and was dropped")


def _files(tables: Tables, name: str) -> Iterator[Skipped]:
    folder = tables.folder / name
    for path, file in tables.state(name).files.items():
        if why := damage(folder / path, file, deep=True):
            tables.replace(name, [path], None)
            yield Skipped(str(folder / path), f"{why}; it was dropped")


def _builds(tables: Tables, rewriter: Rewriter, *, lost: bool) -> Iterator[Skipped]:
    """Drop builds that lost rows.

    Args:
        tables: Of the store.
        rewriter: Of its files.
        lost: Whether builds may have gone altogether.
    """
    states = tables.states()
    names = {name: list(states[name].files) for name in TABLES}
    broken, gone = rewriter.unwhole(names)
    if broken:
        rewriter.know(stay=(), go=broken.keys())
        files = dict.fromkeys(names["builds"], False)
        chosen = rewriter.holding("builds", files)
        rewritten = rewriter.rewrite("builds", dict.fromkeys(chosen, False))
        tables.replace("builds", chosen, rewritten.added)
    for build in sorted({*broken.values(), *(gone if lost else ())}):
        yield Skipped(build, "it lost rows, and was dropped: ingest it again")
