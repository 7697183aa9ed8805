"""The pages about builds: a list of them, and one with its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import coverage, skipped
from sickbay.render.page import Quote, Table, block, line
from sickbay.render.words import amount, brief, lasting, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

JOBS = 15
"""Of one ending that are shown."""

MOODS = {
    "passed": "green",
    "failed": "bold red",
    "soft_failed": "red",
    "flaky": "bold yellow",
    "canceled": "yellow",
    "broken": "yellow",
    "unfinished": "cyan",
    "blocked": "cyan",
}
WORDS = {
    "soft_failed": "failed softly",
    "flaky": "passed on a retry",
    "broken": "never ran because of another",
    "blocked": "wait for a person",
    "unfinished": "not over",
}
_COLUMNS = ("build", "state", "began", "title", "branch", "took", "commit")
"""What one looks for first; where they do not fit, the last ones give way."""

TITLE = 36


def builds_page(document: Document) -> Iterator[Part]:
    """Builds, the newest first."""
    if document["builds"]:
        yield Table(_COLUMNS, tuple(map(_row, document["builds"])))
    yield block(coverage(document, "build"))


def build_page(document: Document) -> Iterator[Part]:
    """One build, and those of its jobs that were asked for."""
    build = document["build_info"]
    yield block(_head(build, document["counts"]))
    for ending in dict.fromkeys(job["ending"] for job in document["jobs"]):
        of_it = [job for job in document["jobs"] if job["ending"] == ending]
        yield block(_ended(ending, of_it))
    yield block(_foot(document))


def _row(build: Document) -> tuple[str, ...]:
    return (
        str(build["build_number"]),
        build["state"] or "unknown",
        moment(build["created_at"]).removesuffix(" UTC"),
        brief(build["title"], TITLE),
        build["branch"],
        lasting(build["duration_s"]) if build["duration_s"] is not None else "-",
        build["commit"][:8],
    )


def _head(build: Document, counts: Document) -> Iterator[Line]:
    state = build["state"] or "unknown"
    number = f" build {build['build_number']} of "
    place = f"{build['organization']}/{build['pipeline']}"
    mood = "bold green" if state == "passed" else "bold red"
    yield line(state.replace("_", " ").upper(), number, Quote(place), mood=mood)
    if build["title"]:
        yield line(Quote(build["title"]), level=1)
    by = (" by ", Quote(build["author"])) if build["author"] else ()
    at = f"Commit {build['commit'][:8]} on "
    yield line(at, Quote(build["branch"]), *by, level=1)
    times = [f"Began {moment(build['started_at'])}"] if build["started_at"] else []
    if build["duration_s"] is not None:
        times.append(f"took {lasting(build['duration_s'])}")
    if times:
        yield line(", ".join(times), level=1)
    yield line(f"{amount(counts['total'], 'job')}: {_ends(counts)}", level=1)
    yield line(Quote(build["build_url"]), level=1, mood="dim")


def _ends(counts: Document) -> str:
    words = {"hard": "failed", "soft": "failed softly", "flaky": "passed on a retry"}
    named = ("passed", *words, "canceled", "broken", "blocked", "skipped", "unfinished")
    return ", ".join(
        f"{counts[name]:,} {words.get(name, name)}" for name in named if counts[name]
    )


def _ended(ending: str, jobs: Sequence[Document]) -> Iterator[Line]:
    words = WORDS.get(ending, ending)
    yield line(f"{len(jobs):,} {words}", mood=MOODS.get(ending, ""))
    for job in jobs[:JOBS]:
        yield line(Quote(job["name"]), _details(job), level=1)
    if (more := len(jobs) - JOBS) > 0:
        yield line(f"and {more:,} more", level=1, mood="dim")


def _details(job: Document) -> str:
    said = []
    if job["shard"] is not None and job["shards"]:
        said.append(f"shard {job['shard'] + 1} of {job['shards']}")
    if job["exit_status"]:
        said.append(f"exit {job['exit_status']}")
    if job["signal_reason"]:
        said.append(job["signal_reason"])
    if job["duration_s"] is not None:
        said.append(lasting(job["duration_s"]))
    if job["attempts"]:
        said.append(amount(len(job["attempts"]), "attempt"))
    words = f" ({', '.join(said)})" if said else ""
    return f"{words}: {job['job_id']}"


def _foot(document: Document) -> Iterator[Line]:
    yield from skipped(document)
    jobs, number = document["jobs"], document["build_info"]["build_number"]
    failed = [job for job in jobs if job["ending"] in {"failed", "soft_failed"}]
    if failed:
        yield line(f"Next: sickbay buildkite scan {number}", mood="bold")
