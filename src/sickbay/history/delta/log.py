"""The log of one Delta table: which files it has, and commits of more or fewer.

deltalake opens a table (checkpoints and all), but it copies the list of all files with
every commit and every update: 15 ms at 300 files, and growing. So what comes after the
opening is followed and written here: an entry is lines of JSON in a file that is named
by its number, and whoever makes that file first has made the commit.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

import msgspec
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from msgspec import Struct

from sickbay.core.errors import Malformed, Unavailable, Unsupported
from sickbay.history.delta.entry import (
    READER,
    WRITER,
    Action,
    Added,
    Metadata,
    Protocol,
    decoded,
    encoded,
    stats,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

Found = TypeVar("Found")

LOG = "_delta_log"
DRAFTS = "_*.tmp"
"""Entries that are being written; one stays where its writer died."""

TRIES = 10_000
LOOKS = 5
PAUSE_S = 0.01
AMISS = (DeltaError, OSError, ValueError)
"""What deltalake says of a log that is damaged, or seems to be."""
MEND = "sickbay history tidy --repair mends it"


class State(Struct, frozen=True, kw_only=True):
    """A table at one version; -1 is before there is one."""

    version: int = -1
    files: Mapping[str, Added] = {}
    metadata: Metadata = Metadata()


class Log:
    """Follows the log of a table and adds to it. Not for two threads at once.

    Args:
        folder: Of the table; there need not be one yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = State()

    def state(self) -> State:
        """The table as it is now; when nothing changed that costs two look-ups.

        Raises:
            Malformed: The log is damaged.
            Unavailable: It cannot be read.
        """
        try:
            return self._newest()
        except OSError as exc:
            raise Unavailable(
                f"the log of {self.folder} cannot be read: {exc.strerror or exc}",
                hint="whose is it? SICKBAY_HISTORY__PATH names another folder",
            ) from exc

    def _newest(self) -> State:
        state = self._state
        # The log's old entries go in time: who slept through that starts again.
        if state.version < 0 or not self.entry(state.version).exists():
            state = self._opened()
        if state.version >= 0:
            state = self._followed(state)
        self._state = state
        return state

    def forget(self) -> None:
        """Read all of the log the next time."""
        self._state = State()

    def commit(self, actions: Callable[[State], Iterable[Action]]) -> State:
        """Add an entry, behind whatever others add meanwhile.

        Args:
            actions: What to add to the table as it then is; asked again for every try.

        Raises:
            Malformed: The log is damaged.
            Unavailable: It cannot be written.
        """
        for _ in range(TRIES):
            state = self.state()
            if self._made(state.version + 1, encoded(actions(state))):
                return self.state()
        raise Unavailable(f"{self.folder}: others write to it all the time")

    def entry(self, version: int) -> Path:
        """The file of an entry."""
        return self.folder / LOG / f"{version:020}.json"

    def _made(self, version: int, entry: bytes) -> bool:
        """Whether the entry was made; if not, another one is there."""
        path = self.entry(version)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(DRAFTS.replace("*", uuid.uuid4().hex))
        try:
            draft.write_bytes(entry)
            os.link(draft, path)
        except FileExistsError:
            return False
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return True

    def _opened(self) -> State:
        self._check_entries()
        opened = self._table()
        if opened is None:
            return State()
        table, listed = opened
        described, spoken = table.metadata(), table.protocol()
        _check(
            self.folder,
            Protocol(
                reader=spoken.min_reader_version, writer=spoken.min_writer_version
            ),
        )
        files = [_added(row) for row in listed.to_pylist()]
        return State(
            version=table.version(),
            files={_own(file.path, self.folder): file for file in files},
            metadata=Metadata(
                id=str(described.id),
                schema=table.schema().to_json(),
                partitions=tuple(described.partition_columns),
                configuration={**described.configuration},
            ),
        )

    def _table(self) -> tuple[DeltaTable, pa.Table] | None:
        """The table and its files; None where there is none."""

        def read() -> tuple[DeltaTable, pa.Table]:
            table = DeltaTable(self.folder)
            return table, pa.table(table.get_add_actions())

        try:
            return looked(read)
        except TableNotFoundError:
            return None
        except AMISS as exc:
            raise Malformed(
                f"the log of {self.folder} is damaged: {first_line(exc)}", hint=MEND
            ) from exc

    def _check_entries(self) -> None:
        """Refuse one that a machine lost as it went down: deltalake passes it over."""
        with suppress(FileNotFoundError, NotADirectoryError):
            for path in (self.folder / LOG).glob("*.json"):
                if not path.stat().st_size:
                    raise Malformed(f"{path} is empty", hint=MEND)

    def _followed(self, state: State) -> State:
        """The state after all entries that came since."""
        found: list[Action] = []
        version = state.version
        with suppress(FileNotFoundError):
            while True:
                found += self.actions(version + 1)
                version += 1
        if version == state.version:
            return state
        return after(state, version, found, self.folder)

    def actions(self, version: int) -> list[Action]:
        """What an entry says.

        Raises:
            FileNotFoundError: There is none of this number.
            Malformed: It is damaged.
        """
        path = self.entry(version)
        try:
            found = decoded(path.read_bytes())
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise Malformed(f"{path} is damaged: {exc}", hint=MEND) from exc
        if not found:
            raise Malformed(f"{path} is empty", hint=MEND)
        return found


def looked(act: Callable[[], Found], looks: int = LOOKS) -> Found:
    """What comes of reading a log with deltalake.

    Who lists a folder while files come may miss one and have the one after it: what is
    amiss is damage if it is still there at another look.
    """
    try:
        return act()
    except TableNotFoundError:
        raise
    except AMISS:
        if looks == 1:
            raise
    time.sleep(PAUSE_S)
    return looked(act, looks - 1)


def after(state: State, version: int, actions: list[Action], folder: Path) -> State:
    """A table's state when some actions have been done to it."""
    files = dict(state.files)
    metadata = state.metadata
    for action in actions:
        if action.add:
            files[_own(unquote(action.add.path), folder)] = action.add
        if action.remove:
            files.pop(unquote(action.remove.path), None)
        metadata = action.metadata or metadata
        if action.protocol:
            _check(folder, action.protocol)
    return State(version=version, files=files, metadata=metadata)


def _own(path: str, folder: Path) -> str:
    """The name of a file, which lies in the table's folder: no log leads elsewhere."""
    if set(unquote(path)) & set("/\\"):
        raise Malformed(
            f"the log of {folder} names a file elsewhere: {path[:200]!r}",
            hint=f"somebody changed it: move {folder.parent} away, and ingest again",
        )
    return path


def _check(folder: Path, protocol: Protocol) -> None:
    if protocol.reader > READER or protocol.writer > WRITER:
        raise Unsupported(
            f"{folder}: another program changed the table to a form unknown here",
            hint="move the folder away, and ingest again",
        )


def _added(row: Mapping[str, Any]) -> Added:
    rows = row.get("num_records") or 0
    return Added(
        path=row["path"],
        size=row["size_bytes"],
        modification_time=row["modification_time"],
        stats=stats(rows),
    )


def first_line(exc: Exception) -> str:
    """What a foreign exception says, without where in its engine it arose."""
    return str(exc).partition("\n")[0]
