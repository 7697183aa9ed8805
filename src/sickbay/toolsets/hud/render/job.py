"""The page about one job: what became of it, and why, as far as its log tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import skipped
from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount, lasting, moment, share, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

CAUSES = 3
TESTS = 8
ARTIFACTS = 10

_MOODS = {"ok": "bold green", "flaky": "bold yellow", "pending": "bold cyan"}
_BAD = frozenset({"fail", "timed_out", "startup_failure"})


def job_page(document: Document, explained: Document | None) -> Iterator[Part]:
    """One job.

    Args:
        document: The result of ``job``.
        explained: That of ``explain_job``, if it was asked for.
    """
    job = document["job"]
    yield block(_head(job))
    if explained is not None:
        for found in explained["explained"]:
            yield block(_why(found))
        yield block(skipped(explained))
    if document["failure"]:
        yield block(_stored(document["failure"]))
    yield block(_attempts(document["attempts"]))
    yield block(_rest(document))
    yield block(_foot(document, job, explained))


def _head(job: Document) -> Iterator[Line]:
    state = job["state"] or "unknown"
    mood = "bold red" if state in _BAD else _MOODS.get(state, "bold")
    name = job["name"] or f"job {job['job_id']}"
    yield line(state.replace("_", " ").upper(), " ", Quote(name), mood=mood)
    if job["sha"]:
        branch = (" on ", Quote(job["branch"])) if job["branch"] else ()
        yield line(f"Commit {job['sha'][:10]}", *branch, level=1)
    times = [f"began {moment(job['started_at'])}"] if job["started_at"] else []
    if job["duration_s"] is not None:
        times.append(f"took {lasting(job['duration_s'])}")
    if job["queue_s"] is not None:
        times.append(f"waited {lasting(job['queue_s'])}")
    if times:
        yield line(", ".join(times), level=1)
    if job["runner"]:
        yield line("Machine: ", Quote(job["runner"]), level=1)
    if job["url"]:
        yield line(Quote(job["url"]), level=1, mood="dim")


def _why(found: Document) -> Iterator[Line]:
    sure = share(found["confidence"])
    yield line(f"Why: {found['category']} ({sure} sure)", mood="bold")
    if found["reason"]:
        yield line(Quote(found["reason"]), level=1)
    for cause in found["causes"][:CAUSES]:
        yield line(f"line {cause['line_start']}, {share(cause['score'])}", level=1)
        for text in cause["text"].split("\n"):
            yield line(Quote(text), level=2, mood="red")
    if found["failed"]:
        yield line(amount(found["failed"], "failed test"), level=1)
        for test in found["failed_tests"][:TESTS]:
            yield line(Quote(test), level=2)
        if (more := found["failed"] - len(found["failed_tests"][:TESTS])) > 0:
            yield line(f"and {more:,} more", level=2, mood="dim")
    said = found["hud"]
    if said and said["agrees"] is not None:
        word = "agrees" if said["agrees"] else "points elsewhere"
        yield line(f"The HUD {word}.", level=1, mood="dim")


def _stored(failure: Document) -> Iterator[Line]:
    yield line("What the HUD says", mood="bold")
    for row in failure["lines"]:
        number = f"{row['line_number']}: " if row["line_number"] else ""
        yield line(number, Quote(row["text"]), level=1)


def _attempts(attempts: Sequence[Document]) -> Iterator[Line]:
    if len(attempts) < 2:  # noqa: PLR2004 - one is the job itself
        return
    yield line(amount(len(attempts), "attempt"), mood="bold")
    for attempt in attempts:
        took = attempt["duration_s"]
        lasts = f", took {lasting(took)}" if took is not None else ""
        state = attempt["state"] or "unknown"
        yield line(f"{attempt['job_id']}: {state.replace('_', ' ')}{lasts}", level=1)


def _rest(document: Document) -> Iterator[Line]:
    log = document["log"]
    if log:
        why = f" ({log['why']})" if log["why"] else ""
        still = ", still growing" if log["running"] else ""
        yield line(f"Log: {log['handle']}{still}{why}")
    usage = document["usage"]
    if usage["percent"]:
        yield line(f"Its machine: {'; '.join(_used(usage['percent']))}")
    elif usage["why"]:
        yield line("Usage of its machine: ", Quote(usage["why"]), mood="dim")
    artifacts = document["artifacts"]
    if artifacts:
        yield line(amount(len(artifacts), "artifact"))
    for artifact in artifacts[:ARTIFACTS]:
        room = f"  {size(artifact['bytes'])}" if artifact["bytes"] is not None else ""
        yield line(Quote(artifact["name"]), room, level=1)
    if (more := len(artifacts) - ARTIFACTS) > 0:
        yield line(f"and {more:,} more", level=1, mood="dim")


def _used(percent: Mapping[str, float]) -> Iterator[str]:
    """The mean and the peak of each part of a machine."""
    for name, mean in percent.items():
        part, _, kind = name.rpartition("_")
        if kind == "avg":
            peak = percent.get(f"{part}_max")
            most = f", at most {peak:.0f} %" if peak is not None else ""
            yield f"{part.replace('_', ' ')} {mean:.0f} %{most}"


def _foot(
    document: Document, job: Document, explained: Document | None
) -> Iterator[Line]:
    yield from skipped(document)
    if explained is None and job["state"] in _BAD:
        yield line(f"Next: sickbay hud job {job['job_id']} --explain", mood="bold")
    elif job["sha"]:
        yield line(f"Next: sickbay hud commit {job['sha'][:10]}", mood="bold")
