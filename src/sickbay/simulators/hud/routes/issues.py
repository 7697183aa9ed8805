"""Issues by label, and the files that are made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from sickbay.simulators.hud.answers import as_json, error, parts, world_of
from sickbay.simulators.hud.failures import record
from sickbay.simulators.hud.fleet import fleet
from sickbay.simulators.hud.issues import issues

if TYPE_CHECKING:
    from starlette.requests import Request

PARTS = 3


def labelled(request: Request) -> Response:
    """The issues that have the label."""
    world, path = world_of(request), parts(request)
    if len(path) != PARTS:
        return error(404, "Not found")
    found = [issue for issue in issues() if path[2] in issue.labels]
    return as_json([issue.wire(world) for issue in found])


def disabled_tests() -> dict[str, list[Any]]:
    """By ``test (suite)``: the issue, its address, and where the test is disabled."""
    return {
        issue.title.removeprefix("DISABLED "): [
            str(issue.number),
            issue.url,
            list(issue.platforms),
        ]
        for issue in issues()
        if "skipped" in issue.labels and issue.state == "open"
    }


def unstable_jobs() -> dict[str, list[str]]:
    """By name: who said so, the issue, and the parts of the name."""
    found: dict[str, list[str]] = {}
    for issue in issues():
        name = issue.title.removeprefix("UNSTABLE ")
        if "unstable" in issue.labels:
            workflow, platform, _ = name.split(" / ")
            config = name.rpartition("(")[2].rstrip(")")
            parts_of = [workflow, platform, config]
            found[name] = ["kofi-a", str(issue.number), issue.url, *parts_of]
    return found


def disabled_jobs() -> dict[str, list[str]]:
    """The same of jobs that do not run at all."""
    kind = next(kind for kind in fleet() if kind.config == "deploy")
    name = f"{kind.workflow} / {kind.environment} / test ({kind.config})"
    url = "https://github.com/pytorch/pytorch/issues/159000"
    return {name: ["kofi-a", "159000", url, kind.workflow, kind.environment, "deploy"]}


def flaky_rules() -> list[dict[str, Any]]:
    """Failures that are nobody's fault; the name is a pattern of names of jobs."""
    return [{"name": "linux.*", "captures": record(key).captures} for key in SICK]


SICK = ("lost", "disk", "driver")
STATS = {
    "flaky-rules": flaky_rules,
    "disabled-tests-condensed": disabled_tests,
    "disabled-jobs": disabled_jobs,
    "unstable-jobs": unstable_jobs,
}


def stats(request: Request) -> Response:
    """One of the files."""
    made = STATS.get(request.path_params["name"])
    if made is None:
        return Response("404: Not Found", 404, media_type="text/plain")
    return as_json(made())


def both(request: Request) -> Response:
    """Disabled tests and jobs together, for those who know the secret."""
    secret = request.app.state.faults.bot_token
    if not secret or request.headers.get("authorization") != secret:
        return error(403, "Unauthorized")
    return as_json(
        {
            "disabledTests": disabled_tests(),
            "disabledJobs": disabled_jobs(),
            "unstableJobs": unstable_jobs(),
        }
    )


ROUTES = (
    Route("/api/issue/{rest:path}", labelled),
    Route("/api/flaky-tests/getDisabledTestsAndJobs", both),
    Route("/stats/{name}.json", stats),
)
