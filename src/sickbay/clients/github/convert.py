"""From GitHub's words to those of every source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.authors import Author, CommitInfo, PullRequest
from sickbay.ci.scan.models import Issue
from sickbay.core.moments import in_utc
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from sickbay.clients.github import wire

MAX_BODY = 20_000
"""Characters of an issue that are kept."""

MAX_TITLE = 300

_LINK = Pattern(r"https?://[\w.:-]{1,255}/[\w./#?=&%~+-]{0,1000}")


def issue(found: wire.Issue, *, label: str) -> Issue:
    """An issue.

    Args:
        found: As GitHub sends it.
        label: Of issues that track failures of CI.
    """
    names = [one if isinstance(one, str) else one.name for one in found.labels]
    return Issue(
        number=found.number,
        title=(found.title or "")[:MAX_TITLE],
        url=link(found.html_url),
        body=(found.body or "")[:MAX_BODY],
        labels=tuple(names),
        tracked=bool(label) and label.lower() in map(str.lower, names),
        created_at=in_utc(found.created_at),
        updated_at=in_utc(found.updated_at),
        closed_at=in_utc(found.closed_at),
        assignees=tuple(user.login for user in found.assignees if user.login),
    )


def commit(found: wire.Commit) -> CommitInfo:
    """A commit."""
    made = found.commit
    person = made.author if made else None
    return CommitInfo(
        sha=found.sha,
        message=(made.message or "" if made else "")[:MAX_BODY],
        author=Author(
            name=person.name or "" if person else "",
            email=person.email or "" if person else "",
            login=found.author.login or None if found.author else None,
        ),
        time=in_utc(person.date) if person else None,
        url=link(found.html_url) or None,
        files=tuple(file.filename for file in found.files),
    )


def pull(found: wire.Pull) -> PullRequest:
    """A pull request."""
    return PullRequest(
        number=found.number,
        title=(found.title or "")[:MAX_TITLE],
        author=Author(login=found.user.login or None if found.user else None),
        url=link(found.html_url) or None,
        merged_at=in_utc(found.merged_at),
        sha=found.merge_commit_sha if found.merged_at else None,
    )


def link(url: str | None) -> str:
    """A URL that a report may link to; empty for anything else."""
    return url if url and _LINK.fullmatch(url) else ""
