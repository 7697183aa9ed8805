"""A toolset that fetches logs by handles of its own, for the tests."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import NotFound
from sickbay.core.manifest import Toolset
from sickbay.core.services import LogSource

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator


class Depot:
    """Has a log for every even number.

    Where there is a ``meeting``, no log comes before so many are asked for at once.
    """

    schemes = ("hud",)

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.meeting: asyncio.Barrier | None = None

    async def open(self, handle: str) -> AsyncIterator[bytes]:
        """The bytes of one log."""
        self.fetched.append(handle)
        if self.meeting:
            await self.meeting.wait()
        number = int(handle.partition(":")[2])
        if number % 2:
            raise NotFound(f"no log of job {number}")
        yield b"the build works\n"
        yield b"error: job %d fails\n" % number


class _Place:
    depot = Depot()


def fresh() -> Depot:
    """A depot that nothing was fetched from yet."""
    _Place.depot = Depot()
    return _Place.depot


@asynccontextmanager
async def opened(_settings: Any, _services: Any) -> AsyncIterator[Depot]:  # noqa: ANN401 - any
    """Open the depot of the running test."""
    yield _Place.depot


TOOLS = ()

TOOLSET = Toolset(
    name="depot",
    summary="Logs for tests.",
    tools="tests.toolsets.logs.depot:TOOLS",
    source="tests.toolsets.logs.depot:opened",
    provides=(LogSource,),
)
