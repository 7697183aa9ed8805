"""Plain clients: one JSON-RPC object by POST, one JSON object back, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types import PROTOCOL_VERSION_META_KEY
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import Scope

SESSION_HEADER = "mcp-session-id"


def is_plain(scope: Scope, message: dict[str, Any]) -> bool:
    """Whether a request's sender knows nothing of sessions and protocol versions."""
    headers = Headers(scope=scope)
    if SESSION_HEADER in headers or MCP_PROTOCOL_VERSION_HEADER in headers:
        return False
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    knows_versions = isinstance(meta, dict) and PROTOCOL_VERSION_META_KEY in meta
    return message.get("method") != "initialize" and not knows_versions


def as_spoken(scope: Scope) -> Scope:
    """The same request with the headers that its sender left out.

    The newest version with a handshake is the newest that needs nothing else in the
    message; an older one would lose the structured part of results.
    """
    spoken: Scope = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=spoken)
    headers["accept"] = "application/json"
    headers[MCP_PROTOCOL_VERSION_HEADER] = HANDSHAKE_PROTOCOL_VERSIONS[-1]
    return spoken
