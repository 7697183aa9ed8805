"""Who may come in: binds an authenticated request to what it may see and do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.datastructures import Headers

from sickbay.core.errors import NotFound
from sickbay.server.choice import HEADER, choice
from sickbay.server.refusal import refusal
from sickbay.server.request import ALL_SCOPES, admit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Door:
    """Notes the caller's name, scopes and choice of toolsets with each request.

    Args:
        app: What is behind it.
        toolsets: What there is to choose from.
        guarded: Whether only authenticated requests get this far.
    """

    def __init__(
        self, app: ASGIApp, *, toolsets: frozenset[str], guarded: bool
    ) -> None:
        self._app = app
        self._toolsets = toolsets
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with what is known of it."""
        header = ",".join(Headers(scope=scope).getlist(HEADER))
        path = scope.get("path_params", {}).get("toolsets", "")
        try:
            toolsets = choice(path, header, enabled=self._toolsets)
        except NotFound as exc:
            await refusal(exc)(scope, receive, send)
            return
        scopes = _scopes_of(scope) if self._guarded else ALL_SCOPES
        admit(scope, principal=principal_of(scope), scopes=scopes, toolsets=toolsets)
        await self._app(scope, receive, send)


def _scopes_of(scope: Scope) -> frozenset[str]:
    user = scope.get("user")
    return frozenset(user.scopes if isinstance(user, AuthenticatedUser) else ())


def principal_of(scope: Scope) -> str | None:
    """The name of an authenticated caller, an issuer's own behind an ``@``."""
    user = scope.get("user")
    if not isinstance(user, AuthenticatedUser):
        return None
    token = user.access_token
    name = token.subject or token.client_id
    issuer = (token.claims or {}).get("iss")
    return f"{name}@{issuer}" if issuer else name


def payer_of(scope: Scope) -> str:
    """Whose allowance a request is taken from: its sender's name, or else address."""
    if name := principal_of(scope):
        return f"name {name}"
    client = scope.get("client")
    return f"address {client[0] if client else 'unknown'}"
