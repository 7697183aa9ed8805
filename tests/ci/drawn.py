"""Grids drawn with letters: a string for every job, the newest commit first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sickbay.ci.models import Commit, Grid, Job, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sickbay.ci.states import State

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATES: dict[str, State] = {
    "O": "ok",
    "F": "flaky",
    "C": "cancelled",
    "S": "skipped",
    "N": "neutral",
    "?": "pending",
    "Q": "queued",
}
SAYS = {
    "x": "FAILED test/test_ops.py::TestOps::test_add - RuntimeError: bad dimension",
    "y": "error: expected ';' before return in tensor.cpp",
    "z": "Connection reset by peer while it reads the package index",
    "e": "",
}
"""What a failed job says; any other letter stands for a line of its own."""


def grid(
    lanes: Mapping[str, str],
    *,
    reverts: Mapping[int, int] | None = None,
    marked: tuple[int, ...] = (),
    complete: bool = False,
) -> Grid:
    """The grid that was drawn.

    Args:
        lanes: For every job a letter for each commit; ``.`` and a blank are no cell.
        reverts: For the place of a revert, the place of what it takes back.
        marked: Places of the commits that a bot took back.
        complete: No commits are older.
    """
    size = max(map(len, lanes.values()), default=0)
    commits = [commit(size - place) for place in range(size)]
    for place, target in (reverts or {}).items():
        commits[place] = _revert(commits[place], commits[target])
    for place in marked:
        commits[place] = replace(commits[place], autoreverted=True)
    rows = tuple(_row(made, place, lanes) for place, made in enumerate(commits))
    names = {name for row in rows for name in row.jobs}
    return Grid(rows=rows, job_names=tuple(sorted(names)), complete=complete)


def commit(age: int) -> Commit:
    """One of many commits; higher is newer."""
    return Commit(
        sha=f"{age:040x}",
        title=f"Change number {age} (#{1000 + age})",
        message=f"Change number {age} (#{1000 + age})\n\nAs planned.",
        time=NOW - timedelta(hours=1000 - age),
    )


def place(drawn: Grid, found: Commit | None) -> int | None:
    """Where a commit is, 0 for the newest."""
    if found is None:
        return None
    return [row.commit.sha for row in drawn.rows].index(found.sha)


def places(drawn: Grid, found: tuple[Commit, ...]) -> list[int | None]:
    """Where commits are, 0 for the newest."""
    return [place(drawn, one) for one in found]


def job(name: str, sha: str, letter: str) -> Job:
    """The job that a letter stands for."""
    state = STATES.get(letter, "fail")
    said = letter if state in {"fail", "flaky"} else "e"
    line = SAYS.get(said, f"error: the {said * 5} part gave up at the {said * 4} step")
    lines = (line,) if line and state == "fail" else ()
    return Job(name=name, sha=sha, state=state, lines=lines)


def saying(drawn: Grid, line: Callable[[Job], str]) -> Grid:
    """The same grid, but for what jobs say that failed, if only at first."""
    rows = []
    for row in drawn.rows:
        jobs = dict(row.jobs)
        for name, it in row.jobs.items():
            if it.failed or it.state == "flaky":
                lines = tuple(filter(None, (line(it),)))
                jobs[name] = Job(name=name, sha=it.sha, state=it.state, lines=lines)
        rows.append(Row(commit=row.commit, jobs=jobs))
    return replace(drawn, rows=tuple(rows))


def _row(made: Commit, at: int, lanes: Mapping[str, str]) -> Row:
    cells = {name: letters[at : at + 1].strip(". ") for name, letters in lanes.items()}
    jobs = {name: job(name, made.sha, it) for name, it in cells.items() if it}
    return Row(commit=made, jobs=jobs)


def _revert(one: Commit, other: Commit) -> Commit:
    title = f'Revert "{other.title}"'
    message = f"{title}\n\nThis reverts commit {other.sha}.\n"
    return replace(one, title=title, message=message)
