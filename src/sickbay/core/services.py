"""What toolsets may want of each other, as protocols: the server wires them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime
    from pathlib import Path

Wanted = TypeVar("Wanted")


@runtime_checkable
class LogSource(Protocol):
    """Fetches logs by handle, such as ``hud:12345``."""

    @property
    def schemes(self) -> tuple[str, ...]:
        """What its handles begin with, without the colon."""

    def open(self, handle: str) -> AsyncIterator[bytes]:
        """The bytes of one log, in chunks.

        Raises:
            NotFound: No such log.
        """


@runtime_checkable
class GrowingLogs(Protocol):
    """A source of logs, some of which are still being written."""

    def growing(self, handle: str) -> bool:
        """Whether the log was not at its end when it was last opened."""


class ToolCaller(Protocol):
    """Calls any tool of the server."""

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The tool's result; a failing one is a result with an error."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where things are kept: all of the user's own, mode 0700."""

    cache: Path
    state: Path
    work: Path
    """The working directory: the first root of files that a caller may name."""
    cache_bytes: int = 2 << 30
    """Size of the fetched logs in the cache, packed."""


class Services(Protocol):
    """What the server hands to a toolset when it opens it."""

    @property
    def folders(self) -> Folders:
        """Where things are kept."""

    @property
    def writes(self) -> bool:
        """Whether the operator allows changes."""

    @property
    def tools(self) -> ToolCaller:
        """The way to the other tools."""

    def now(self) -> datetime:
        """The time, in UTC."""

    async def find(self, wanted: type[Wanted]) -> tuple[Wanted, ...]:
        """Every enabled toolset's source that fulfils a protocol, opened."""
