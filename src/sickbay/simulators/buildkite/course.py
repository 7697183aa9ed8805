"""The course of a build: what became of each of its jobs, attempt by attempt."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.attempts import again, cut, ended
from sickbay.simulators.buildkite.fleet import QUEUES, any_host
from sickbay.simulators.buildkite.incidents import incidents
from sickbay.simulators.buildkite.jobs import UNFINISHED, Blow, Job
from sickbay.simulators.buildkite.machines import machines
from sickbay.simulators.chance import chance, odds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.simulators.buildkite.calendar import Slot
    from sickbay.simulators.buildkite.fleet import Host
    from sickbay.simulators.buildkite.machines import Place
    from sickbay.simulators.buildkite.plots import Plot
    from sickbay.simulators.buildkite.steps import Step

FLAKY_AGAIN = 0.05
STILL_OUT = 0.5  # of the retries in an outage
UNBLOCKED = 0.4  # of the manual steps of a nightly
CANCELED_AFTER_S = 2400.0
CONCERNED = 0.45  # share of the steps that a pull request's files concern
NEVER = float("inf")


def job_id(number: int, *place: object) -> str:
    """The id of an attempt; it holds the number of its build."""
    digest = hashlib.md5(repr(place).encode(), usedforsecurity=False).hexdigest()
    return (
        f"019a{digest[:4]}-{digest[4:8]}-7{digest[8:11]}-a{digest[11:14]}"
        f"-{number:06x}{digest[14:20]}"
    )


def number_in(text: str) -> int | None:
    """The number of the build that an id of a job holds."""
    try:
        return int(text.rpartition("-")[2][:6], 16)
    except ValueError:
        return None


def _passed(job: Job) -> float | None:
    """When a job passed, or may pass yet; None if it did not."""
    if job.state in UNFINISHED:
        return NEVER
    return job.finished if job.state == "passed" else None


class Course:
    """Makes the jobs of one build.

    Args:
        seed: Of the world.
        slot: The build.
        steps: Of its pipeline.
        plots: What goes wrong in it for longer.
        now: When it is looked at.
    """

    def __init__(
        self,
        seed: int,
        slot: Slot,
        steps: Sequence[Step],
        plots: Sequence[Plot],
        now: float,
    ) -> None:
        self.seed, self.slot, self.plots = seed, slot, plots
        self.steps = [step for step in steps if self._concerned(step)]
        self.draw = chance("build", seed, slot.pipeline, slot.number)
        canceled = slot.created + CANCELED_AFTER_S if slot.canceled else NEVER
        self.end = min(now, canceled)
        self._passed: dict[str, float | None] = {}  # when; None: it did not
        self._open: set[str] = set()
        manual = [step.key for step in self.steps if step.kind == "manual"]
        self._shut = manual[-1] if manual else ""  # one stays for people to open
        places = [(step, at) for step in self.steps for at in range(step.shards)]
        self._hosts = machines(self.draw, slot.number, places, plots)
        taken = frozenset(
            place for place in places if self._plotted(place, self._hosts[place], 0)
        )
        self._blows = incidents(self.draw, slot.number, places, taken)

    def jobs(self) -> Iterator[Job]:
        """All of them, each attempt after the one whose place it took."""
        hard = False
        for index, step in enumerate(self.steps):
            for shard in range(step.shards):
                chain = self._chain(index, (step, shard), stopped=hard)
                yield from chain
                last = chain[-1]
                if step.kind == "script":
                    hard |= last.failed and not step.soft
                    self._passed[step.key] = _passed(last)

    def _concerned(self, step: Step) -> bool:
        if self.slot.trunk or not step.suite:
            return self.slot.trunk or step.kind != "manual"
        own = (self.seed, self.slot.number, step.key)
        return step.behind is None and odds("concerns", *own) < CONCERNED

    def _chain(self, index: int, place: Place, *, stopped: bool) -> list[Job]:
        step, shard = place
        first = Job(
            job_id=job_id(self.slot.number, self.seed, index, shard, 0),
            step=step,
            number=self.slot.number,
            shard=shard if step.parallel else None,
            created=self.slot.created + 1 + index / 100,
        )
        if step.kind != "script":
            return [self._other(first, stopped=stopped)]
        if reason := self._held(step):
            told = "conditional_failed" if reason == "broken" else None
            return [replace(first, state=reason, broken_reason=told)]
        chain = [self._attempt(first, place, 0)]
        while following := self._following(chain[-1], place, index, len(chain)):
            chain[-1] = replace(chain[-1], retried_in=following.job_id)
            chain.append(following)
        return chain

    def _other(self, job: Job, *, stopped: bool) -> Job:
        """A step that runs nothing."""
        over = self.slot.created + 1
        if job.step.kind == "manual":
            nightly = self.slot.kind == "nightly" and job.step.key != self._shut
            if nightly and self.draw.random() < UNBLOCKED:
                self._open.add(job.step.key)
                return replace(
                    job, state="unblocked", finished=over, unblocker="Nightly operator"
                )
            return replace(job, state="blocked")
        if stopped:
            state = "waiting_failed" if job.step.kind == "waiter" else "broken"
            return replace(job, state=state)
        if NEVER in self._passed.values():
            return replace(job, state="waiting")
        return replace(job, finished=over)

    def _held(self, step: Step) -> str | None:
        """The state of a job that does not come to run."""
        if step.condition:
            return "broken"
        if step.behind and step.behind not in self._open:
            return "blocked"
        if step.needs and self._passed.get(step.needs, 0.0) is None:
            return "waiting_failed"
        return None

    def _following(
        self, job: Job, place: Place, index: int, attempts: int
    ) -> Job | None:
        """The attempt that takes the place of one that failed, if there is one."""
        how = again(job, attempts, self.draw)
        if how is None or how[1] > self.end:
            return None
        plain = Job(
            job_id=job_id(self.slot.number, self.seed, index, place[1], attempts),
            step=job.step,
            number=job.number,
            shard=job.shard,
            created=how[1],
            retry_of=job.job_id,
            retry_type=how[0],
            retries=attempts,
        )
        return self._attempt(plain, place, attempts)

    def _attempt(self, job: Job, place: Place, attempt: int) -> Job:
        machine = self._hosts[place]
        if attempt:
            machine = any_host(machine.queue, self.draw, but=machine.name)
        needed = self._passed.get(job.step.needs or "", 0.0) or 0.0
        ready = max(job.created + 4, needed)
        wait = QUEUES[machine.queue].wait_s * self.draw.uniform(0.1, 2.2)
        begun = replace(job, host=machine, runnable=ready, started=ready + wait)
        whole = ended(begun, self._blow(place, machine, attempt), self.draw)
        return cut(whole, self.end, canceled=self.slot.canceled)

    def _blow(self, place: Place, machine: Host, attempt: int) -> Blow | None:
        found = self._blows.get(place)
        out = found is not None and found.trouble == "outage"
        if attempt == 0 or (out and self.draw.random() < STILL_OUT):
            return found or self._plotted(place, machine, attempt)
        return self._plotted(place, machine, attempt)

    def _plotted(self, place: Place, machine: Host, attempt: int) -> Blow | None:
        step, shard = place
        for plot in self.plots:
            there = plot.host == machine.name if plot.host else plot.hits(step, shard)
            if there and step.suite and self._shows(plot, place, attempt):
                return Blow(
                    key=plot.key, trouble=plot.trouble, way=plot.way, seed=plot.seed
                )
        return None

    def _shows(self, plot: Plot, place: Place, attempt: int) -> bool:
        rate = FLAKY_AGAIN if plot.trouble == "flaky" and attempt else plot.rate
        own = (self.seed, self.slot.number, place[0].key, place[1], attempt)
        return odds("shows", plot.key, *own) < rate
