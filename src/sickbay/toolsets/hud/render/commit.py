"""The page about one commit: its status, and its failures by what they say."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import coverage
from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount
from sickbay.toolsets.hud.render.words import commit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

FAILED = frozenset({"fail", "timed_out", "startup_failure"})
JOBS = 6

_MOODS = {"red": "bold red", "pending": "bold cyan", "green": "bold green"}
_MARKS = {
    "forced": "merged without waiting for its checks",
    "forced_with_failures": "merged although some of its checks had failed",
    "autoreverted": "reverted by a bot",
}


def commit_page(document: Document) -> Iterator[Part]:
    """One commit.

    Args:
        document: The result of ``recent_commits`` with the jobs of one commit.
    """
    row = document["commits"][0]
    failed = [job for job in document["jobs"] if job["state"] in FAILED]
    yield block(_head(row))
    yield block(_failures(failed))
    yield block(_foot(document, failed))


def _head(row: Document) -> Iterator[Line]:
    yield line(
        row["status"].upper(),
        " ",
        *commit(row),
        mood=_MOODS.get(row["status"], "bold"),
    )
    counts = dict(row["counts"])
    total = counts.pop("total")
    parts = [f"{count:,} {state.replace('_', ' ')}" for state, count in counts.items()]
    yield line(f"{amount(total, 'job')}: {', '.join(parts)}", level=1)
    for mark in row["marks"]:
        yield line(_MARKS[mark], level=1, mood="yellow")
    if row["hud_url"]:
        yield line(Quote(row["hud_url"]), level=1, mood="dim")


def _failures(failed: Sequence[Document]) -> Iterator[Line]:
    if not failed:
        yield line("Nothing failed.", mood="green")
        return
    by_line: defaultdict[str, list[Document]] = defaultdict(list)
    for job in failed:
        by_line[next(iter(job["lines"]), "")].append(job)
    yield line(f"{amount(len(failed), 'job')} failed", mood="bold")
    for said in sorted(by_line, key=lambda said: -len(by_line[said])):
        jobs = by_line[said]
        yield line(Quote(said or "no line is known"), level=1, mood="red")
        for job in jobs[:JOBS]:
            yield line(Quote(job["job"]), f"  {job['job_id'] or ''}", level=2)
        if (more := len(jobs) - JOBS) > 0:
            yield line(f"and {amount(more, 'more job')}", level=2, mood="dim")


def _foot(document: Document, failed: Sequence[Document]) -> Iterator[Line]:
    yield from coverage(document, "commit")
    look = next((job["job_id"] for job in failed if job["job_id"]), None)
    if look:
        yield line(f"Next: sickbay hud job {look} --explain", mood="bold")
