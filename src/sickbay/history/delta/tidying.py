"""Keeps a store small and fast: fewer and sorted files, without what does not count.

Only one process does it at a time: two that make one file of the same ones, each its
own, would double their rows. Builds go before their rows do, and rows that belong to
no build only when whoever wrote them must have finished, or died.
"""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from filelock import FileLock, Timeout
from msgspec.structs import replace

from sickbay.core.errors import Unavailable
from sickbay.history.delta.log import DRAFTS, LOG, first_line, looked
from sickbay.history.delta.mending import mended
from sickbay.history.delta.retention import Going, going
from sickbay.history.delta.rewriting import SORTED, SPILL
from sickbay.history.delta.tables import writing
from sickbay.history.delta.tiers import overdue
from sickbay.history.face import Tidied
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sickbay.history.delta.entry import Added
    from sickbay.history.delta.log import State
    from sickbay.history.delta.rewriting import Rewriter, Rewritten
    from sickbay.history.delta.tables import Tables
    from sickbay.history.face import Keep

LOCK = ".tidy.lock"
ORPHAN = timedelta(hours=24)
"""Age of rows that belong to no build: nobody takes that long to put a build."""

CHECKPOINT = 100
"""Commits after which a table's log is summed up."""

ORDERLY = ("builds", *(name for name in TABLES if name != "builds"))
"""Builds go first: whoever sees a build must see its rows."""


class Tidying:
    """One time of tidying a store.

    Args:
        tables: Of the store.
        rewriter: Of its files.
        keep: What stays.
        now: The time.
        dead_for: How long files that went are kept for those who read them.
        force: Whether it pays or not.
        repair: Mend it first.
    """

    def __init__(  # noqa: PLR0913 - what there is to say about it
        self,
        tables: Tables,
        rewriter: Rewriter,
        *,
        keep: Keep,
        now: datetime,
        dead_for: timedelta,
        force: bool = False,
        repair: bool = False,
    ) -> None:
        self._tables = tables
        self._rewriter = rewriter
        self._keep = keep
        self._now = now
        self._dead_for = dead_for
        self._force = force
        self._repair = repair

    def done(self) -> Tidied:
        """What was done; nothing, where another process is at it.

        Raises:
            Malformed: The store is damaged.
            Unavailable: It cannot be read or written.
            Unsupported: A later Sickbay changed it.
        """
        folder = self._tables.folder
        if not folder.is_dir():
            return Tidied(why_not="there is no history yet")
        with ExitStack() as stack:
            stack.enter_context(writing(folder))
            try:
                stack.enter_context(FileLock(folder / LOCK, timeout=0))
            except Timeout:
                return Tidied(why_not="another process is tidying it")
            shutil.rmtree(folder / SPILL, ignore_errors=True)
            return self._tidied()

    def _tidied(self) -> Tidied:
        mends = self._repair
        repaired = tuple(mended(self._tables, self._rewriter)) if mends else ()
        before = self._tables.states()
        found = self._decide(before["builds"], size(before))
        done = {name: self._table(name, drop=bool(found.all)) for name in ORDERLY}
        for name in TABLES:
            self._keep_up(name)
        after = self._tables.states()
        changes = [change for change in done.values() if change]
        rows = sum(
            file.rows for state in before.values() for file in state.files.values()
        )
        return Tidied(
            why_not=None if changes or repaired else "it is tidy",
            files_before=_files(before),
            files_after=_files(after),
            bytes_before=size(before),
            bytes_after=size(after),
            rows_before=rows,
            rows_after=rows - sum(one.before - one.after for one in changes),
            dropped_builds=len(found.expired),
            repaired=repaired,
        )

    def _decide(self, builds: State, taken: int) -> Going:
        """What goes now; the rewriter is told."""
        rows = self._rewriter.builds(builds.files)
        found = going(rows, keep=self._keep, now=self._now, size=taken)
        if not (self._force or found.pays):
            found = Going()
        stay = {row["ingest_id"] for row in rows} - found.all
        self._rewriter.know(stay=stay, go=found.all)
        return found

    def _table(self, name: str, *, drop: bool) -> Rewritten | None:
        """Rewrite those files of a table that are to be; None where none is."""
        files = self._tables.state(name).files
        strict = {path: self._old(file) for path, file in files.items()}
        chosen = overdue({path: file.rows for path, file in files.items()})
        if self._force and not (len(files) == 1 and min(files).startswith(SORTED)):
            chosen = frozenset(files)
        if drop or self._force:
            rest = {path: strict[path] for path in files if path not in chosen}
            chosen |= self._rewriter.holding(name, rest)
        if not chosen:
            return None
        done = self._rewriter.rewrite(name, {path: strict[path] for path in chosen})
        youngest = max(files[path].modification_time for path in chosen)
        added = done.added and replace(done.added, modification_time=youngest)
        self._tables.replace(name, chosen, added)
        return done

    def _old(self, file: Added) -> bool:
        """Whether all who wrote rows of a file have finished their builds, or died."""
        return file.modification_time < (self._now - ORPHAN).timestamp() * 1000

    def _keep_up(self, name: str) -> None:
        """Sum up the log of a table, and delete what has long gone."""
        state = self._tables.state(name)
        if state.version < 0:
            return
        folder = self._tables.folder / name
        due = state.version >= _summed_up(folder) + CHECKPOINT
        if not (due or self._force):
            return

        def sum_up() -> None:
            table = DeltaTable(folder)
            table.create_checkpoint()
            table.cleanup_metadata()
            _vacuum(table, self._dead_for, full=False)
            _vacuum(table, max(self._dead_for, ORPHAN), full=True)

        try:
            looked(sum_up)
        except DeltaError as exc:
            raise Unavailable(f"the log of {folder}: {first_line(exc)}") from exc
        old = (self._now - ORPHAN).timestamp()
        for draft in (folder / LOG).glob(DRAFTS):
            if draft.stat().st_mtime < old:
                draft.unlink(missing_ok=True)


def _vacuum(table: DeltaTable, dead_for: timedelta, *, full: bool) -> None:
    """Delete files that went so long ago; ``full``: and those nobody ever added."""
    table.vacuum(
        retention_hours=int(dead_for / timedelta(hours=1)),
        dry_run=False,
        enforce_retention_duration=False,
        full=full,
    )


def _summed_up(folder: Path) -> int:
    """The version of the last checkpoint of a table's log."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        path = folder / LOG / "_last_checkpoint"
        return int(json.loads(path.read_bytes())["version"])
    return 0


def _files(states: Mapping[str, State]) -> int:
    return sum(len(state.files) for state in states.values())


def size(states: Mapping[str, State]) -> int:
    """Bytes of the files of tables."""
    return sum(file.size for state in states.values() for file in state.files.values())
