"""Keeps to what Buildkite allows an organization and a user in a minute."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from sickbay.clients.hosts import place
from sickbay.clients.number import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

JITTER_S = (1.0, 5.0)
"""Waited on top of what the server says, so that not all who wait come at once."""

LONGEST_S = 300.0
"""A window is a minute long; what is said to last longer is asked about again."""

SAME_S = 2.0
"""Two ends of windows this close together are one: they come as whole seconds."""

_SCOPES = (("RateLimit", "rest"), ("RateLimit-User", "rest_user"))
"""How the headers of a limit begin, and the scope it has where they do not say."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """What is allowed in a stretch of time.

    Attributes:
        limit: Requests.
        remaining: Of these, as the last answer said.
        reset_s: Until there are as many again.
    """

    limit: int
    remaining: int
    reset_s: float


@dataclass(slots=True)
class _Window:
    limit: int
    remaining: int
    ends: float


class Limits:
    """A gate for the requests to one host.

    What is under way counts as made: it is no more than a window has left. After the
    end of a window nothing is known until the first answer.

    Args:
        host: As a URL has it, its port included.
        jitter_s: Least and most that is waited on top.

    Attributes:
        requests: How many were made, to any host.
    """

    def __init__(self, host: str, *, jitter_s: tuple[float, float] = JITTER_S) -> None:
        self.requests = 0
        self._host = host
        self._jitter_s = jitter_s
        self._windows: dict[str, _Window] = {}
        self._under_way = 0
        self._heard = anyio.Event()
        self._told = 0.0

    @property
    def limits(self) -> dict[str, Limit]:
        """What is allowed now, by scope."""
        now = time.monotonic()
        return {
            scope: Limit(window.limit, window.remaining, window.ends - now)
            for scope, window in self._windows.items()
            if window.ends > now
        }

    async def enter(self, url: httpx2.URL) -> None:
        """Wait until a request is allowed."""
        self.requests += 1
        if not self._is_ours(url):
            return
        while (exhausted := self._exhausted()) is not None:
            await self._wait(*exhausted)
        self._under_way += 1

    def left(
        self, url: httpx2.URL, status: int | None, headers: Mapping[str, str]
    ) -> None:
        """Take note of what an answer says is left."""
        if not self._is_ours(url):
            return
        self._under_way -= 1
        self._heard.set()
        self._heard = anyio.Event()
        if status is None:
            return
        for prefix, usual in _SCOPES:
            said = [
                whole_number(headers.get(f"{prefix}-{name}", ""))
                for name in ("Limit", "Remaining", "Reset")
            ]
            limit, remaining, reset_s = said
            if limit is not None and remaining is not None and reset_s is not None:
                scope = headers.get(f"{prefix}-Scope", usual)
                self._note(scope, limit, remaining, reset_s)

    def exhausted(self, scope: str, reset_s: float) -> None:
        """Take note of a refusal that names its scope."""
        known = self._windows.get(scope)
        self._note(scope, known.limit if known else 0, 0, max(reset_s, 0.0))

    async def _wait(self, scope: str, window: _Window) -> None:
        """Until the window ends, or the next answer where that may tell of room."""
        jitter_s = random.uniform(*self._jitter_s)  # noqa: S311 - no secret
        wait_s = window.ends - time.monotonic() + jitter_s
        if window.ends != self._told:
            self._told = window.ends
            _log.warning(
                "waiting %.0f s: Buildkite's limit %s of %d requests is used up",
                *(wait_s, scope, window.limit),
            )
        heard = self._heard
        with anyio.move_on_after(wait_s):
            await (heard.wait() if window.remaining else anyio.sleep(wait_s))

    def _note(self, scope: str, limit: int, remaining: int, reset_s: float) -> None:
        """Answers may overtake each other: the least said of a window holds."""
        ends = time.monotonic() + min(reset_s, LONGEST_S)
        before = self._windows.get(scope)
        if before and before.ends > time.monotonic() and ends < before.ends + SAME_S:
            remaining = min(remaining, before.remaining)
            ends = before.ends
        self._windows[scope] = _Window(limit, remaining, ends)

    def _exhausted(self) -> tuple[str, _Window] | None:
        """The window without room that ends last."""
        now = time.monotonic()
        full = [
            (scope, window)
            for scope, window in self._windows.items()
            if window.ends > now and window.remaining <= self._under_way
        ]
        return max(full, key=lambda one: one[1].ends, default=None)

    def _is_ours(self, url: httpx2.URL) -> bool:
        return place(url.host, url.port) == self._host
