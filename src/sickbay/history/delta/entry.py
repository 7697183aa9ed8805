"""An entry of a Delta table's log: what it adds, removes and says of the table.

The format: "Delta Transaction Log Protocol", section "Actions".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable

READER, WRITER = 1, 2
"""Versions of the protocol that are spoken here: appending, and nothing fancy."""


class Added(Struct, frozen=True, kw_only=True):
    """A file that a table has."""

    path: str
    size: int
    partition_values: dict[str, str] = field(name="partitionValues", default={})
    modification_time: int = field(name="modificationTime", default=0)
    data_change: bool = field(name="dataChange", default=True)
    stats: str | None = None

    @property
    def rows(self) -> int:
        """How many it has; 0 where nobody wrote that down."""
        return msgspec.json.decode(self.stats or "{}", type=_Stats).rows


class Removed(Struct, frozen=True, kw_only=True):
    """A file that a table has no longer."""

    path: str
    deletion_timestamp: int = field(name="deletionTimestamp", default=0)
    data_change: bool = field(name="dataChange", default=True)


class Format(Struct, frozen=True, kw_only=True):
    """Of a table's files."""

    provider: str = "parquet"
    options: dict[str, str] = {}


class Metadata(Struct, frozen=True, kw_only=True):
    """What a table is."""

    id: str = ""
    format: Format = Format()
    schema: str = field(name="schemaString", default="")
    partitions: tuple[str, ...] = field(name="partitionColumns", default=())
    configuration: dict[str, str | None] = {}


class Protocol(Struct, frozen=True, kw_only=True):
    """Versions that whoever reads or writes a table must speak."""

    reader: int = field(name="minReaderVersion", default=READER)
    writer: int = field(name="minWriterVersion", default=WRITER)


class Action(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an entry; others say nothing about files."""

    protocol: Protocol | None = None
    metadata: Metadata | None = field(name="metaData", default=None)
    add: Added | None = None
    remove: Removed | None = None


class _Stats(Struct):
    rows: int = field(name="numRecords", default=0)


_LINES = msgspec.json.Encoder()
_ENTRY = msgspec.json.Decoder(Action)


def decoded(entry: bytes) -> list[Action]:
    """The actions of an entry.

    Raises:
        msgspec.DecodeError: It is none.
        UnicodeDecodeError: It is no text.
    """
    return _ENTRY.decode_lines(entry)


def encoded(actions: Iterable[Action]) -> bytes:
    """An entry; its last line is one that the protocol wants of every commit."""
    now = time.time_ns() // 1_000_000
    info = {"commitInfo": {"timestamp": now, "operation": "WRITE"}}
    return _LINES.encode_lines([*actions, info])


def stats(rows: int) -> str:
    """What the log says about a file: how many rows it has."""
    return f'{{"numRecords":{rows}}}'
