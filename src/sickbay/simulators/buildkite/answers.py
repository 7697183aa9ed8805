"""How Buildkite says yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from sickbay.simulators.buildkite.gate import SCOPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.world import Build, World

PER_PAGE, MOST = 30, 100
DEEPEST = 100  # pages


class Refused(Exception):  # noqa: N818 - what Buildkite does
    """An answer that is no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def as_json(
    what: Any,  # noqa: ANN401 - any JSON
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """An answer."""
    body = msgspec.json.encode(what)
    return Response(body, status, headers, media_type="application/json")


async def refusal(_: Request, problem: Exception) -> Response:
    """The answer that a handler raised."""
    status = problem.status if isinstance(problem, Refused) else 500
    return as_json({"message": str(problem)}, status)


async def lost(_: Request, __: Exception) -> Response:
    """What is where nothing is."""
    return as_json({"message": "Not Found"}, 404)


def allow(request: Request, scope: str) -> None:
    """Refuse a token that may not do that."""
    if scope not in request.scope.get(SCOPES, ()):
        text = f"Your access token doesn't have the {scope} scope"
        raise Refused(403, text)


def world_of(request: Request) -> World:
    """The world that the app tells of."""
    world: World = request.app.state.world
    return world


def base_of(request: Request) -> str:
    """Where the API is."""
    return f"{request.url.scheme}://{request.url.netloc}/v2"


def build_of(request: Request) -> Build:
    """The build that the path names."""
    world, named = world_of(request), request.path_params
    if named["organization"] != world.organization:
        raise Refused(404, "No organization found")
    if named["pipeline"] not in world.pipelines:
        raise Refused(404, "No pipeline found")
    build = world.build(named["number"])
    if build is None or build.slot.pipeline != named["pipeline"]:
        raise Refused(404, "No build found")
    return build


def job_of(request: Request) -> tuple[Build, Job]:
    """The job that the path names, with or without its build."""
    world, named = world_of(request), request.path_params
    if named["organization"] != world.organization:
        raise Refused(404, "No organization found")
    found = world.job(named["job_id"])
    if found is None or ("number" in named and build_of(request) is not found[0]):
        raise Refused(404, "No job found")
    build, place = found
    return build, build.jobs[place]


def several(request: Request, name: str) -> list[str]:
    """All values of a query field, written once or as a list."""
    query = request.query_params
    return [*query.getlist(name), *query.getlist(f"{name}[]")]


def flag(request: Request, name: str, *, default: bool = False) -> bool:
    """A yes or no of the query."""
    value = request.query_params.get(name)
    return default if value is None else value.lower() in {"true", "1"}


def whole(request: Request, name: str, default: int) -> int:
    """A number of the query; what is none counts as not said."""
    value = request.query_params.get(name, "")
    return int(value) if value.isdigit() else default


def page(
    request: Request, found: Sequence[Any]
) -> tuple[Sequence[Any], dict[str, str]]:
    """A page of what was found, and the header that leads to the others."""
    size = min(MOST, whole(request, "per_page", PER_PAGE)) or PER_PAGE
    number = max(1, whole(request, "page", 1))
    if number > DEEPEST:
        raise Refused(400, "Pagination is not supported this deep; narrow the search")
    last = max(1, -(-len(found) // size))
    rels = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    ends = {"first", "prev"} if number > 1 else set()
    ends |= {"next", "last"} if number < last else set()
    links = [
        f'<{_at(request, place)}>; rel="{rel}"'
        for rel, place in rels.items()
        if rel in ends
    ]
    start = (number - 1) * size
    return found[start : start + size], {"link": ", ".join(links)} if links else {}


def _at(request: Request, number: int) -> str:
    others = [pair for pair in request.query_params.multi_items() if pair[0] != "page"]
    query = urlencode([*others, ("page", number)])
    return f"{base_of(request)}{request.url.path.removeprefix('/v2')}?{query}"
