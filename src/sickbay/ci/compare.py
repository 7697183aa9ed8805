"""Two builds: what fails in one and not in the other, test by test and job by job."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.scan.families import canonical, file_of, without_shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.ci.builds import Build, BuildJob
    from sickbay.ci.scan.models import Cause, Occurrence

_PASSED = frozenset({"passed", "flaky"})
_FAILED = frozenset({"failed", "soft_failed"})
_NOT_RUN = {
    "canceled": "was canceled",
    "broken": "never ran because of another one",
    "skipped": "was skipped",
    "blocked": "waits for a person",
    "unfinished": "has not ended",
}

Key = tuple[str, str]
"""A test and the step that runs it, whichever shard; or a job, shards apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A failure that one of two builds has, or both.

    Attributes:
        test_id: None where the job failed and no test did.
        job: Where it failed: in the new build if it fails there.
        cause: Of that failure.
        why: What makes it doubtful, or why nobody knows; None where it is certain.
    """

    test_id: str | None
    job: BuildJob
    cause: Cause
    why: str | None = None

    @property
    def name(self) -> str:
        """The test, or the job where no test is named."""
        return self.test_id or self.job.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of failures from one build to another.

    Attributes:
        fixed: Their jobs ran in the new build, and show that they are gone.
        not_run: They failed before, and the new build does not say.
    """

    new: tuple[Change, ...] = ()
    still: tuple[Change, ...] = ()
    fixed: tuple[Change, ...] = ()
    not_run: tuple[Change, ...] = ()


def compared(
    new: Sequence[Cause], base: Sequence[Cause], new_build: Build, base_build: Build
) -> Comparison:
    """What is new, goes on or is gone in a build against another.

    A failure counts where the last attempt of its job shows it. A test is the same in
    any shard of a step, and another one in another step.

    Args:
        new: Causes of the failures of ``new_build``.
        base: Causes of the failures of ``base_build``.
        new_build: With all its jobs.
        base_build: With all its jobs.
    """
    now, before = _failures(new), _failures(base)
    here, there = _Ran(new_build, now), _Ran(base_build, before)
    fresh: list[Change] = []
    still: list[Change] = []
    fixed: list[Change] = []
    lost: list[Change] = []
    for key, (seen, cause) in now.items():
        if key in before:
            still.append(_change(seen, cause))
        else:
            fresh.append(_change(seen, cause, there.doubt(seen)))
    for key, (seen, cause) in before.items():
        if key not in now:
            why = here.doubt(seen)
            (lost if why else fixed).append(_change(seen, cause, why))
    return Comparison(
        new=tuple(fresh), still=tuple(still), fixed=tuple(fixed), not_run=tuple(lost)
    )


def _change(seen: Occurrence, cause: Cause, why: str | None = None) -> Change:
    return Change(test_id=seen.test_id, job=seen.job, cause=cause, why=why)


def _failures(causes: Iterable[Cause]) -> dict[Key, tuple[Occurrence, Cause]]:
    """The first failure for every key, of those that count."""
    found: dict[Key, tuple[Occurrence, Cause]] = {}
    for cause in causes:
        for seen in cause.occurrences:
            if seen.attempt is seen.job.last and seen.job.ending in _FAILED:
                found.setdefault(_key(seen), (seen, cause))
    return found


def _key(seen: Occurrence) -> Key:
    if seen.test_id:
        return _step(seen.job), canonical(seen.test_id)
    return _step(seen.job), f"shard {seen.job.last.shard}"


def _step(job: BuildJob) -> str:
    """The same for all shards of a step, and in other builds."""
    return job.last.step_key or without_shard(job.name)


class _Ran:
    """What ran in a build, and what it can say of a test."""

    def __init__(
        self, build: Build, failures: Mapping[Key, tuple[Occurrence, Cause]]
    ) -> None:
        self._number = build.number
        self._jobs: defaultdict[str, list[BuildJob]] = defaultdict(list)
        for job in build.jobs:
            self._jobs[_step(job)].append(job)
        self._files = {
            (step, file_of(seen.test_id))
            for (step, _), (seen, _) in failures.items()
            if seen.test_id
        }
        self._died = {
            step for (step, _), (seen, _) in failures.items() if not seen.test_id
        }

    def doubt(self, seen: Occurrence) -> str | None:
        """Why the build does not show that this did not fail in it; None if it does."""
        step = _step(seen.job)
        jobs = self._jobs.get(step, [])
        if seen.test_id is None:
            jobs = [job for job in jobs if job.last.shard == seen.job.last.shard]
        if not jobs:
            return f"build {self._number} does not have its job"
        for job in jobs:
            if job.ending in _NOT_RUN:
                return f"its job {_NOT_RUN[job.ending]} in build {self._number}"
        if all(job.ending in _PASSED for job in jobs) or seen.test_id is None:
            return None
        if step not in self._died and (step, file_of(seen.test_id)) in self._files:
            return None
        return f"its job failed of something else in build {self._number}"
