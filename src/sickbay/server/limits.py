"""How often one caller may ask."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from sickbay.core.errors import Unavailable
from sickbay.server.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

_REMEMBERED = 10_000
"""Callers after which those that have been quiet are forgotten."""


@dataclass(slots=True, kw_only=True)
class Allowance:
    """A token bucket for each caller, kept as one number: when it is full again.

    Attributes:
        rate_per_s: How many requests a second, in the long run.
        burst: How many at once after a pause.
    """

    rate_per_s: float
    burst: int
    clock: Callable[[], float] = monotonic
    _full_at: dict[str, float] = field(default_factory=dict)

    def wait_s(self, caller: str) -> float:
        """Take one request from a caller's bucket; else how long it stays empty."""
        now = self.clock()
        full_at = max(self._full_at.get(caller, now), now)
        wait = full_at - now - (self.burst - 1) / self.rate_per_s
        if wait > 0:
            return wait
        if len(self._full_at) >= _REMEMBERED:
            self._full_at = {k: at for k, at in self._full_at.items() if at > now}
        self._full_at[caller] = full_at + 1 / self.rate_per_s
        return 0.0


class Limited:
    """An app behind an allowance."""

    def __init__(
        self, app: ASGIApp, allowance: Allowance, *, caller: Callable[[Scope], str]
    ) -> None:
        self._app = app
        self._allowance = allowance
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say when to come again."""
        wait = self._allowance.wait_s(self._caller(scope))
        if wait == 0:
            await self._app(scope, receive, send)
            return
        seconds = math.ceil(wait)
        error = Unavailable("too many requests", hint=f"try again in {seconds} s")
        answer = refusal(error, status=429, headers={"retry-after": str(seconds)})
        await answer(scope, receive, send)
