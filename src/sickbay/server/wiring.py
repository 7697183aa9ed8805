"""Opens the source of a toolset when it is first needed, and finds providers."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sickbay.core.errors import NotFound
from sickbay.server.discovery import attribute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from sickbay.core.manifest import Toolset
    from sickbay.core.services import Folders
    from sickbay.server.tool import BoundTool

Wanted = TypeVar("Wanted")


class Wiring:
    """The sources of the toolsets that are on; see ``sickbay.core.services.Services``.

    All are opened and closed by one task, since what a source opens may have to be
    closed where it was opened (anyio's cancel scopes).
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
        self._wanted: asyncio.Queue[str] | None = None

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
        if self._wanted is None:
            raise RuntimeError("the server does not run")
        future = self._opened.get(toolset)
        if future is None or (future.done() and future.exception() is not None):
            future = asyncio.get_running_loop().create_future()
            self._opened[toolset] = future
            self._wanted.put_nowait(toolset)
        return await asyncio.shield(future)

    async def find(self, wanted: type[Wanted]) -> tuple[Wanted, ...]:
        """Every source that fulfils a protocol, opened."""
        names = [
            name
            for name, toolset in self._toolsets.items()
            if wanted in toolset.provides
        ]
        return tuple([await self.of(name) for name in names])

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call any tool that is on.

        Raises:
            NotFound: There is no such tool.
        """
        if tool not in self.bound:
            raise NotFound(f"there is no tool {tool}")
        answer = await self.bound[tool].run(arguments, None)
        return answer.structured_content or {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep sources open for as long as the server runs."""
        self._wanted = asyncio.Queue()
        keeper = asyncio.create_task(self._keep(self._wanted))
        try:
            yield
        finally:
            self._wanted = None
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            self._opened.clear()

    async def _keep(self, wanted: asyncio.Queue[str]) -> None:
        async with AsyncExitStack() as stack:
            while True:
                name = await wanted.get()
                future = self._opened[name]
                try:
                    source = await stack.enter_async_context(self._source(name))
                except Exception as exc:  # noqa: BLE001 - goes to who asked
                    future.set_exception(exc)
                    future.exception()  # who asked may be gone: that is no warning
                else:
                    future.set_result(source)

    def _source(self, name: str) -> Any:  # noqa: ANN401 - a context manager of anything
        section = getattr(self._settings, name, None)
        return attribute(self._toolsets[name].source)(section, self)
