"""The case: one group of failures and all that is known around it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sickbay.ci.scan.courses import course
from sickbay.ci.scan.deaths import death
from sickbay.ci.scan.families import canonical, family, host_of
from sickbay.ci.scan.occurrences import read, text_of
from sickbay.logs.signature import is_generic, masked_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sickbay.ci.builds import Attempt, Build, BuildJob
    from sickbay.ci.scan.courses import Course
    from sickbay.ci.scan.crowds import Crowd
    from sickbay.ci.scan.deaths import Death
    from sickbay.ci.scan.models import (
        Category,
        FailedJob,
        Match,
        Occurrence,
        PastBuild,
        Trouble,
    )
    from sickbay.ci.scan.readings import Reading


@dataclass(frozen=True, slots=True)
class Claim:
    """What one piece of evidence says.

    Attributes:
        weight: In natural log odds.
        text: For people, with its numbers.
        trouble: What went wrong if the category is right.
    """

    category: Category
    weight: float
    text: str
    trouble: Trouble | None = None


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What all cases of a build share."""

    build: Build
    failed: Mapping[str, FailedJob]
    past: Sequence[PastBuild] | None
    crowds: Mapping[str, Crowd]
    tracked: bool
    """Whether the issues of the tracker were to be had."""

    @cached_property
    def passed_again(self) -> Mapping[str, str]:
        """Tests that passed on another try within a job, with the job's name."""
        return {
            canonical(test.test_id): item.attempt.name
            for item in self.failed.values()
            if item.report
            for test in item.report.tests.flaky
        }

    @cached_property
    def out_of_time(self) -> frozenset[str]:
        """Families of the jobs that ran into their time limits."""
        return frozenset(
            family(item.attempt.name)
            for item in self.failed.values()
            if item.attempt.state == "timed_out"
        )


@dataclass(frozen=True, kw_only=True)
class Case:
    """One group of failures, to be judged."""

    scene: Scene
    occurrences: tuple[Occurrence, ...]
    match: Match | None

    @cached_property
    def jobs(self) -> tuple[BuildJob, ...]:
        """The jobs that it hit, each once."""
        return tuple({id(seen.job): seen.job for seen in self.occurrences}.values())

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts that it hit, each once."""
        found = {id(seen.attempt): seen.attempt for seen in self.occurrences}
        return tuple(found.values())

    @cached_property
    def items(self) -> tuple[FailedJob, ...]:
        """The same with what their logs say."""
        failed = self.scene.failed
        return tuple(failed[str(attempt.job_id)] for attempt in self.attempts)

    @cached_property
    def families(self) -> frozenset[str]:
        """Of the jobs."""
        return frozenset(family(job.name) for job in self.jobs)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The machines that it was seen on."""
        return frozenset(filter(None, map(host_of, self.attempts)))

    @cached_property
    def tests(self) -> frozenset[str]:
        """The tests that it hit."""
        named = (seen.test_id for seen in self.occurrences if seen.test_id)
        return frozenset(map(canonical, named))

    @cached_property
    def main(self) -> Occurrence:
        """The failure that stands for all: it tells most, in the words of most."""
        said = Counter(map(text_of, self.occurrences))
        return max(
            self.occurrences,
            key=lambda seen: (
                _of_machine(seen) == self._of_machine,
                not is_generic(masked_line(seen.message)),
                said[text_of(seen)],
            ),
        )

    @cached_property
    def _of_machine(self) -> bool:
        """Whether what speaks of a machine is enough to stand for all.

        One test of many that names a full disk does not tell what the others fail of.
        """
        found = [seen for seen in self.occurrences if _of_machine(seen)]
        named = {canonical(seen.test_id) for seen in found if seen.test_id}
        whole = any(not seen.test_id for seen in found)
        return whole or len(named) >= _ENOUGH * len(self.tests)

    @cached_property
    def reading(self) -> Reading | None:
        """What its words speak of."""
        return read(self.main)

    @cached_property
    def deaths(self) -> tuple[Death, ...]:
        """How its attempts died, where no test of them explains that."""
        found = (
            death(seen.attempt)
            for seen in self.occurrences
            if not seen.test_id or is_dying(seen)
        )
        return tuple(filter(None, found))

    @cached_property
    def crowd(self) -> Crowd | None:
        """The sickest machine, if all that it was seen on are sick."""
        crowds = self.scene.crowds
        if not self.hosts or not self.hosts <= crowds.keys():
            return None
        return min((crowds[host] for host in self.hosts), key=lambda one: one.chance)

    @property
    def dead(self) -> bool:
        """Whether its machine died, or is sick, whatever ran on it."""
        return self.crowd is not None or any(item.machine for item in self.deaths)

    @property
    def machine(self) -> bool:
        """Whether its words, its end or its place speak of the machine."""
        return self.dead or (self.reading is not None and self.reading.machine)

    @cached_property
    def courses(self) -> tuple[Course, ...]:
        """How its jobs went before, of those that ran before."""
        places = {job.place for job in self.jobs}
        found = (
            course(place, self.scene.past or ()) for place in sorted(places, key=str)
        )
        return tuple(item for item in found if item.builds)


def some_of(count: int, total: int) -> str:
    """So many of the jobs of a case, in words."""
    if total == 1:
        return "its job"
    return f"all {total} jobs" if count == total else f"{count} of {total} jobs"


def is_dying(seen: Occurrence) -> bool:
    """Whether the process of the test ended with it, rather than the test."""
    return seen.attempts[-1:] in _DYING


def _of_machine(seen: Occurrence) -> bool:
    said = read(seen)
    return said is not None and said.machine


_DYING = (("crashed",), ("timed_out",))
_ENOUGH = 0.25
"""Share of the tests of a case."""
