"""The tables of a store: what they are made of, together, and how they are added to."""

from __future__ import annotations

import errno
import json
import re
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import Schema
from msgspec import structs

from sickbay.core.errors import BadRequest, Unavailable, Unsupported
from sickbay.core.untrusted import visible
from sickbay.history.delta.entry import (
    Action,
    Added,
    Metadata,
    Protocol,
    Removed,
    stats,
)
from sickbay.history.delta.log import Log, State
from sickbay.history.schema import TABLES, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

VERSION_KEY = "sickbay.schema"
"""Under which each table's log says of which version its columns are."""

CONFIGURATION: dict[str, str | None] = {
    VERSION_KEY: str(VERSION),
    "delta.deletedFileRetentionDuration": "interval 24 hours",
    "delta.logRetentionDuration": "interval 24 hours",
}
GROUP_ROWS = 50_000
DICTIONARY_BYTES = 8 << 20
PRIVATE = 0o700
_MISREAD = re.compile(r"%[0-9A-Fa-f]{2}|[\x00-\x1f\x7f\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Files of the tables, such that whatever build is in ``builds`` is there whole.

    Attributes:
        files: Absolute paths by table; none where a table is empty.
        version: The same as long as the files are the same.
    """

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    version: tuple[int, ...] = ()


class Tables:
    """The tables in a folder. Threads may share them, and processes the folder.

    Args:
        folder: Of the store; there need not be one yet.

    Raises:
        BadRequest: It has a name that cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        if _MISREAD.search(self.folder.as_posix()):  # deltalake would look elsewhere
            raise BadRequest(
                f"a history cannot be kept in {visible(str(self.folder))}",
                hint="choose a folder with a plain name: SICKBAY_HISTORY__PATH",
            )
        self._lock = threading.Lock()
        self._logs = {name: Log(self.folder / name) for name in TABLES}
        self._last: tuple[tuple[State, ...], Snapshot] = ((), Snapshot())

    def states(self) -> dict[str, State]:
        """All tables, read such that whatever build is in ``builds`` is there whole.

        Raises:
            Malformed: A log is damaged.
            Unsupported: A later Sickbay changed them.
        """
        with self._lock:
            return together(self._state)

    def snapshot(self) -> Snapshot:
        """The files to read; cheap when nothing changed.

        Raises:
            Malformed: A log is damaged.
            Unsupported: A later Sickbay changed them.
        """
        states = self.states()
        key = tuple(states.values())
        last, snapshot = self._last
        if len(last) == len(key) and all(
            a is b for a, b in zip(last, key, strict=True)
        ):
            return snapshot
        files = {
            name: tuple(f"{self.folder}/{name}/{path}" for path in state.files)
            for name, state in states.items()
        }
        version = tuple(state.version for state in key)
        snapshot = Snapshot(files=files, version=version)
        self._last = (key, snapshot)
        return snapshot

    def forget(self) -> None:
        """Read all of the logs the next time."""
        with self._lock:
            for log in self._logs.values():
                log.forget()

    def append(self, name: str, table: pa.Table) -> None:
        """Add rows to a table, which is made if need be; none is nothing to add.

        Raises:
            Malformed: The log is damaged.
            Unavailable: It cannot be written.
            Unsupported: A later Sickbay changed it.
        """
        if not table.num_rows:
            return
        with writing(self.folder):
            private(self.folder)
            added = written(self.folder / name, table)
            add = Action(add=added)
            self._commit(name, lambda state: [*preparation(name, state), add])

    def replace(self, name: str, old: Collection[str], new: Added | None) -> None:
        """Put one file in the place of others, whatever is added meanwhile.

        Raises:
            Malformed: The log is damaged.
            Unavailable: They are not there any more, or it cannot be written.
            Unsupported: A later Sickbay changed it.
        """

        def replaced(state: State) -> list[Action]:
            if not state.files.keys() >= set(old):
                raise Unavailable(f"another program changed {self.folder / name}")
            now = time.time_ns() // 1_000_000
            gone = [
                Removed(path=path, deletion_timestamp=now, data_change=False)
                for path in old
            ]
            new_one = (
                [Action(add=structs.replace(new, data_change=False))] if new else []
            )
            return [*new_one, *(Action(remove=one) for one in gone)]

        self._commit(name, replaced)

    def state(self, name: str) -> State:
        """A table as it is now, by itself.

        Raises:
            Malformed: Its log is damaged.
            Unsupported: A later Sickbay changed it.
        """
        with self._lock:
            return self._state(name)

    def _commit(self, name: str, actions: Callable[[State], list[Action]]) -> None:
        with self._lock:
            self._state(name)
            self._logs[name].commit(actions)

    def _state(self, name: str) -> State:
        state = self._logs[name].state()
        if version_of(state) > VERSION:
            raise Unsupported(
                f"a later version of Sickbay wrote the history in {self.folder}",
                hint="upgrade this one: pip install --upgrade sickbay",
            )
        return state


def together(state_of: Callable[[str], State]) -> dict[str, State]:
    """Tables, such that whatever build is in ``builds`` is there whole.

    Builds come first: what a writer adds to the other tables before its row in
    ``builds`` is found after it. Tidying goes the other way round, so if a file of
    ``builds`` went meanwhile, rows of other tables may have gone with it.

    Args:
        state_of: Gives a table as it is now.
    """
    while True:
        builds = state_of("builds")
        found = {name: state_of(name) for name in TABLES if name != "builds"}
        if builds.files.keys() <= state_of("builds").files.keys():
            return {**found, "builds": builds}


def version_of(state: State) -> int:
    """The version of a table's columns; one that is not there is up to date."""
    if state.version < 0:
        return VERSION
    return int(state.metadata.configuration.get(VERSION_KEY) or 0)


def beginning(name: str) -> list[Action]:
    """What the first entry of a table says."""
    schema = Schema.from_arrow(TABLES[name]).to_json()
    metadata = Metadata(
        id=str(uuid.uuid4()), schema=schema, configuration=CONFIGURATION
    )
    return [Action(protocol=Protocol()), Action(metadata=metadata)]


def preparation(name: str, state: State) -> list[Action]:
    """What comes before the first rows of this version.

    Columns that are new are empty in the rows there are: files stay as they are.
    """
    if state.version < 0:
        return beginning(name)
    if version_of(state) == VERSION:
        return []
    schema = json.loads(Schema.from_arrow(TABLES[name]).to_json())
    ours = {column["name"] for column in schema["fields"]}
    there = json.loads(state.metadata.schema)["fields"]
    schema["fields"] += [column for column in there if column["name"] not in ours]
    metadata = structs.replace(
        state.metadata,
        schema=json.dumps(schema),
        configuration={**state.metadata.configuration, **CONFIGURATION},
    )
    return [Action(metadata=metadata)]


def written(folder: Path, table: pa.Table) -> Added:
    """Write a file that no log knows yet."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    path = folder / f"{uuid.uuid4().hex}.parquet"
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=1,
        row_group_size=GROUP_ROWS,
        dictionary_pagesize_limit=DICTIONARY_BYTES,
    )
    return Added(
        path=path.name,
        size=path.stat().st_size,
        modification_time=path.stat().st_mtime_ns // 1_000_000,
        stats=stats(table.num_rows),
    )


def private(folder: Path) -> None:
    """Make the folder of a store, for its owner alone."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say what is wrong when a store cannot be written.

    Raises:
        Unavailable: It cannot be written.
    """
    try:
        yield
    except OSError as exc:
        full = exc.errno in {errno.ENOSPC, errno.EDQUOT}
        reason = "the disk is full" if full else exc.strerror or str(exc)
        raise Unavailable(
            f"the history in {folder} cannot be written: {reason}",
            hint="make room there" if full else "SICKBAY_HISTORY__PATH moves it",
        ) from exc
