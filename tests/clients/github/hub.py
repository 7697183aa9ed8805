"""A GitHub on this machine that answers what a test says, and a run of its client."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sickbay.clients.github import AsyncGitHubClient
from sickbay.clients.patience import Patience
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.requests import Request

T = TypeVar("T")

REPO = "acme/engine"
NOW = datetime(2026, 7, 13, 12, tzinfo=UTC)
HASTE = Patience(
    connect_s=9, read_s=9, answer_s=9, total_s=15, pause_s=0.001, attempts=3
)


@dataclass
class Hub:
    """What it answers by method and path, and what it was asked."""

    url: str = ""
    answers: dict[str, Callable[[Request], Response]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    def says(
        self,
        path: str,
        data: Any = None,  # noqa: ANN401 - any JSON, or text
        status: int = 200,
        *,
        method: str = "GET",
        **headers: str,
    ) -> None:
        """Answer a path of the repository always the same."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}

        def answer(_: Request) -> Response:
            if isinstance(data, str):
                return Response(data, status, fields)
            return JSONResponse(data, status, fields)

        self.answers[f"{method} {place(path)}"] = answer

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]

    async def _answer(self, request: Request) -> Response:
        await request.body()
        self.asked.append(request)
        known = self.answers.get(f"{request.method} {request.url.path}")
        missing = JSONResponse({"message": "Not Found"}, 404)
        return known(request) if known else missing

    def app(self) -> Starlette:
        methods = ["GET", "HEAD", "POST"]
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])


def place(path: str) -> str:
    """The path below the host of one that begins in the repository, or at the root."""
    return path if path.startswith("/") else f"/repos/{REPO}/{path}"


@contextmanager
def hub() -> Iterator[Hub]:
    here = Hub()
    with served(here.app()) as url:
        here.url = url
        yield here


def asked(
    here: Hub,
    work: Callable[[AsyncGitHubClient], Awaitable[T]],
    **more: Any,  # noqa: ANN401 - as the client takes them
) -> T:
    """What some work with a new client gives."""
    given = {"log_in": False, "patience": HASTE, "now": lambda: NOW, **more}

    async def run() -> T:
        async with AsyncGitHubClient(here.url, repo=REPO, **given) as client:
            return await work(client)

    return asyncio.run(run())


def issue(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """An issue as GitHub sends it."""
    return {
        "number": number,
        "title": f"Issue {number}",
        "body": "text",
        "html_url": f"https://github.example/{REPO}/issues/{number}",
        "labels": [{"name": "ci-failure"}],
        "created_at": "2026-06-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
        "closed_at": None,
        "assignees": [{"login": "ann"}],
        **more,
    }
