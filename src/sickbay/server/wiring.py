"""Opens the source of a toolset when it is first needed, and finds providers."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sickbay.core.errors import Denied, NotFound, TimedOut
from sickbay.server.discovery import attribute
from sickbay.server.request import chosen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from sickbay.core.manifest import Toolset
    from sickbay.core.services import Folders
    from sickbay.server.tool import BoundTool

_log = logging.getLogger(__name__)

Wanted = TypeVar("Wanted")

OPEN_S = 60.0
"""How long a call waits for a source that is being opened."""


class Wiring:
    """The sources of the toolsets that are on; see ``sickbay.core.services.Services``.

    Each is opened and closed by a task of its own, since what a source opens may have
    to be closed where it was opened (anyio's cancel scopes).
    """

    def __init__(
        self,
        toolsets: Sequence[Toolset],
        settings: Any,  # noqa: ANN401 - composed at run time
        folders: Folders,
    ) -> None:
        self.folders = folders
        self.bound: dict[str, BoundTool] = {}
        self._toolsets = {toolset.name: toolset for toolset in toolsets}
        self._settings = settings
        self._opened: dict[str, asyncio.Future[Any]] = {}
        self._keepers: list[tuple[asyncio.Future[Any], asyncio.Task[None]]] = []
        self._over: asyncio.Event | None = None

    @property
    def writes(self) -> bool:
        """Whether the operator allows changes."""
        return bool(self._settings.write)

    @property
    def tools(self) -> Wiring:
        """The way to the other tools."""
        return self

    @staticmethod
    def now() -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    async def of(self, toolset: str) -> Any:  # noqa: ANN401 - each has its own
        """The opened source of a toolset.

        Raises:
            SickbayError: It cannot be opened; the next call tries again.
        """
        if self._over is None:
            raise RuntimeError("the server does not run")
        future = self._opened.get(toolset)
        if future is None or (future.done() and future.exception() is not None):
            future = asyncio.get_running_loop().create_future()
            self._opened[toolset] = future
            keeping = self._keep(toolset, future, self._over)
            self._keepers.append((future, asyncio.create_task(keeping)))
        if future.done():
            return future.result()
        try:
            async with asyncio.timeout(OPEN_S):
                return await asyncio.shield(future)
        except TimeoutError:
            raise TimedOut(
                f"{toolset} is not ready after {OPEN_S:g} s",
                hint="sickbay doctor says what it waits for",
            ) from None

    async def find(self, wanted: type[Wanted]) -> tuple[Wanted, ...]:
        """Every source that fulfils a protocol, opened."""
        names = [
            name
            for name, toolset in self._toolsets.items()
            if wanted in toolset.provides
        ]
        return tuple([await self.of(name) for name in names])

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call a tool that is on, within what the running request may see.

        Raises:
            NotFound: There is no such tool.
            Denied: It would change something: that needs the user, not another tool.
        """
        bound, wanted = self.bound.get(tool), chosen()
        if bound is None or (wanted is not None and bound.toolset not in wanted):
            raise NotFound(f"there is no tool {tool}")
        if not bound.tool.read_only:
            raise Denied(f"{tool} changes something: a tool may not call it")
        answer = await bound.run(arguments, None)
        return answer.structured_content or {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep sources open for as long as the server runs."""
        self._over = over = asyncio.Event()
        try:
            yield
        finally:
            self._over = None
            over.set()
            for future, keeper in self._keepers:
                if not future.done():
                    keeper.cancel()
                    future.cancel()
            await asyncio.gather(
                *(keeper for _, keeper in self._keepers), return_exceptions=True
            )
            self._keepers.clear()
            self._opened.clear()

    async def _keep(
        self, name: str, opened: asyncio.Future[Any], over: asyncio.Event
    ) -> None:
        try:
            async with self._source(name) as source:
                opened.set_result(source)
                await over.wait()
        except Exception as exc:  # noqa: BLE001 - goes to who asked
            if opened.done():
                _log.warning("toolset %s did not close: %r", name, exc)
                return
            opened.set_exception(exc)
            opened.exception()  # who asked may be gone: that is no warning

    def _source(self, name: str) -> Any:  # noqa: ANN401 - a context manager of anything
        section = getattr(self._settings, name, None)
        return attribute(self._toolsets[name].source)(section, self)
