"""Places: the build that files belong to, as flags, the CI and git tell it."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.clients.git import Git
from sickbay.core.errors import BadRequest, SickbayError
from sickbay.core.moments import in_utc
from sickbay.core.untrusted import visible
from sickbay.history.ingest.variables import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.ci.records import Source

SHORT = 12
"""Digits of a commit that name a build where nothing else does."""

_DIGITS = 9
"""A longer number counts no attempts, shards or pull requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The build that files belong to.

    Attributes:
        build: What names it within the pipeline.
        job: None where the files name their jobs.
        created_at: None is now.
    """

    commit: str
    pipeline: str
    build: str
    branch: str = ""
    job: str | None = None
    shard: int | None = None
    attempt: int = 1
    url: str | None = None
    title: str = ""
    author: str | None = None
    pull_request: int | None = None
    created_at: datetime | None = None
    committed_at: datetime | None = None

    def build_id(self, source: Source) -> str:
        """Unique in the world, as far as the pipeline's name is."""
        return f"{source}:{self.pipeline}/{self.build}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says of the build; it wins over all else.

    Attributes:
        commit: Its SHA; what is checked out by default.
        branch: Its branch.
        pipeline: What it is a build of, such as acme/ci.
        build: What names it within the pipeline; the commit by default.
        job: The job that all files are of; by default their names tell.
        shard: Which of the job's shards they are of.
        attempt: Which attempt of the job, from 1.
        time: When the build began, in ISO 8601; now by default.
        url: Where people look at it.
    """

    commit: str | None = None
    branch: str | None = None
    pipeline: str | None = None
    build: str | None = None
    job: str | None = None
    shard: int | None = None
    attempt: int | None = None
    time: str | None = None
    url: str | None = None


async def meant(
    said: Said,
    *,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Place:
    """The build that is meant: by what is said, by the CI, by git, in this order.

    Args:
        said: By a person.
        folder: Where to look for a checkout; the working directory by default.
        environ: Variables of the CI; those of this process by default.

    Raises:
        BadRequest: Nothing tells the commit, or what is said makes no sense.
    """
    ci = told(os.environ if environ is None else environ)
    own = {f.name: getattr(said, f.name) for f in fields(said) if f.name != "time"}
    given = {name: str(value) for name, value in own.items() if value is not None}
    known = {name: visible(value) for name, value in {**ci, **given}.items()}
    root = _root(folder or Path.cwd())
    git = Git(root) if root else None
    if "commit" not in known and git:
        known = await _checked_out(git, known)
    if not known.get("commit"):
        raise BadRequest(
            "nothing says which commit these results are of",
            hint="add --commit SHA, or run it in a checkout",
        )
    place = _place(known, root, said.time)
    return await _with_commit(place, git) if git else place


def moment(text: str, what: str) -> datetime:
    """A moment in ISO 8601; one without a zone is in UTC.

    Raises:
        BadRequest: It is none.
    """
    try:
        found = in_utc(datetime.fromisoformat(text))
    except ValueError:
        found = None
    if found is None:
        raise BadRequest(
            f"{what}: {text[:60]!r} is no time", hint="such as 2026-01-31T12:00:00Z"
        )
    return found


def _place(known: Mapping[str, str], root: Path | None, time: str | None) -> Place:
    commit = str(known["commit"])
    committed, url = known.get("committed_at"), known.get("url", "")
    return Place(
        commit=commit,
        pipeline=known.get("pipeline") or (root.name if root else "local"),
        build=known.get("build") or commit[:SHORT],
        branch=known.get("branch", ""),
        job=known.get("job"),
        shard=_number(known.get("shard")),
        attempt=_number(known.get("attempt")) or 1,
        url=url if url.startswith(("https://", "http://")) else None,
        title=known.get("title", "").split("\n", 1)[0].strip(),
        author=known.get("author"),
        pull_request=_number(known.get("pull_request")),
        created_at=moment(time, "--time") if time else None,
        committed_at=moment(committed, "the CI's variable") if committed else None,
    )


async def _checked_out(git: Git, known: Mapping[str, str]) -> dict[str, str]:
    try:
        sha, branch = await git.head()
    except SickbayError:  # no git, or nothing committed: then nothing tells
        return dict(known)
    return {**({"branch": branch} if branch else {}), **known, "commit": sha}


async def _with_commit(place: Place, git: Git) -> Place:
    """What the checkout knows of the commit, where nobody else told it."""
    try:
        found = await git.commit(place.commit)
    except SickbayError:  # not in this checkout, such as of a shallow clone
        return place
    return replace(
        place,
        commit=found.sha or place.commit,
        title=place.title or found.title,
        author=place.author or found.author.shown or None,
        committed_at=place.committed_at or in_utc(found.time),
    )


def _root(folder: Path) -> Path | None:
    """The checkout that a folder is in."""
    folder = folder.absolute()
    around = (folder, *folder.parents)
    return next((path for path in around if (path / ".git").exists()), None)


def _number(text: object) -> int | None:
    said = str(text)
    return int(said) if said.isdecimal() and len(said) <= _DIGITS else None
