"""Handles: what names the log of a job in every argument that takes a log."""

from __future__ import annotations

import re

from sickbay.core.errors import BadRequest

SCHEME = "hud"

_HANDLE = re.compile(r"hud:(?:([\w.-]+/[\w.-]+)/)?([0-9]{1,20})", re.ASCII)


def handle(job_id: int | str, *, repo: str, usual: str) -> str:
    """The handle of a job's log, short for a job of the usual repository.

    Args:
        job_id: Of the job.
        repo: Its repository.
        usual: The one that is meant where none is named.
    """
    return f"{SCHEME}:{job_id}" if repo == usual else f"{SCHEME}:{repo}/{job_id}"


def parsed(name: str) -> tuple[str | None, int]:
    """Repository, if it names one, and job of a handle.

    Raises:
        BadRequest: It is no handle of a job's log.
    """
    found = _HANDLE.fullmatch(name)
    if not found:
        raise BadRequest(
            f"{name!r} names no job",
            hint="write hud:<job id>, or hud:<owner>/<repository>/<job id>",
        )
    return found[1], int(found[2])
