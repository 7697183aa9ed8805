"""The simulated organization: its builds, and the truth about what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sickbay.simulators.buildkite.calendar import calendar, order_at
from sickbay.simulators.buildkite.commits import commits, sha_of
from sickbay.simulators.buildkite.course import Course, number_in
from sickbay.simulators.buildkite.issues import filed
from sickbay.simulators.buildkite.people import BY_LOGIN, PEOPLE
from sickbay.simulators.buildkite.plots import Plot, crowd, plots
from sickbay.simulators.buildkite.steps import steps
from sickbay.simulators.buildkite.suites import WAYS
from sickbay.simulators.buildkite.truth import planted
from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.simulators.buildkite.calendar import Slot
    from sickbay.simulators.buildkite.issues import Filed
    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.people import Person
    from sickbay.simulators.buildkite.steps import Step
    from sickbay.simulators.buildkite.truth import Planted
    from sickbay.simulators.github.facts import Commit, Issue

FEWEST_DAYS, FEWEST_JOBS = 3, 30
OWN_FAULT = 0.35  # of the pull requests break something themselves
BUILDERS = 6  # jobs of a release


@dataclass(slots=True)
class Build:
    """A build and its jobs; somebody may change them.

    Attributes:
        edition: How often it was changed.
        rebuilt_from: The number of the build that it repeats.
    """

    slot: Slot
    sha: str
    jobs: list[Job]
    edition: int = 0
    rebuilt_from: int | None = None


class World:
    """An organization whose CI is looked at; the same arguments give the same world.

    Args:
        seed: Of all that happens by chance.
        days: How many nightlies there are, at least 3.
        jobs: How many jobs a build has, at least 30.
        now: When all of it is looked at; by default when it is made.
        log_bytes: Pads each log to about this size; by default they are short.
        running: The newest nightly still runs.
        failed: How many jobs fail in the newest nightly at least.

    Attributes:
        changes: What was changed in it, one after the other: what, which one,
            and how.
    """

    organization = "vllm"
    repo = "vllm-project/vllm"
    branch = "main"
    pipelines = ("ci", "amd-ci", "release")
    private = frozenset({"release"})

    def __init__(  # noqa: PLR0913 - one for each thing to choose
        self,
        seed: int = 0,
        *,
        days: int = 60,
        jobs: int = 200,
        now: datetime | None = None,
        log_bytes: int = 0,
        running: bool = False,
        failed: int = 0,
    ) -> None:
        if days < FEWEST_DAYS or jobs < FEWEST_JOBS:
            raise ValueError(f"at least {FEWEST_DAYS} days and {FEWEST_JOBS} jobs")
        self.seed, self.days, self.log_bytes = seed, days, log_bytes
        self.now = now or datetime.now(UTC).replace(second=0, microsecond=0)
        self.steps = steps(jobs)
        self.slots = list(calendar(seed, days, self.now, running=running))
        self.changes: list[Any] = []
        self.plots = plots(seed, days, self.steps)
        self._builds: dict[int, Build] = {}
        self._numbers = {slot.number: slot for slot in self.slots}
        for plot in crowd(seed, days, self.steps, self.plots) if failed else ():
            if self._hard() >= failed:
                break
            self.plots = (plot, *self.plots)

    @cached_property
    def nightlies(self) -> tuple[int, ...]:
        """The numbers of the nightly builds, the oldest first."""
        return tuple(slot.number for slot in self.slots if slot.kind == "nightly")

    @cached_property
    def start(self) -> float:
        """When the first nightly began."""
        return self._numbers[self.nightlies[0]].created

    @cached_property
    def commits(self) -> tuple[Commit, ...]:
        """The trunk, the oldest commit first."""
        count = order_at(self.now.timestamp(), self.start) + 1
        return commits(self.seed, count, self.start, self.plots)

    @cached_property
    def filed(self) -> tuple[Filed, ...]:
        """The issues, each with what it is really about."""
        return filed(self.seed, self.plots, self.commits, self.now)

    @property
    def issues(self) -> Sequence[Issue]:
        """The issues of the repository."""
        return [item.issue for item in self.filed]

    def build(self, number: int) -> Build | None:
        """A build by its number, which no two pipelines share."""
        slot = self._numbers.get(number)
        if slot is None:
            return None
        if number not in self._builds:
            self._builds[number] = self._made(slot)
        return self._builds[number]

    def add(self, slot: Slot) -> Build:
        """A build that begins now."""
        self.slots.append(slot)
        self._numbers[slot.number] = slot
        self._builds[slot.number] = made = self._made(slot)
        return made

    def job(self, job_id: str) -> tuple[Build, int] | None:
        """A job by its id: its build and its place there."""
        build = self.build(number_in(job_id) or 0)
        for place, job in enumerate(build.jobs if build else ()):
            if build and job.job_id == job_id:
                return build, place
        return None

    def truth(self, number: int) -> tuple[Planted, ...]:
        """What went wrong in a build that was never changed."""
        build = self.build(number)
        if build is None:
            raise KeyError(number)
        issues = {item.plot: item.issue.number for item in self.filed if item.plot}
        culprits = {
            plot.key: self._culprit(plot, build.slot)
            for plot in self._plots(build.slot)
        }
        return planted(build.jobs, issues, culprits)

    def author(self, slot: Slot) -> Person:
        """Whose commit a build is of."""
        if slot.pull:
            return PEOPLE[slot.pull % len(PEOPLE)]
        return BY_LOGIN[self.commits[slot.order].login]

    def _culprit(self, plot: Plot, slot: Slot) -> str:
        if plot in self.plots:
            return self.commits[plot.first].login
        return self.author(slot).login

    def _hard(self) -> int:
        """How many jobs failed in the newest nightly in the end, and not softly."""
        jobs = self._course(self._numbers[self.nightlies[-1]]).jobs()
        return sum(job.failed and not job.retried and not job.step.soft for job in jobs)

    def _course(self, slot: Slot) -> Course:
        return Course(
            self.seed,
            slot,
            self._steps(slot),
            self._plots(slot),
            self.now.timestamp(),
        )

    def _made(self, slot: Slot) -> Build:
        sha = self.commits[slot.order].sha
        if slot.pull:
            sha = sha_of(self.seed, "pull", slot.pull)
        return Build(slot, sha, list(self._course(slot).jobs()))

    def _steps(self, slot: Slot) -> Sequence[Step]:
        if slot.kind == "release":
            return self.steps[:BUILDERS]
        if slot.kind == "amd":
            rocm = [step for step in self.steps if step.backend == "rocm"]
            return [replace(step, soft=False) for step in rocm]
        return self.steps

    def _plots(self, slot: Slot) -> list[Plot]:
        active = [plot for plot in self.plots if plot.at(slot.order)]
        draw = chance("own", self.seed, slot.kind, slot.pull)
        if slot.kind != "torch" and not (slot.pull and draw.random() < OWN_FAULT):
            return active
        known = {plot.way for plot in self.plots}
        able = [way for way in WAYS if "regression" in way.fits]
        way = draw.choice([way for way in able if way.key not in known] or able)
        own = Plot(
            key=f"{slot.kind}-{slot.pull or self.seed}",
            trouble="regression",
            way=way.key,
            suites=(way.suite,),
            first=slot.order,
            seed=draw.randrange(1 << 16),
        )
        return [own, *active]
