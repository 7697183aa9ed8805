"""The page about a pull request: which of its failures are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import skipped
from sickbay.render.page import Quote, block, line
from sickbay.render.words import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

JOBS = 12
MISSING = 6

_TITLES = {
    "new_failure": ("Its own", "bold red"),
    "unknown": ("Cannot tell", "bold yellow"),
    "broken_trunk": ("The trunk is broken alike", "bold"),
    "flaky": ("Flaky", "bold"),
    "unstable": ("Unstable, blocks nothing", "bold"),
    "awaiting_approval": ("Waits for approval", "bold cyan"),
}


def pull_page(document: Document) -> Iterator[Part]:
    """One pull request.

    Args:
        document: The result of ``pr_triage``.
    """
    yield block(_head(document))
    failing = document["failing"]
    for category in _TITLES:
        jobs = [job for job in failing if job["category"] == category]
        yield block(_failing(category, jobs))
    yield block(_foot(document))


def _head(document: Document) -> Iterator[Line]:
    pull, own = document["pull"], document["counts"].get("new_failure", 0)
    mood = "bold red" if own else "bold green"
    yield line(f"#{pull['number']} ", Quote(pull["title"]), mood="bold")
    if document["verdict"]:
        yield line(document["verdict"], mood=mood)
    newest = "" if pull["newest"] else ", not the newest push"
    base = f", branched off {pull['base_sha'][:10]}" if pull["base_sha"] else ""
    when = f" of {moment(pull['base_time'])}" if pull["base_time"] else ""
    yield line(f"Commit {pull['sha'][:10]}{newest}{base}{when}", level=1)
    states = document["states"].items()
    counts = ", ".join(
        f"{count:,} {state.replace('_', ' ')}" for state, count in states
    )
    yield line(f"Jobs: {counts or 'none'}", level=1)
    yield line(Quote(pull["url"]), level=1, mood="dim")


def _failing(category: str, jobs: Sequence[Document]) -> Iterator[Line]:
    if not jobs:
        return
    title, mood = _TITLES[category]
    yield line(f"{title}: {len(jobs):,}", mood=mood)
    for job in jobs[:JOBS]:
        number = f"  {job['job_id']}" if job["job_id"] else ""
        yield line(Quote(job["job"]), number, level=1)
        if job["line"]:
            yield line(Quote(job["line"]), level=2, mood="red")
        yield line(Quote(job["evidence"]), level=2)
    if (more := len(jobs) - JOBS) > 0:
        yield line(f"and {more:,} more", level=1, mood="dim")


def _foot(document: Document) -> Iterator[Line]:
    yield from skipped(document)
    missing = sorted({name for job in document["failing"] for name in job["missing"]})
    if missing:
        some = ", ".join(missing[:MISSING])
        yield line(f"Not known, and might change this: {some}.", mood="yellow")
    for words in document["advice"]:
        yield line(words)
    own = [job for job in document["failing"] if job["category"] == "new_failure"]
    look = next((job["job_id"] for job in own if job["job_id"]), None)
    if look:
        yield line(f"Next: sickbay hud job {look} --explain", mood="bold")
