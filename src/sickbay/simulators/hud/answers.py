"""How HUD says yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

    from sickbay.simulators.hud.world import World

LOST = b"<!DOCTYPE html><html><body><h1>404</h1>Not found.</body></html>"
BROKEN = b"<!DOCTYPE html><html><body><h1>500</h1>Internal Server Error.</body></html>"


def as_json(what: Any, status: int = 200) -> Response:  # noqa: ANN401 - any JSON
    """An answer."""
    body = what if isinstance(what, bytes) else msgspec.json.encode(what)
    return Response(body, status, media_type="application/json")


def error(status: int, message: str) -> Response:
    """A refusal, as most of HUD's handlers word it."""
    return as_json({"error": message}, status)


def crash(_: Request | None = None, __: Exception | None = None) -> Response:
    """What a handler that throws leaves behind."""
    return Response(BROKEN, 500, media_type="text/html")


def lost(_: Request | None = None, __: Exception | None = None) -> Response:
    """What is where nothing is."""
    return Response(LOST, 404, media_type="text/html")


def parts(request: Request) -> list[str]:
    """The segments of the path, split before they are decoded."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return [unquote(part) for part in raw.decode("latin-1").split("/")[1:]]


def world_of(request: Request) -> World:
    """The world that the app tells of."""
    world: World = request.app.state.world
    return world
