"""Who may ask the simulated GitHub for what, and how often."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Literal

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Right = Literal["read", "write"]
Resource = Literal["core", "search"]
DOCS = "https://docs.github.com/rest"
USED = "x-ratelimit-used"
KEPT = 304


@dataclass
class GitHubManners:
    """What it allows.

    Attributes:
        tokens: What each may do to the repository.
        limited: Whether the limits hold; otherwise they are only told.
        core: Requests in an hour without a token, and with one.
        search: Searches in a minute without a token, and with one.
        window_s: Seconds in which these are allowed, in place of an hour or minute.
        secondary: So many of the next requests come too quickly after one another.
        retry_after_s: How long those are to wait.
    """

    tokens: dict[str, Right] = field(
        default_factory=lambda: {"github-reader": "read", "github-writer": "write"}
    )
    limited: bool = False
    core: tuple[int, int] = (60, 5_000)
    search: tuple[int, int] = (10, 30)
    window_s: float | None = None
    secondary: int = 0
    retry_after_s: int = 60

    def window(self, resource: Resource, *, known: bool) -> tuple[int, float]:
        """How many requests are allowed, in how many seconds."""
        limit = (self.search if resource == "search" else self.core)[known]
        return limit, self.window_s or (60 if resource == "search" else 3_600)


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class Gate:
    """Lets requests through to the app, or not, and says how many are left."""

    def __init__(self, app: ASGIApp, manners: GitHubManners) -> None:
        self.app = app
        self.manners = manners
        self._windows: dict[tuple[str, Resource], _Window] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        token = _token(scope)
        right = self.manners.tokens.get(token)
        if token and right is None:
            refusal = JSONResponse(refused("Bad credentials", 401), 401)
            await refusal(scope, receive, send)
            return
        resource: Resource = "search" if "/search/" in scope["path"] else "core"
        limit, span_s = self.manners.window(resource, known=bool(token))
        window = self._window(token, resource, span_s)
        window.used += 1
        telling = _Telling(send, resource, limit, window, self.manners)
        over = self._over(token, limit, window)
        if over is not None:
            await over(scope, receive, telling)
            return
        state = {**scope.get("state", {}), "right": right}
        await self.app({**scope, "state": state}, receive, telling)

    def _window(self, token: str, resource: Resource, span_s: float) -> _Window:
        window = self._windows.get((token, resource))
        if window is None or time.time() >= window.ends:
            window = _Window(time.time() + span_s)
            self._windows[token, resource] = window
        return window

    def _over(self, token: str, limit: int, window: _Window) -> JSONResponse | None:
        if self.manners.secondary:
            self.manners.secondary -= 1
            said = (
                "You have exceeded a secondary rate limit. Please wait a few minutes "
                "before you try again."
            )
            wait = {"retry-after": str(self.manners.retry_after_s)}
            return JSONResponse(refused(said, 403), 403, wait)
        if not self.manners.limited or window.used <= limit:
            return None
        who = "user ID 4093" if token else "127.0.0.1"
        more = "" if token else " (Authenticated requests get a higher rate limit.)"
        said = f"API rate limit exceeded for {who}.{more}"
        return JSONResponse(refused(said, 403), 403)


def refused(message: str, status: int, **more: object) -> dict[str, object]:
    """The body of a refusal."""
    return {
        "message": message,
        **more,
        "documentation_url": DOCS,
        "status": str(status),
    }


def _token(scope: Scope) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    said = headers.get(b"authorization", b"").decode("latin-1")
    return said.partition(" ")[2].strip()


@dataclass(frozen=True, slots=True)
class _Telling:
    """Adds to an answer how many requests are left."""

    send: Send
    resource: Resource
    limit: int
    window: _Window
    manners: GitHubManners

    async def __call__(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            if message["status"] == KEPT:
                self.window.used -= 1
            said = [(name.encode(), str(text).encode()) for name, text in self._said()]
            message = {**message, "headers": [*message["headers"], *said]}
        await self.send(message)

    def _said(self) -> list[tuple[str, object]]:
        most = self.limit if self.manners.limited else self.limit - 1
        used = min(self.window.used, most)
        return [
            ("date", formatdate(usegmt=True)),
            ("x-ratelimit-limit", self.limit),
            ("x-ratelimit-remaining", self.limit - used),
            (USED, used),
            ("x-ratelimit-reset", int(self.window.ends)),
            ("x-ratelimit-resource", self.resource),
        ]
