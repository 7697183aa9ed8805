"""What the running HTTP request may see and do, and in whose name.

It is read from the very request that carried the message, so it holds in a session
that many messages share, too. Without HTTP the caller is whoever started us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastmcp.server.dependencies import get_http_request

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

READ, WRITE = "read", "write"
ALL_SCOPES = frozenset({READ, WRITE})

_TOOLSETS = "sickbay.toolsets"
_SCOPES = "sickbay.scopes"
_PRINCIPAL = "sickbay.principal"


def chosen() -> frozenset[str] | None:
    """The toolsets that the request asks for; None where it leaves that open."""
    request = _request()
    return None if request is None else request.get(_TOOLSETS)


def scopes() -> frozenset[str]:
    """What the caller may do: ``read``, ``write``, or both.

    A request that did not come through our own door may do nothing.
    """
    request = _request()
    return ALL_SCOPES if request is None else request.get(_SCOPES, frozenset())


def principal() -> str | None:
    """The name of the caller's token or JWT; None where none is needed."""
    request = _request()
    return None if request is None else request.get(_PRINCIPAL)


def admit(
    request: MutableMapping[str, Any],
    *,
    principal: str | None,
    scopes: frozenset[str],
    toolsets: frozenset[str] | None,
) -> None:
    """Write into an ASGI scope what the functions above read."""
    request[_PRINCIPAL] = principal
    request[_SCOPES] = scopes
    request[_TOOLSETS] = toolsets


def _request() -> Mapping[str, Any] | None:
    try:
        return get_http_request().scope
    except RuntimeError:
        return None
