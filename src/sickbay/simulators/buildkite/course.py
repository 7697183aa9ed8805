"""The course of a build: what became of each of its jobs, attempt by attempt."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.fleet import QUEUES, any_host, host
from sickbay.simulators.buildkite.incidents import CANCEL, EXPIRE, incidents
from sickbay.simulators.buildkite.jobs import Blow, Job
from sickbay.simulators.buildkite.steps import AMD_IMAGE
from sickbay.simulators.buildkite.suites import ways_of
from sickbay.simulators.chance import chance, odds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.simulators.buildkite.calendar import Slot
    from sickbay.simulators.buildkite.fleet import Host
    from sickbay.simulators.buildkite.incidents import Place
    from sickbay.simulators.buildkite.plots import Plot
    from sickbay.simulators.buildkite.steps import Step

RUN_S = (420.0, 3900.0)
SETUP_S = (9.0, 28.0)  # where it never comes to the tests
EXPIRE_S = 6 * 3600.0
AGAIN_LOST, AGAIN_BY_HAND, AGAIN_FLAKY = 0.85, 0.12, 0.1
STILL_OUT = 0.5  # of the retries in an outage
UNBLOCKED = 0.4  # of the manual steps of a nightly
CANCELED_AFTER_S = 2400.0
NO_TESTS = frozenset({"registry", "pypi", "git"})
MOST_ATTEMPTS = 3
PULL_RUNS = 0.45  # share of the steps that a pull request's files concern


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


@dataclass(frozen=True, slots=True)
class _Luck:
    """Where a build's jobs run, and what hits them."""

    blows: Mapping[Place, Blow]
    hosts: Mapping[Place, Host]


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
        self.seed, self.slot, self.now = seed, slot, now
        self.steps = [step for step in steps if self._concerned(step)]
        self.plots = plots
        self.draw = chance("build", seed, slot.pipeline, slot.number)
        self.end = min(
            now, slot.created + CANCELED_AFTER_S if slot.canceled else float("inf")
        )
        self._ended: dict[str, float | None] = {}  # None: it failed
        self._unblocked: set[str] = set()
        self._luck = self._drawn()

    def jobs(self) -> tuple[Job, ...]:
        """All of them, each attempt after the one whose place it took."""
        return tuple(self._all())

    def _concerned(self, step: Step) -> bool:
        if self.slot.trunk or not step.suite:
            return step.kind != "manual" or self.slot.trunk
        own = (self.seed, self.slot.number, step.key)
        return step.behind is None and odds("concerns", *own) < PULL_RUNS

    def _drawn(self) -> _Luck:
        """Hosts first, since what hits a job may be its host."""
        places = [(step, at) for step in self.steps for at in range(step.shards)]
        suites = [place for place in places if place[0].suite]
        hosts: dict[Place, Host] = {}
        turn = dict.fromkeys(QUEUES, self.slot.number)
        for place in places:
            queue = place[0].queue
            hosts[place] = host(queue, turn[queue] + self.draw.randrange(3))
            turn[queue] += 1
        self._crowd(suites, hosts)
        taken = frozenset(
            place for place in suites if self._plotted(place, hosts[place], 0)
        )
        return _Luck(incidents(self.draw, self.slot.number, suites, taken), hosts)

    def _crowd(self, suites: Sequence[Place], hosts: dict[Place, Host]) -> None:
        """A machine where everything fails at once is free for the next job at once."""
        for plot in self.plots:
            if not plot.host:
                continue
            queue = [
                place for place in suites if plot.host in _machines(place[0].queue)
            ]
            for place in self.draw.sample(queue, min(len(queue), 4 + plot.seed % 3)):
                name = place[0].queue
                hosts[place] = _machines(name)[plot.host]

    def _plotted(self, place: Place, machine: Host, attempt: int) -> Blow | None:
        step, shard = place
        for plot in self.plots:
            if plot.host:
                hit = bool(step.suite) and plot.host == machine.name
            else:
                hit = plot.hits(step, shard)
            if hit and self._shows(plot, place, attempt):
                return Blow(
                    key=plot.key, trouble=plot.trouble, way=plot.way, seed=plot.seed
                )
        return None

    def _shows(self, plot: Plot, place: Place, attempt: int) -> bool:
        rate = AGAIN_FLAKY if plot.trouble == "flaky" and attempt else plot.rate
        own = (self.seed, self.slot.number, place[0].key, place[1], attempt)
        return odds("shows", plot.key, *own) < rate

    def _all(self) -> Iterator[Job]:
        hard = False
        for index, step in enumerate(self.steps):
            for shard in range(step.shards):
                chain = self._chain(index, step, shard, stopped=hard)
                yield from chain
                last = chain[-1]
                if step.kind == "script":
                    hard |= last.failed and not step.soft
                    ended = last.finished if last.state == "passed" else None
                    self._ended[step.key] = ended

    def _chain(
        self, index: int, step: Step, shard: int, *, stopped: bool
    ) -> tuple[Job, ...]:
        plain = Job(
            job_id=job_id(self.slot.number, self.seed, index, shard, 0),
            step=step,
            number=self.slot.number,
            shard=shard if step.parallel else None,
            created=self.slot.created + 1 + index / 100,
        )
        if step.kind != "script":
            return (self._other(plain, stopped=stopped),)
        reason = self._held(step)
        if reason:
            return (replace(plain, state=reason),)
        chain = [self._attempt(plain, (step, shard), 0)]
        while again := self._again(chain[-1], (step, shard), len(chain)):
            before, job = again
            chain[-1] = before
            chain.append(job)
        return tuple(chain)

    def _other(self, job: Job, *, stopped: bool) -> Job:
        """A step that runs nothing."""
        step = job.step
        over = self.slot.created + 1
        if step.kind == "manual":
            nightly = self.slot.kind == "nightly"
            if nightly and self.draw.random() < UNBLOCKED:
                self._unblocked.add(step.key)
                name = "Nightly operator"
                return replace(job, state="unblocked", finished=over, unblocker=name)
            return replace(job, state="blocked")
        if stopped:
            state = "waiting_failed" if step.kind == "waiter" else "broken"
            return replace(job, state=state)
        if self._running():
            return replace(job, state="waiting")
        return replace(job, finished=over)

    def _running(self) -> bool:
        return any(ended and ended > self.now for ended in self._ended.values())

    def _held(self, step: Step) -> str | None:
        """The state of a job that does not come to run."""
        if step.condition:
            return "broken"
        if step.behind and step.behind not in self._unblocked:
            return "blocked"
        if step.needs and self._ended.get(step.needs, 0.0) is None:
            return "waiting_failed"
        return None

    def _attempt(self, job: Job, place: Place, attempt: int) -> Job:
        machine = self._luck.hosts[place]
        if attempt:
            machine = any_host(machine.queue, self.draw, but=machine.name)
        step = place[0]
        ready = max(job.created + 4, self._ended.get(step.needs or "", 0.0) or 0.0)
        wait = QUEUES[machine.queue].wait_s * self.draw.uniform(0.1, 2.2)
        blow = self._blow(place, machine, attempt)
        begun = replace(job, host=machine, runnable=ready, started=ready + wait)
        return self._cut(self._ending(begun, blow))

    def _blow(self, place: Place, machine: Host, attempt: int) -> Blow | None:
        found = self._luck.blows.get(place)
        if found is not None and (
            attempt == 0
            or (found.trouble == "outage" and self.draw.random() < STILL_OUT)
        ):
            return found
        return self._plotted(place, machine, attempt)

    def _ending(self, job: Job, blow: Blow | None) -> Job:
        started = job.started or job.created
        whole = self.draw.uniform(*RUN_S)
        if blow is None:
            return replace(job, exit_status=0, finished=started + whole)
        if blow.way == EXPIRE:
            over = (job.runnable or job.created) + EXPIRE_S
            return replace(
                job, state="expired", host=None, started=None, expired=over,
                finished=over, blow=blow,
            )  # fmt: skip
        job = replace(job, state="failed", blow=blow)
        over = started + whole * self.draw.uniform(0.2, 0.9)
        match blow.way:
            case "cancel":
                return replace(
                    job, state="canceled", exit_status=-1, signal="SIGTERM",
                    signal_reason="cancel", finished=over, blow=None,
                )  # fmt: skip
            case "lost":
                return self._lost(job, over)
            case "oom_killed":
                signal = "SIGKILL" if blow.seed % 2 else None
                return replace(job, exit_status=137, signal=signal, finished=over)
        return self._told(job, blow, started, whole)

    def _told(self, job: Job, blow: Blow, started: float, whole: float) -> Job:
        way = ways_of(job.step.suite)[blow.way]
        if way.kind == "hang":
            return replace(
                job, state="timed_out", exit_status=-1, signal="SIGTERM",
                signal_reason="cancel", finished=started + job.step.timeout_min * 60,
            )  # fmt: skip
        if blow.way in NO_TESTS:
            whole = self.draw.uniform(*SETUP_S)
        return replace(job, exit_status=way.exit_status, finished=started + whole)

    def _lost(self, job: Job, over: float) -> Job:
        """The machine went away: mostly it was taken back, and said so."""
        stopped = self.draw.random() < 0.6  # noqa: PLR2004 - mostly
        return replace(
            job,
            exit_status=-1,
            signal="SIGTERM" if stopped else None,
            signal_reason="agent_stop" if stopped else None,
            finished=over,
        )

    def _cut(self, job: Job) -> Job:
        """The attempt as it is now, or was when somebody canceled the build."""
        finished, started = job.finished or 0.0, job.started
        if finished <= self.end:
            return job
        plain = replace(
            job, exit_status=None, signal=None, signal_reason=None, finished=None,
            expired=None, blow=None,
        )  # fmt: skip
        begun = started is not None and started <= self.end
        if self.slot.canceled:
            return self._canceled(plain, begun=begun)
        if begun:
            return replace(plain, state="running")
        ready = (job.runnable or 0.0) <= self.end
        waiting = replace(plain, started=None, host=None)
        if ready:
            return replace(waiting, state="scheduled")
        return replace(waiting, state="waiting", runnable=None)

    def _canceled(self, job: Job, *, begun: bool) -> Job:
        job = replace(job, state="canceled", finished=self.end)
        if begun:
            return replace(
                job, exit_status=-1, signal="SIGTERM", signal_reason="cancel"
            )
        return replace(job, host=None, started=None, runnable=None)

    def _again(self, job: Job, place: Place, attempts: int) -> tuple[Job, Job] | None:
        """The attempt that was retried, and the next one; None if nobody tried again."""
        kind = self._retry_type(job, attempts)
        if kind is None or job.finished is None or job.finished > self.end - 2:
            return None
        late = 2.0 if kind == "automatic" else self.draw.uniform(300, 5400)
        if job.finished + late > self.end:
            return None
        step, shard = place
        index = self.steps.index(step)
        plain = Job(
            job_id=job_id(self.slot.number, self.seed, index, shard, attempts),
            step=step,
            number=job.number,
            shard=job.shard,
            created=job.finished + late,
            retry_of=job.job_id,
            retry_type=kind,
            retries=attempts,
        )
        following = self._attempt(plain, place, attempts)
        return replace(job, retried_in=following.job_id), following

    def _retry_type(self, job: Job, attempts: int) -> str | None:
        if not job.failed or attempts >= MOST_ATTEMPTS or not job.step.suite:
            return None
        luck = self.draw.random()
        if attempts == 1 and job.signal_reason != "cancel":
            if job.exit_status == -1 and luck < AGAIN_LOST:
                return "automatic"
            if job.step.retries:
                return "automatic"
        return "manual" if luck < AGAIN_BY_HAND else None


def _machines(queue: str) -> dict[str, Host]:
    found = (host(queue, number) for number in range(QUEUES[queue].machines))
    return {machine.name: machine for machine in found}
