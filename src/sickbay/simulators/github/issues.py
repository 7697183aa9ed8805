"""The issues of the simulated repository: which are asked for, and new ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from sickbay.simulators.github.facts import Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.simulators.github.facts import Project

FIRST_NEW = 90_001
MAX_TITLE = 256
BOT = "sickbay-user"


class Wanted(msgspec.Struct):
    """A new issue as a client asks for it."""

    title: str
    body: str | None = None
    labels: list[str] = []
    assignees: list[str] = []


def listed(found: Iterable[Issue], asked: Mapping[str, str]) -> list[Issue]:
    """The issues that a listing asks for, in the order that it wants."""
    state = asked.get("state", "open")
    labels = {name for name in asked.get("labels", "").lower().split(",") if name}
    since = datetime.fromisoformat(asked.get("since", "1970-01-01T00:00:00Z"))
    chosen = [
        issue
        for issue in found
        if state in {"all", "closed" if issue.closed_at else "open"}
        and labels <= {name.lower() for name in issue.labels}
        and issue.updated_at >= (since if since.tzinfo else since.replace(tzinfo=UTC))
    ]
    field = "updated_at" if asked.get("sort") == "updated" else "created_at"
    up = asked.get("direction") == "asc"
    return sorted(chosen, key=lambda one: getattr(one, field), reverse=not up)


def made(project: Project, wanted: Wanted, number: int) -> Issue:
    """A new issue, the ``number``-th from 0."""
    return Issue(
        number=FIRST_NEW + number,
        title=wanted.title,
        body=wanted.body or "",
        author=BOT,
        created_at=project.now,
        updated_at=project.now,
        labels=tuple(wanted.labels),
        assignees=tuple(wanted.assignees),
    )
