"""Issues, commits and pull requests in GitHub's words."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from sickbay.simulators.github.facts import Commit, Issue, Project

WEB = "https://github.com"


def iso(at: datetime | None) -> str | None:
    """A time, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def user(login: str) -> dict[str, Any]:
    """An account."""
    number = zlib.crc32(login.encode()) % 10**7
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {
        "login": login,
        "id": number,
        "html_url": f"{WEB}/{login}",
        "type": kind,
    }


def issue(project: Project, found: Issue) -> dict[str, Any]:
    """An issue; one that is a pull request says so."""
    kind = "pull" if found.pull else "issues"
    url = f"{WEB}/{project.repo}/{kind}/{found.number}"
    reason = "reopened" if found.reopened else None
    made = {
        "number": found.number,
        "id": 3_000_000_000 + found.number,
        "title": found.title,
        "body": found.body,
        "html_url": url,
        "state": "closed" if found.closed_at else "open",
        "state_reason": "completed" if found.closed_at else reason,
        "labels": [{"name": name, "color": "b60205"} for name in found.labels],
        "user": user(found.author),
        "assignees": [user(login) for login in found.assignees],
        "comments": 0,
        "created_at": iso(found.created_at),
        "updated_at": iso(found.updated_at),
        "closed_at": iso(found.closed_at),
    }
    return made | ({"pull_request": {"html_url": url}} if found.pull else {})


def commit(project: Project, found: Commit) -> dict[str, Any]:
    """A commit without the files that it changed."""
    person = {"name": found.name, "email": found.email, "date": iso(found.date)}
    return {
        "sha": found.sha,
        "html_url": f"{WEB}/{project.repo}/commit/{found.sha}",
        "commit": {"message": found.message, "author": person, "committer": person},
        "author": user(found.login) if found.login else None,
        "parents": [{"sha": found.parent}] if found.parent else [],
    }


def files(found: Commit) -> list[dict[str, Any]]:
    """The files that a commit changed."""
    return [
        {"filename": path, "status": "modified", "additions": 3, "deletions": 1}
        for path in found.files
    ]


def pull(project: Project, found: Commit) -> dict[str, Any]:
    """The pull request that a commit came by."""
    return {
        "number": found.pull,
        "title": found.message.partition("\n")[0],
        "html_url": f"{WEB}/{project.repo}/pull/{found.pull}",
        "state": "closed",
        "user": user(found.login),
        "merged_at": iso(found.date),
        "merge_commit_sha": found.sha,
        "base": {"ref": project.branch},
    }
