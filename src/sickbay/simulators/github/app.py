"""The simulated GitHub as one app: its REST API for one repository."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.routing import Route

from sickbay.simulators.github import tree, wire
from sickbay.simulators.github.answers import (
    answer,
    created,
    invalid,
    kept,
    lost,
    page,
    refusal,
)
from sickbay.simulators.github.issues import MAX_TITLE, Wanted, listed, made
from sickbay.simulators.github.manners import Gate, GitHubManners
from sickbay.simulators.github.noise import noise
from sickbay.simulators.github.query import QueryError, parsed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from sickbay.simulators.github.facts import Commit, Issue, Project

SHORT = 7
RAW = "application/vnd.github.raw+json"


def github(
    project: Project,
    manners: GitHubManners | None = None,
    *,
    changes: list[tuple[str, Any]] | None = None,
    busy: bool = True,
) -> ASGIApp:
    """An ASGI app that tells of a repository as GitHub's API does.

    Args:
        project: The repository.
        manners: Who may ask for what, and how often; changeable while it runs.
        changes: Where new issues are written down, each as ``("issue", Issue)``.
        busy: There are issues of no interest besides those of the project.
    """
    repo = f"/repos/{project.repo}"
    inner = Starlette(
        routes=[
            Route(f"{repo}/issues", issues, methods=["GET"]),
            Route(f"{repo}/issues", new_issue, methods=["POST"]),
            Route(f"{repo}/issues/{{number:int}}", one_issue),
            Route("/search/issues", search),
            Route(f"{repo}/contents/{{path:path}}", contents),
            Route(f"{repo}/git/trees/{{ref:path}}", files),
            Route(f"{repo}/commits", commits),
            Route(f"{repo}/commits/{{ref:path}}", one_commit),
            Route(f"{repo}/pulls/{{number:int}}", pull),
        ],
        exception_handlers={404: lost},
    )
    inner.state.project = project
    inner.state.noise = noise(project.now) if busy else ()
    inner.state.changes = [] if changes is None else changes
    return Gate(inner, manners or GitHubManners())


async def issues(request: Request) -> Response:
    """Issues of the repository, pull requests among them."""
    project = _project(request)
    some, links = page(request, listed(_issues(request), request.query_params))
    return answer(request, [wire.issue(project, one) for one in some], links)


async def one_issue(request: Request) -> Response:
    """One issue."""
    number = request.path_params["number"]
    found = next((one for one in _issues(request) if one.number == number), None)
    if found is None:
        return lost()
    return answer(request, wire.issue(_project(request), found))


async def new_issue(request: Request) -> Response:
    """A new issue, from whoever may write."""
    if request.state.right != "write":
        return refusal(403, "Resource not accessible by personal access token")
    try:
        wanted = msgspec.json.decode(await request.body(), type=Wanted)
    except msgspec.DecodeError:
        return refusal(400, "Problems parsing JSON")
    if not 0 < len(wanted.title) <= MAX_TITLE:
        return invalid(resource="Issue", field="title", code="invalid")
    changes = request.app.state.changes
    found = made(_project(request), wanted, len(_new(request)))
    changes.append(("issue", found))
    return created(wire.issue(_project(request), found))


async def search(request: Request) -> Response:
    """Issues that a query finds."""
    project = _project(request)
    try:
        wanted, repo = parsed(request.query_params.get("q", ""))
    except QueryError as error:
        return invalid(message=str(error), resource="Search", field="q", code="invalid")
    here = repo.lower() in {"", project.repo.lower()}
    found = [one for one in _issues(request) if here and wanted(one)]
    some, links = page(request, found)
    items = [wire.issue(project, one) | {"score": 1.0} for one in some]
    body = {"total_count": len(found), "incomplete_results": False, "items": items}
    return answer(request, body, links)


async def contents(request: Request) -> Response:
    """A file as it is, or packed in JSON."""
    project, path = _project(request), request.path_params["path"]
    ref = request.query_params.get("ref", project.branch)
    if _commit(project, ref) is None:
        return refusal(404, f"No commit found for the ref {ref}")
    text = tree.text(project, path)
    if text is None:
        return lost()
    if "raw" in request.headers.get("accept", ""):
        return kept(request, text.encode(), RAW)
    packed = base64.encodebytes(text.encode()).decode()
    about = {"type": "file", "path": path, "name": path.rpartition("/")[2]}
    return answer(request, about | {"encoding": "base64", "content": packed})


async def files(request: Request) -> Response:
    """All paths in a commit."""
    project, ref = _project(request), request.path_params["ref"]
    found = _commit(project, ref)
    if found is None:
        return lost()
    deep = "recursive" in request.query_params
    paths = [path for path in tree.paths(project) if deep or "/" not in path]
    entries = [tree.entry(project, path) for path in paths]
    return answer(request, {"sha": found.sha, "tree": entries, "truncated": False})


async def commits(request: Request) -> Response:
    """Commits from one backwards, all or those that changed a path."""
    project, asked = _project(request), request.query_params
    first = _commit(project, asked.get("sha", project.branch))
    if first is None:
        return lost()
    path = asked.get("path", "").strip("/")
    earlier = list(project.commits)[: list(project.commits).index(first) + 1]
    found = [one for one in reversed(earlier) if _touches(one, path)]
    some, links = page(request, found)
    return answer(request, [wire.commit(project, one) for one in some], links)


async def one_commit(request: Request) -> Response:
    """A commit with the files that it changed."""
    project, ref = _project(request), request.path_params["ref"]
    found = _commit(project, ref)
    if found is None:
        return refusal(422, f"No commit found for SHA: {ref}")
    changed = {"files": wire.files(found)}
    return answer(request, wire.commit(project, found) | changed)


async def pull(request: Request) -> Response:
    """The pull request that a commit came by."""
    project, number = _project(request), request.path_params["number"]
    found = next((one for one in project.commits if one.pull == number), None)
    return lost() if found is None else answer(request, wire.pull(project, found))


def _project(request: Request) -> Project:
    project: Project = request.app.state.project
    return project


def _new(request: Request) -> list[Issue]:
    return [one[1] for one in request.app.state.changes if one[0] == "issue"]


def _issues(request: Request) -> list[Issue]:
    others = request.app.state.noise
    return [*_project(request).issues, *others, *_new(request)]


def _commit(project: Project, ref: str) -> Commit | None:
    if ref in {project.branch, "HEAD"}:
        return project.commits[-1]
    known = (one for one in project.commits if one.sha.startswith(ref))
    return next(known, None) if len(ref) >= SHORT else None


def _touches(commit: Commit, path: str) -> bool:
    return not path or any(
        name == path or name.startswith(f"{path}/") for name in commit.files
    )
