"""Named queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.routing import Route

from sickbay.simulators.hud.answers import as_json, error, parts, world_of
from sickbay.simulators.hud.queries import QUERIES
from sickbay.simulators.hud.queries.declared import Refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PARTS = 3


def query(request: Request) -> Response:
    """The rows of a query that is known by name."""
    path = parts(request)
    named = QUERIES.get(path[2]) if len(path) == PARTS else None
    if named is None:
        return error(404, "Not found")
    try:
        given = msgspec.json.decode(request.query_params.get("parameters", "undefined"))
    except msgspec.DecodeError:
        return error(500, "Unexpected token 'u', \"undefined\" is not valid JSON")
    try:
        values = named.values(given if isinstance(given, dict) else {})
        return as_json(list(named.rows(world_of(request), values)))
    except Refused as refused:
        return error(500, str(refused))
    except ValueError as exc:  # a time that is declared a text
        return error(500, f"Code: 41. DB::Exception: {exc}. (CANNOT_PARSE_DATETIME)")


ROUTES = (Route("/api/clickhouse/{rest:path}", query),)
