"""Which toolsets one HTTP request wants: ``/mcp/logs,hud``, or a header."""

from __future__ import annotations

from sickbay.core.errors import NotFound

HEADER = "x-mcp-toolsets"


def choice(
    path: str, header: str | None, *, enabled: frozenset[str]
) -> frozenset[str] | None:
    """The toolsets that a request names in its path, its header, or in both.

    Args:
        path: What follows ``/mcp/``; empty where nothing does.
        header: The value of ``X-MCP-Toolsets``.
        enabled: What the server was started with: more than that nobody gets.

    Returns:
        None where the request names none, and so gets all.

    Raises:
        NotFound: A name is unknown, or path and header have nothing in common.
    """
    named = [_names(text) for text in (path, header or "")]
    wanted = [names for names in named if names]
    if not wanted:
        return None
    for names in wanted:
        if unknown := sorted(names - enabled - {"all"}):
            raise NotFound(
                f"no toolset {', '.join(unknown)[:100]!r} here",
                hint=f"there are: {', '.join(sorted(enabled)) or 'none'}",
            )
    rest = frozenset.intersection(*(_whole(names, enabled) for names in wanted))
    if not rest:
        raise NotFound(
            "the path and the header X-MCP-Toolsets have no toolset in common",
            hint="name the toolsets in one of them",
        )
    return rest


def _names(text: str) -> frozenset[str]:
    names = (name.strip().lower() for name in text.strip("/").split(","))
    return frozenset(name for name in names if name)


def _whole(names: frozenset[str], enabled: frozenset[str]) -> frozenset[str]:
    return enabled if "all" in names else names
