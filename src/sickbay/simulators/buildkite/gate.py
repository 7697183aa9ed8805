"""Who may ask for what, and how often."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from sickbay.simulators.faults import Faults
from sickbay.simulators.github.manners import GitHubManners

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/v2/"
READ = frozenset(
    {
        "read_builds",
        "read_build_logs",
        "read_artifacts",
        "read_job_env",
        "read_pipelines",
        "read_organizations",
    }
)
UNKNOWN = (
    "Authentication required. Please supply a valid API Access Token: "
    "https://buildkite.com/docs/apis/rest-api#authentication"
)
SCOPES = "sickbay.scopes"


def _tokens() -> dict[str, frozenset[str]]:
    return {
        "reader": READ,
        "writer": READ | {"write_builds"},
        "logless": READ - {"read_build_logs"},
        "artless": READ - {"read_artifacts"},
    }


@dataclass
class BuildkiteFaults(Faults):
    """What goes wrong, who is let in, and how often.

    Attributes:
        tokens: What each may do.
        org_limit: How many requests the organization has in a window; 0 is no limit.
        user_limit: How many each token has.
        window_s: How long a window is.
        github: Those of GitHub.
        page_only: The public pages give a build as a page and not as JSON.
    """

    tokens: dict[str, frozenset[str]] = field(default_factory=_tokens)
    org_limit: int = 0
    user_limit: int = 0
    window_s: float = 60.0
    page_only: bool = False
    github: GitHubManners = field(default_factory=GitHubManners)


@dataclass(slots=True)
class _Window:
    """How many requests one scope had since when."""

    began: float = 0.0
    used: int = 0

    def take(self, window_s: float, limit: int) -> bool:
        """Count one more; False if there is none left."""
        now = time.monotonic()
        if now - self.began >= window_s:
            self.began, self.used = now, 0
        self.used += 1
        return not limit or self.used <= limit

    def reset_s(self, window_s: float) -> int:
        """Seconds until the next one, as the header has them."""
        return max(1, round(self.began + window_s - time.monotonic() + 0.5))


class Gate:
    """Lets requests for the API through to the app, or not."""

    def __init__(self, app: ASGIApp, faults: BuildkiteFaults) -> None:
        self.app = app
        self.faults = faults
        self._windows: dict[str, _Window] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        token = _bearer(scope)
        scopes = self.faults.tokens.get(token)
        if scopes is None:
            refusal = JSONResponse({"message": UNKNOWN}, 401)
            await refusal(scope, receive, send)
            return
        over = self._over(token)
        limited = _Limited(send, self._headers(token))
        if over is not None:
            await over(scope, receive, limited)
            return
        await self.app({**scope, SCOPES: scopes}, receive, limited)

    def _kinds(self, token: str) -> tuple[tuple[str, str, int, str], ...]:
        faults = self.faults
        return (
            ("rest_user", f"user {token}", faults.user_limit, "RateLimit-User"),
            ("rest", "organization", faults.org_limit, "RateLimit"),
        )

    def _over(self, token: str) -> JSONResponse | None:
        for scope, name, limit, _ in self._kinds(token):
            window = self._windows.setdefault(name, _Window())
            if not window.take(self.faults.window_s, limit):
                reset = window.reset_s(self.faults.window_s)
                body: dict[str, Any] = {
                    "message": f"The limit {scope} is exceeded; wait {reset} seconds",
                    "scope": scope,
                    "limit": limit,
                    "current": window.used,
                    "reset": reset,
                }
                return JSONResponse(body, 429)
        return None

    def _headers(self, token: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for scope, name, limit, prefix in self._kinds(token):
            window = self._windows.get(name)
            if not limit or window is None:
                continue
            left = max(0, limit - window.used)
            found |= {
                f"{prefix}-Scope": scope,
                f"{prefix}-Remaining": str(left),
                f"{prefix}-Limit": str(limit),
                f"{prefix}-Reset": str(window.reset_s(self.faults.window_s)),
            }
            if not left:
                found[f"{prefix}-Warning"] = f"The {scope} limit is exhausted"
        return found


def _bearer(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if scheme.lower() == "bearer" else ""
    return ""


@dataclass(frozen=True, slots=True)
class _Limited:
    """Adds the headers of the limits to an answer."""

    send: Send
    headers: Mapping[str, str]

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            more = [(n.lower().encode(), v.encode()) for n, v in self.headers.items()]
            message = {**message, "headers": [*message["headers"], *more]}
        await self.send(message)
