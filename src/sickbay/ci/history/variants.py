"""What became of a test in one variant of its jobs, in one build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sickbay.ci.states import PASSED, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.history.models import JobRun, Outcome, Run

LEAST_TESTS = 5
COLLAPSED = 80
"""Percent of a session's tests that fail together only where all of it is at fault."""

_GOOD = frozenset({"passed", "xpassed"})
_UNRUN = frozenset({"skipped", "xfailed"})
_NO_WORD = {
    "startup_failure": "its job never got going",
    "timed_out": "its job ran out of time, and says nothing of it",
    "cancelled": "its job was cancelled",
    "skipped": "its job was skipped",
    "neutral": "its job was skipped",
}


Shards = frozenset[int | None]
"""None is a job that is not one of several."""


class Sign(NamedTuple):
    """What one attempt of a job says of the test.

    Attributes:
        seen: It is among the results; it is concluded from the job otherwise.
    """

    outcome: Outcome
    why: str | None = None
    seen: bool = False
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all attempts and shards of one variant come to."""

    outcome: Outcome
    why: str | None
    inferred: bool
    signatures: tuple[str, ...]


def verdict(
    jobs: Sequence[JobRun], runs: Sequence[Run], home: Shards = frozenset()
) -> Verdict:
    """What became of the test in a variant.

    Passed and failed, in whatever order and on whatever attempt, is flaky: the code
    was the same. Failed is failed on every attempt that says something.

    Args:
        jobs: All of the variant in the build: shards and attempts.
        runs: Of the test in them.
        home: The shards that have the test as far as neighbouring builds tell.
    """
    ran = {run.job_id for run in runs}
    silent = [job for job in jobs if job.job_id not in ran]
    by_id = {job.job_id: job for job in jobs}
    signs = [sign for run in runs for sign in _signs(run, by_id.get(run.job_id))]
    shards = {job.shard for job in jobs}
    homes = {run.shard for run in runs} or (home & shards)
    if homes or len(shards) <= 1:
        signs += [_silence(job) for job in silent if not homes or job.shard in homes]
    else:
        signs += _together(silent)
    return _joined(signs)


def _joined(signs: Sequence[Sign]) -> Verdict:
    by_outcome: dict[Outcome, list[Sign]] = {}
    for sign in signs:
        by_outcome.setdefault(sign.outcome, []).append(sign)
    passes = by_outcome.get("pass", [])
    failed = by_outcome.get("fail", [])
    outcome: Outcome = "absent"
    if failed:
        outcome = "flaky" if passes else "fail"
    elif passes:
        outcome = "pass"
    elif "infra" in by_outcome:
        outcome = "infra"
    inferred = bool(passes) and not any(sign.seen for sign in passes)
    telling = passes if outcome in {"pass", "flaky"} else by_outcome.get(outcome, [])
    why = telling[0].why if telling and (inferred or not (passes or failed)) else None
    return Verdict(outcome, why, inferred, tuple(s.signature for s in failed))


def _signs(run: Run, job: JobRun | None) -> Iterator[Sign]:
    """A test that its session repeated until it passed has failed and passed."""
    if run.outcome in _UNRUN:
        yield Sign("absent", run.outcome, seen=True)
        return
    if run.outcome in _GOOD or run.outcome == "rerun":
        yield Sign("pass", seen=True)
    if run.outcome in _GOOD:
        return
    broken = job and _broken(job)
    if broken:
        yield Sign("infra", broken, seen=True)
    else:
        yield Sign("fail", seen=True, signature=run.signature)


def _broken(job: JobRun) -> str | None:
    """Why a failure in this job says nothing of the test."""
    if job.infra:
        return job.infra
    tests, failed = job.tests_run or 0, job.tests_failed or 0
    if tests >= LEAST_TESTS and 100 * failed > COLLAPSED * tests:
        return f"{failed} of the {tests} tests of its session failed"
    return None


def _silence(job: JobRun) -> Sign:
    """What it means that the test is not among the results of a job."""
    if job.infra:
        return Sign("infra", job.infra)
    if job.state in UNFINISHED:
        return Sign("absent", "its job has not ended")
    if job.state in _NO_WORD:
        outcome: Outcome = "infra" if job.state == "startup_failure" else "absent"
        return Sign(outcome, _NO_WORD[job.state])
    if job.listing == "all":
        return Sign("absent", "it did not run in its job")
    if job.state in PASSED:
        return Sign("pass", "its job passed")
    if job.listing == "failed" and job.complete:
        return Sign("pass", "its job failed of other tests only")
    return Sign("absent", "its job failed, and nobody knows all tests that did")


def _together(jobs: Sequence[JobRun]) -> list[Sign]:
    """Where nobody knows which shard has the test, all of them have to pass."""
    by_shard: dict[int | None, list[Sign]] = {}
    for job in jobs:
        by_shard.setdefault(job.shard, []).append(_silence(job))
    best = [_joined(signs) for signs in by_shard.values()]
    if all(one.outcome == "pass" for one in best):
        return [Sign("pass", one.why) for one in best[:1]]
    bad = next(one for one in best if one.outcome != "pass")
    why = f"its shard is not known, and of one {bad.why}" if bad.why else None
    return [Sign("absent", why)]
