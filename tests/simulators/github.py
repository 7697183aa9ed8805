"""GitHub's double for tests, over real HTTP, with a small repository of its own.

    with github_at(limited=True, search=(1, 30)) as github:
        AsyncGitHubClient(github.url, repo=github.project.repo, ...)
        github.project.commits[-1].login      # the truth
        github.manners.secondary = 1          # changeable while it runs
        github.changes                        # issues that were opened

Options are fields of ``GitHubManners``; ``busy`` adds issues of no interest.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2

from sickbay.simulators.faults import Asked, Faults, Faulty
from sickbay.simulators.github.app import github
from sickbay.simulators.github.facts import Commit, Issue
from sickbay.simulators.github.manners import GitHubManners
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
LABEL = "ci-failure"


@dataclass(frozen=True)
class Small:
    """A repository with a few commits and issues."""

    repo: str
    branch: str
    now: datetime
    commits: tuple[Commit, ...]
    issues: tuple[Issue, ...]


def commit(place: int, *files: str, name: str = "Ada") -> Commit:
    return Commit(
        sha=f"{place + 1:040x}"[::-1],
        parent=f"{place:040x}"[::-1] if place else "",
        name=name,
        email=f"{name.lower()}@dev.example",
        login=name.lower(),
        date=NOW - timedelta(hours=40 - place),
        message=f"Change number {place} (#{500 + place})\n\nWhy it is good.",
        files=files,
        pull=500 + place,
    )


def issue(
    number: int,
    title: str,
    days: float = 3,
    **more: Any,  # noqa: ANN401 - fields of Issue
) -> Issue:
    created = NOW - timedelta(days=days)
    closed = more.get("closed_at")
    known: dict[str, Any] = {
        "body": "It fails.",
        "author": "bea",
        "created_at": created,
        "updated_at": closed or created,
        "labels": (LABEL,),
    }
    return Issue(number=number, title=title, **(known | more))


SMALL = Small(
    repo="vllm-project/vllm",
    branch="main",
    now=NOW,
    commits=(
        commit(0, "README.md"),
        commit(1, "vllm/v1/core/scheduler.py", "tests/v1/core/test_scheduler.py"),
        commit(2, "vllm/lora/manager.py", name="Bo"),
        commit(3, "vllm/v1/core/kv_cache.py", "docs/new.md", name="Cy"),
    ),
    issues=(
        issue(11, "[CI Failure]: V1 Core - v1/core/test_scheduler.py::test_schedule"),
        issue(12, "[CI Failure]: LoRA - lora/test_lora_manager.py::test_add_lora", 9),
        issue(13, "[CI Failure]: gone", 60, closed_at=NOW - timedelta(days=5)),
        issue(14, "[CI Failure]: gone for long", 99, closed_at=NOW - timedelta(90)),
        issue(15, "[Usage]: test_schedule on WSL", labels=()),
        issue(16, "Speed up test_add_lora", pull=True),
        issue(17, "Labelled, of two kinds", 1, labels=("bug", LABEL), reopened=True),
        issue(18, "Text only", 2, labels=(), body="see `test_schedule_token_budget`"),
    ),
)


@dataclass
class GitHub:
    """A simulated GitHub that runs."""

    url: str
    project: Small
    manners: GitHubManners
    changes: list[tuple[str, Any]]
    asked: list[Asked]
    client: httpx2.Client

    def get(
        self, at: str, /, *, headers: dict[str, str] | None = None, **query: str | int
    ) -> httpx2.Response:
        """What is at a path."""
        fields = {name: str(value) for name, value in query.items()}
        return self.client.get(at, params=fields or None, headers=headers)

    def of_repo(
        self, at: str, /, *, headers: dict[str, str] | None = None, **query: str | int
    ) -> httpx2.Response:
        """What is at a path of the repository."""
        return self.get(f"/repos/{self.project.repo}/{at}", headers=headers, **query)


@contextmanager
def github_at(
    project: Small = SMALL,
    *,
    busy: bool = False,
    **options: Any,  # noqa: ANN401 - fields of GitHubManners
) -> Iterator[GitHub]:
    """A simulated GitHub on a port of this machine."""
    manners = GitHubManners(**options)
    changes: list[tuple[str, Any]] = []
    app = Faulty(github(project, manners, changes=changes, busy=busy), Faults())
    with served(app) as url, httpx2.Client(base_url=url) as client:
        yield GitHub(url, project, manners, changes, app.asked, client)
