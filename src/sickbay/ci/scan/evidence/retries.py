"""What became of the failures when they were tried again, on the same commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim, some_of
from sickbay.ci.scan.evidence.hosts import other_hosts
from sickbay.ci.scan.families import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.builds import BuildJob
    from sickbay.ci.scan.case import Case


def retries(case: Case) -> Iterator[Claim]:
    """Retries of jobs, by people or by the CI, and of tests, by their framework."""
    passed = [job for job in case.jobs if job.ending == "flaky" or _went(case, job)]
    if passed:
        yield from _passed(case, len(passed))
    again = [job for job in case.jobs if job not in passed and _attempts(case, job) > 1]
    if again and not case.machine:
        yield _again(case, again, len(again) / (len(again) + len(passed)))
    yield from _tests(case)


def _again(case: Case, again: Sequence[BuildJob], share: float) -> Claim:
    """So many jobs failed again, a share of those that were retried."""
    elsewhere = other_hosts(case)
    more = max(_attempts(case, job) for job in again) - 1
    weight = min(weights.FAILED_AGAIN_MOST, weights.FAILED_AGAIN * more)
    weight += weights.AGAIN_ELSEWHERE if elsewhere else 0
    where = ", on another machine too" if elsewhere else ""
    text = f"{some_of(len(again), len(case.jobs))} failed again on a retry{where}"
    return Claim("NEW_REGRESSION", share * weight, text)


def _passed(case: Case, count: int) -> Iterator[Claim]:
    share, of = count / len(case.jobs), some_of(count, len(case.jobs))
    if case.machine:
        text = f"{of} passed on a retry, as after a fault of the machine"
        yield Claim("INFRA_SUSPECTED", weights.MACHINE_ON_RETRY, text)
        return
    some = weights.SOME_PASSED_ON_RETRY
    weight = weights.PASSED_ON_RETRY * (some + share * (1 - some))
    text = f"{of} passed on a retry of the same commit"
    yield Claim("FLAKY_SUSPECTED", weight, text)
    yield Claim("NEW_REGRESSION", share * weights.BROKEN_PASSES, text)


def _went(case: Case, job: BuildJob) -> bool:
    """Whether a later attempt ran tests and failed, but not of this."""
    mine = {str(attempt.job_id) for attempt in case.attempts}
    order = [str(attempt.job_id) for attempt in job.attempts]
    last = max(at for at, name in enumerate(order) if name in mine)
    later = (case.scene.failed.get(name) for name in order[last + 1 :])
    return any(
        item is not None
        and item.report is not None
        and item.report.tests.counts.passed > 0
        for item in later
    )


def _attempts(case: Case, job: BuildJob) -> int:
    """In how many attempts of the job the failure was seen."""
    mine = {str(attempt.job_id) for attempt in case.attempts}
    return sum(str(attempt.job_id) in mine for attempt in job.attempts)


def _tests(case: Case) -> Iterator[Claim]:
    tried = [len(seen.attempts) for seen in case.occurrences if len(seen.attempts) > 1]
    if tried and len(tried) == len(case.occurrences) and not case.machine:
        text = f"failed each time that its framework tried it, {max(tried)} times"
        yield Claim("NEW_REGRESSION", weights.TEST_FAILED_AGAIN, text)
    elsewhere = [
        case.scene.passed_again[name]
        for name in sorted(case.tests)
        if canonical(name) in case.scene.passed_again
    ]
    if elsewhere:
        text = f"the same test failed and passed when tried again in {elsewhere[0]}"
        yield Claim("FLAKY_SUSPECTED", weights.TEST_PASSED_ELSEWHERE, text)
