"""Who calls: their name, their scopes, and whether they can ask their user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from sickbay.server.request import ALL_SCOPES, principal, scopes

if TYPE_CHECKING:
    from fastmcp import Context
    from mcp_types import ClientCapabilities


NAME = 100
"""Characters of what a client calls itself: each record of a call repeats them."""


@dataclass(frozen=True, slots=True)
class Client:
    """The client behind one request.

    Attributes:
        principal: Name of its token; None where none is needed.
        can_ask: Whether it showed the capability to ask its user (elicitation).
        sessionless: Whether it speaks the protocol without sessions: it is asked by
            an input-required result then, and calls again.
    """

    principal: str | None = None
    scopes: frozenset[str] = ALL_SCOPES
    name: str | None = None
    transport: str | None = None
    can_ask: bool = False
    sessionless: bool = False


def client_of(context: Context | None) -> Client:
    """The client of the running request."""
    request = context.request_context if context else None
    if context is None or request is None:
        return Client()
    session = context.session
    information = session.client_params and session.client_params.client_info
    return Client(
        principal=principal(),
        scopes=scopes(),
        name=information.name[:NAME] if information else None,
        transport=context.transport,
        can_ask=_can_ask(session.client_capabilities),
        sessionless=request.protocol_version in MODERN_PROTOCOL_VERSIONS,
    )


def _can_ask(capabilities: ClientCapabilities | None) -> bool:
    """Forms only; a client that names no mode takes forms (spec, elicitation)."""
    asking = capabilities.elicitation if capabilities else None
    return asking is not None and (asking.form is not None or asking.url is None)
