"""One running call: who asks, how far it is, and what the user is told meanwhile."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio import CapacityLimiter
    from fastmcp import Context

_log = logging.getLogger(__name__)

THREADS = 8
"""Blocking tools that run at once; the others wait."""

FLUSH_S = 1.0
"""How long the end of a call waits for its last words to be sent."""

_PAUSE_S = 0.05
"""Between two progress messages: more would help nobody."""


class GivenUpError(Exception):
    """The caller no longer waits: ends a loop in a worker thread."""


class RunningCall:
    """What a tool is handed as ``call``; see ``sickbay.core.tool.Call``."""

    def __init__(
        self,
        context: Context | None,
        limiter: CapacityLimiter,
        clean: Callable[[Any], Any] = str,
    ) -> None:
        self.call_id = secrets.token_hex(4)
        self._context = context
        self._limiter = limiter
        self._clean = clean
        self._loop = asyncio.get_running_loop()
        self._ended = threading.Event()
        self._over = asyncio.Event()
        self._said: list[str] = []
        self._done: tuple[float, float | None] | None = None
        self._sent: tuple[float, float | None] | None = None
        self._sender: asyncio.Task[None] | None = None

    def progress(self, done: float, total: float | None = None) -> None:
        """Tell the user how far it is; never backwards."""
        if self._done is None or done > self._done[0]:
            self._done = (done, total)
            self._wake()

    def say(self, message: str) -> None:
        """Tell the user one short sentence."""
        self._said.append(message)
        self._wake()

    def check(self) -> None:
        """Raise when the caller has given up."""
        if self._ended.is_set():
            raise GivenUpError

    async def thread(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - whatever it returns
        """Run a blocking function in a worker thread."""
        return await anyio.to_thread.run_sync(
            function, *arguments, abandon_on_cancel=True, limiter=self._limiter
        )

    async def finish(self) -> None:
        """Send what is left to say, and let worker threads know that it is over."""
        self._ended.set()
        self._over.set()
        if self._sender is None and not self._waiting():
            return
        try:
            async with asyncio.timeout(FLUSH_S):
                if self._sender is not None:
                    await self._sender
                await self._send()
        except TimeoutError:
            _log.debug("call %s: the client does not read", self.call_id)

    def abandon(self) -> None:
        """Stop at once: the call was cancelled."""
        self._ended.set()
        if self._sender is not None:
            self._sender.cancel()

    def _wake(self) -> None:
        if self._context is not None and not self._ended.is_set():
            self._loop.call_soon_threadsafe(self._start)

    def _start(self) -> None:
        if self._sender is None and not self._ended.is_set():
            self._sender = self._loop.create_task(self._sending())

    def _waiting(self) -> bool:
        return bool(self._said) or self._done != self._sent

    async def _sending(self) -> None:
        try:
            while self._waiting() and not self._over.is_set():
                await self._send()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), _PAUSE_S)
        finally:
            self._sender = None

    async def _send(self) -> None:
        """Pass on what is new; a client that cannot take it never fails the tool."""
        if self._context is None:
            return
        try:
            while self._said:
                await self._context.info(self._clean(self._said.pop(0)))
            if self._done != self._sent and self._done is not None:
                self._sent = self._done
                await self._context.report_progress(*self._sent)
        except Exception as exc:  # noqa: BLE001 - whatever the transport raises
            _log.debug("call %s: not told: %r", self.call_id, exc)
