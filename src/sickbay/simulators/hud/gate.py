"""Who may ask HUD: the firewall, the limit of requests, and the way in with a token."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from starlette.responses import JSONResponse, Response

from sickbay.simulators.faults import Faults

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

AUTHED = "/api/authed/"
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Vercel Security Checkpoint</title></head>"
    b"<body>We're verifying your browser</body></html>"
)
MITIGATED = {"x-vercel-mitigated": "challenge", "server": "Vercel"}


@dataclass
class HudFaults(Faults):
    """What goes wrong, and who is let in.

    Attributes:
        firewall: Whoever shows no token is challenged as a robot.
        bot_token: Opens the firewall, as ``x-hud-internal-bot``.
        github_tokens: What each may do to the repository; who may ``write`` is let in.
        rate_per_s: How many requests are answered in each second; 0 is no limit.
    """

    firewall: bool = False
    bot_token: str = "hud-bot-token"  # noqa: S105 - of nothing real
    github_tokens: dict[str, Literal["read", "write"]] = field(
        default_factory=lambda: {"github-writer": "write", "github-reader": "read"}
    )
    rate_per_s: float = 0.0


class Gate:
    """Lets requests for the API through to the app, or not."""

    def __init__(self, app: ASGIApp, faults: HudFaults) -> None:
        self.app = app
        self.faults = faults
        self._second, self._answered = 0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        headers = dict(scope["headers"])
        refusal = self._refusal(scope["path"], headers)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif scope["path"].startswith(AUTHED):
            await self.app(_unveiled(scope), receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, path: str, headers: dict[bytes, bytes]) -> Response | None:
        if not path.startswith("/api/"):
            return None
        secret = headers.get(b"x-hud-internal-bot", b"").decode("latin-1")
        if secret and secret == self.faults.bot_token:
            return None
        if path.startswith(AUTHED):
            return self._unknown(headers.get(b"authorization", b"").decode("latin-1"))
        if self.faults.firewall:
            return Response(CHALLENGE, 429, MITIGATED, "text/html")
        return self._too_many()

    def _unknown(self, authorization: str) -> Response | None:
        scheme, _, token = authorization.partition(" ")
        known = self.faults.github_tokens.get(token)
        if scheme.lower() != "bearer" or known is None:
            return JSONResponse({"error": "Invalid or missing GitHub token"}, 401)
        if known != "write":
            return JSONResponse({"error": "Write access is required"}, 403)
        return None

    def _too_many(self) -> Response | None:
        if not self.faults.rate_per_s:
            return None
        if self._second != int(time.monotonic()):
            self._second, self._answered = int(time.monotonic()), 0
        self._answered += 1
        if self._answered <= self.faults.rate_per_s:
            return None
        return JSONResponse({"error": "Too many requests"}, 429, {"retry-after": "1"})


def _unveiled(scope: Scope) -> Scope:
    """The request as it is passed on: no header fields, and the plain path."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return {
        **scope,
        "path": scope["path"].replace(AUTHED, "/api/", 1),
        "raw_path": raw.replace(AUTHED.encode(), b"/api/", 1),
        "headers": [
            (name, value) for name, value in scope["headers"] if name == b"host"
        ],
    }
