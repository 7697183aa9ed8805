"""Occurrences: what failed in one attempt of a job, and what each says of itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.ci.scan.deaths import death
from sickbay.ci.scan.families import family
from sickbay.ci.scan.models import Occurrence
from sickbay.ci.scan.readings import reading
from sickbay.ci.signs import is_empty
from sickbay.logs.signature import (
    fingerprint,
    first_line,
    is_generic,
    is_symptom,
    masked_line,
    said,
    signature,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.scan.deaths import Death
    from sickbay.ci.scan.models import FailedJob
    from sickbay.ci.scan.readings import Reading
    from sickbay.logs.report import Cause, FailedTest, Report

_HEAD = "Traceback (most recent call last)"
_OF_ITSELF = frozenset({"crashed", "timed_out"})
"""Outcomes of a test that explain how its job died."""


def occurrences(item: FailedJob) -> tuple[Occurrence, ...]:
    """The failures of an attempt: its failed tests, or else the attempt as a whole.

    An attempt that died of something that none of its tests explains is one more.
    """
    tests = item.report.tests.failed if item.report else ()
    causes = _causes(item.report)
    found = [_of_test(item, test, causes) for test in tests]
    died = death(item.attempt)
    if not found:
        found.append(_of_job(item, causes))
    elif (
        died and died.machine and not any(test.outcome in _OF_ITSELF for test in tests)
    ):
        found.append(_of_job(item, [cause for cause in causes if _of_machine(cause)]))
    return tuple(found)


def text_of(seen: Occurrence) -> str:
    """What a failure says, in one line."""
    kind, first = _kind(seen), first_line(seen.message)
    return f"{kind}: {first}" if kind and first else kind or first


def read(seen: Occurrence) -> Reading | None:
    """What its words speak of.

    What a test compares may be any words: they speak of the code at most.
    """
    found = reading(text_of(seen))
    compared = _kind(seen).startswith("Assert") or (seen.message or "")[:6] == "assert"
    return None if found and found.trouble and compared else found


def told(cause: Cause) -> tuple[str | None, str]:
    """Exception and message of the line of a cause that tells most.

    That is the last one that its rule knows, and never the head of a traceback.
    """
    lines = [line for line in cause.text.splitlines() if _HEAD not in line]
    known = [line for line in lines if reading(line)]
    if cause.rule and known:
        lines = known[-1:]
    return said(replace(cause, text="\n".join(lines)))


def _kind(seen: Occurrence) -> str:
    return (seen.exception or "").rpartition(".")[2]


def _causes(report: Report | None) -> list[Cause]:
    """What a log names as causes, the best first, but no symptom of another."""
    found = sorted(report.causes, key=lambda cause: cause.rank) if report else []
    return [cause for cause in found if not is_symptom(*told(cause))]


def _of_machine(cause: Cause) -> bool:
    read = reading(cause.text)
    return read is not None and read.machine


def _explains(cause: Cause, died: Death) -> bool:
    """Whether a line says more of the end of a job than how it ended.

    That its agent stopped it is the end itself; and where a machine ended it, what else
    the log speaks of did not.
    """
    read = reading(cause.text)
    if read and read.trouble == "agent_lost":
        return died.trouble == "agent_lost"
    return _of_machine(cause) or not died.machine


def _of_test(item: FailedJob, test: FailedTest, causes: Sequence[Cause]) -> Occurrence:
    """A failed test; one that is a mere symptom is known by the root cause."""
    found = Occurrence(
        job=item.job,
        attempt=item.attempt,
        test_id=test.test_id,
        message=test.message,
        exception=test.exception,
        signature=test.signature,
        line=test.line or None,
        attempts=test.attempts or (test.outcome,),
    )
    if found.signature:
        return found
    if not causes:
        return replace(found, signature=_own(item, masked_line(test.message)))
    exception, message = told(causes[0])
    name = signature(exception=exception, message=message)
    name = name or _own(item, masked_line(message))
    return replace(found, message=message, exception=exception, signature=name)


def _of_job(item: FailedJob, causes: Sequence[Cause]) -> Occurrence:
    """The attempt as a whole, by the best line of its log or by how it died."""
    found = Occurrence(job=item.job, attempt=item.attempt)
    telling = (cause for cause in causes if not is_empty(told(cause)[1]))
    cause = next(telling, None)
    died = death(item.attempt)
    if cause is None or (died and not _explains(cause, died)):
        message = died.words if died else _plain(item)
        return replace(found, message=message, signature=_own(item, message))
    exception, message = told(cause)
    masked = masked_line(message)
    name = "" if is_generic(masked) else signature(exception=exception, message=message)
    return replace(
        found,
        message=message,
        exception=exception,
        signature=name or _own(item, masked),
        line=cause.line_start,
    )


def _plain(item: FailedJob) -> str:
    """What is left to say where neither the log nor the end of the job tells more."""
    status = item.attempt.exit_status
    said_of_it = f"exit status {status}" if status else item.attempt.state
    return f"{said_of_it}; {item.why or 'its log does not say why'}"


def _own(item: FailedJob, words: str) -> str:
    """A fingerprint for words that could be said of any failure: of this job alone."""
    return fingerprint("job", family(item.attempt.name), words)
