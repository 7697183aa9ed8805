"""Whether the server lives, is ready, and may stop: for probes and for the way out."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response


@dataclass(slots=True, kw_only=True)
class Health:
    """Where a server is between its start and its end.

    Attributes:
        toolsets: Tells the state of each toolset, in a word or two, for ``/readyz``.
        calls: How many calls are being answered right now.
    """

    toolsets: Callable[[], Mapping[str, str]] = field(default=dict)
    started: bool = False
    draining: bool = False
    calls: int = 0
    _open: set[anyio.CancelScope] = field(default_factory=set)

    @property
    def ready(self) -> bool:
        """Whether new calls are welcome."""
        return self.started and not self.draining

    @contextmanager
    def request(self, *, call: bool) -> Iterator[anyio.CancelScope]:
        """Hold a request for as long as it runs; ``close`` cancels it.

        Args:
            call: Whether it is one to wait for: a stream of news is none.
        """
        self.calls += call
        try:
            with anyio.CancelScope() as scope:
                self._open.add(scope)
                yield scope
        finally:
            self._open.discard(scope)
            self.calls -= call

    def close(self) -> None:
        """End what is still open."""
        for scope in self._open:
            scope.cancel()

    def routes(self) -> list[Route]:
        """``/healthz`` and ``/readyz``."""
        return [
            Route("/healthz", self._alive, methods=["GET"]),
            Route("/readyz", self._readiness, methods=["GET"]),
        ]

    async def _alive(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _readiness(self, _request: Request) -> Response:
        word = "ready" if self.ready else "draining" if self.draining else "starting"
        body = {"status": word, "toolsets": dict(self.toolsets())}
        return JSONResponse(body, 200 if self.ready else 503)
