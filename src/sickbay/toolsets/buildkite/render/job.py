"""The pages about one job: why it failed, and the end of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import skipped
from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount, share, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

CAUSES = 3


def job_page(document: Document) -> Iterator[Part]:
    """Why jobs failed."""
    for job in document["explained"]:
        yield block(_why(job))
    for cluster in document["clusters"]:
        yield block(_cluster(cluster))
    yield block(skipped(document))


def log_page(document: Document) -> Iterator[Part]:
    """The end of a log."""
    yield block(_head(document))
    yield block(line(Quote(text)) for text in document["lines"])
    yield block(_foot(document))


def _why(job: Document) -> Iterator[Line]:
    state = (job["state"] or "unknown").replace("_", " ").upper()
    status = f", exit {job['exit_status']}" if job["exit_status"] is not None else ""
    yield line(state, status, " ", Quote(job["name"] or job["job_id"]), mood="bold red")
    sure = share(job["confidence"])
    yield line(f"Why: {job['category']} ({sure} sure)", level=1, mood="bold")
    if job["reason"]:
        yield line(Quote(job["reason"]), level=1)
    for cause in job["causes"][:CAUSES]:
        yield line(f"line {cause['line_start']}, {share(cause['score'])}", level=1)
        for text in cause["text"].split("\n"):
            yield line(Quote(text), level=2, mood="red")
    if job["failed"]:
        yield line(amount(job["failed"], "failed test"), level=1)
        for test in job["failed_tests"]:
            yield line(Quote(test), level=2)
    if job["host"]:
        yield line("Machine: ", Quote(job["host"]), level=1)
    yield line(f"Log: {job['log']}", level=1, mood="dim")


def _cluster(found: Document) -> Iterator[Line]:
    jobs = amount(len(found["jobs"]), "job")
    yield line(f"{jobs} of one cause: ", Quote(found["line"]), mood="bold")


def _head(document: Document) -> Iterator[Line]:
    state = (document["state"] or "unknown").replace("_", " ").upper()
    name = document["name"] or document["job_id"]
    yield line(state, " ", Quote(name), mood="bold")
    room = f"{size(document['bytes'])}, " if document["bytes"] is not None else ""
    still = ", which still grows" if document["running"] else ""
    shown = amount(len(document["lines"]), "line")
    which = "all" if document["whole_log"] else "the last"
    yield line(f"{room}{which} {shown} of the log{still}", level=1, mood="dim")


def _foot(document: Document) -> Iterator[Line]:
    yield from skipped(document)
    yield line(f"Next: sickbay explain {document['log']}", mood="bold")
