"""What became of every job on one commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.simulators.chance import chance
from sickbay.simulators.hud.fleet import fleet, other_fleet

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.simulators.hud.fleet import Kind
    from sickbay.simulators.hud.stories import Plot

FIRST_JOB, FIRST_RUN = 40_100_000_000, 14_300_000_000
JOBS, ATTEMPTS, WORKFLOWS = 512, 4, 64  # room for each in the ids of a commit
RESTARTED = WORKFLOWS // 2  # runs that a bot started are numbered from here
RESTART = "autorevert"
TOLD_AFTER = 0.6  # of a failing run its log shows what fails

CANCELLED_SHARE, SKIPPED_SHARE, NEUTRAL_SHARE = 0.004, 0.5, 0.1
TIMED_OUT_SHARE, ODD_SHARE = 4e-5, 3e-4
BUSY = {"gpu": 420.0, "rocm": 900.0, "macos": 600.0, "windows": 240.0}
USUAL_QUEUE_S = 25.0
SIX_HOURS_S = 6 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt of a job.

    Attributes:
        order: Of its commit on the branch.
        nth: Which of the runs of the job on its commit it is, from 0.
        attempt: As GitHub counts them, from 1; anew in another run of the workflow.
        conclusion: Empty until it is completed.
        started: Seconds since the epoch; None until it starts.
        completed: The same; None until it ends.
        failure: Key of what failed (see ``failures``), be it under way still.
        origin: What started it: ``push``, ``retry``, or a bot: ``autorevert``.
    """

    kind: Kind
    order: int
    nth: int
    attempt: int
    status: str
    conclusion: str
    created: float
    started: float | None = None
    completed: float | None = None
    failure: str | None = None
    origin: str = "push"

    @property
    def job_id(self) -> int:
        """As GitHub's: new for every attempt."""
        place = self.order * JOBS + self.kind.slot
        return FIRST_JOB + place * ATTEMPTS + self.nth

    @property
    def run_id(self) -> int:
        """Of the run of the workflow on this commit."""
        bot = RESTARTED if self.origin == RESTART else 0
        return FIRST_RUN + self.order * WORKFLOWS + self.kind.workflow_slot + bot

    @property
    def queue_s(self) -> int | None:
        """How long it waited for its runner."""
        return None if self.started is None else int(self.started - self.created)

    @property
    def lost(self) -> bool:
        """Whether it failed without a word: no log, no machine."""
        return self.conclusion in {"failure", "action_required"} and not self.failure

    @property
    def duration_s(self) -> int | None:
        """How long it ran."""
        if self.started is None or self.completed is None:
            return None
        return int(self.completed - self.started)

    @property
    def runner_name(self) -> str:
        """The machine that it ran on, or empty."""
        if self.started is None or self.lost:
            return ""
        machine = chance("machine", self.job_id).getrandbits(64)
        return f"i-{machine:016x}"


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to happen to a job.

    Attributes:
        conclusions: Of each of its runs.
        failure: What fails.
        again: What starts the runs after the first.
    """

    conclusions: tuple[str, ...]
    failure: str | None = None
    again: str = "retry"


def place_of(job_id: int) -> tuple[int, int, int]:
    """Order of the commit, slot and number of the run behind the id of a job."""
    place, nth = divmod(job_id - FIRST_JOB, ATTEMPTS)
    return place // JOBS, place % JOBS, nth


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the runs of all commits have in common.

    Attributes:
        count: How many commits the branch has.
        now: Seconds since the epoch.
        workflows: Those that run, due or not; None is all that are due.
        steady: Nothing goes wrong but what the plots say.
        lf_share: Of the commits whose jobs run on the other fleet.
        states: By commit: its workflows that are ``cancelled`` or ``idle``.
    """

    seed: int
    count: int
    now: float
    plots: Sequence[Plot]
    workflows: frozenset[str] | None = None
    steady: bool = False
    lf_share: float = 0.0
    states: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def has(self, kind: Kind, order: int) -> bool:
        """Whether the job runs on the commit at all."""
        if self.workflows is None:
            return kind.due(order)
        return kind.workflow in self.workflows


def simulate(
    scene: Scene, order: int, pushed: float, *, base: int | None = None
) -> dict[int, tuple[Run, ...]]:
    """All attempts of all jobs of a commit, by slot; not those that never began.

    Args:
        scene: What else happens.
        order: Of the commit.
        pushed: When CI saw it; seconds since the epoch.
        base: The commit of the branch whose jobs it has; its own where that is None.
    """
    base = order if base is None else base
    draw = chance(scene.seed, "runs", order)
    hits = _hits(scene.plots, order)
    ago = scene.count - 1 - base
    states = _states(draw, scene, order)
    other = chance(scene.seed, "fleet", order).random() < scene.lf_share
    done: dict[int, tuple[Run, ...]] = {}
    for kind in other_fleet() if other else fleet():
        spread = draw.random(), draw.random(), draw.random()
        fate = _fate(kind, order, hits.get(kind.slot, ()), draw, steady=scene.steady)
        state = states.get(kind.workflow)
        if state == "idle" or not kind.there(ago) or not scene.has(kind, base):
            continue
        start = pushed + 20 if kind.needs is None else _built(done.get(kind.needs, ()))
        if start is not None:
            fate = Fate(("cancelled",)) if state == "cancelled" else fate
            attempts = _Attempts(kind, order, start, scene.now, spread)
            done[kind.slot] = tuple(attempts.of(fate))
    return {slot: runs for slot, runs in done.items() if runs}


def _built(runs: Sequence[Run]) -> float | None:
    """When the build that a job waits for was done, if it was."""
    return runs[-1].completed if runs and runs[-1].conclusion == "success" else None


def _states(draw: random.Random, scene: Scene, order: int) -> dict[str, str]:
    """The workflows that were cancelled on a commit, or that never began."""
    names = dict.fromkeys(kind.workflow for kind in fleet())
    gone = [name for name in names if draw.random() < CANCELLED_SHARE]
    chosen = dict.fromkeys([] if scene.steady else gone, "cancelled")
    return {**chosen, **scene.states.get(order, {})}


def _hits(plots: Sequence[Plot], order: int) -> Mapping[int, tuple[Plot, ...]]:
    hits: dict[int, tuple[Plot, ...]] = {}
    for plot in plots:
        for slot in plot.slots(order):
            hits[slot] = (*hits.get(slot, ()), plot)
    return hits


def _fate(
    kind: Kind,
    order: int,
    plots: Sequence[Plot],
    draw: random.Random,
    *,
    steady: bool,
) -> Fate:
    for plot in plots:
        if draw.random() < plot.share:
            if order in plot.restarted:
                return Fate((plot.conclusion,) * 2, plot.key, again=RESTART)
            again = draw.random() < plot.retried
            end = (plot.conclusion, "success") if again else (plot.conclusion,)
            return Fate(end, plot.key or None)
    return _odd(kind, 1.0 if steady else draw.random())


def _odd(kind: Kind, odds: float) -> Fate:
    """What happens to a job when nothing that is told of does."""
    if kind.name.endswith("llm-retrieval") and odds < SKIPPED_SHARE:
        return Fate(("skipped",))
    if "link-check" in kind.name and odds < NEUTRAL_SHARE:
        return Fate(("neutral",))
    if odds < TIMED_OUT_SHARE:
        return Fate(("timed_out",), "slow")
    if odds < ODD_SHARE:
        failure = "driver" if "gpu" in kind.runner else "disk"
        return Fate(("failure", "success"), failure)
    return Fate(("success",))


@dataclass(frozen=True, slots=True)
class _Attempts:
    kind: Kind
    order: int
    ready: float
    now: float
    spread: tuple[float, float, float]

    def of(self, fate: Fate) -> Iterator[Run]:
        """One run after the other, until now."""
        created = self.ready
        for nth, conclusion in enumerate(fate.conclusions):
            if created > self.now:
                return
            run = self._run(nth, created, conclusion, fate)
            yield run
            if run.completed is None:
                return
            created = run.completed + 90

    def _run(self, nth: int, created: float, conclusion: str, fate: Fate) -> Run:
        started = created + self._queue_s()
        completed = started + self._duration_s(conclusion)
        told = started + TOLD_AFTER * (completed - started) <= self.now
        failing = told and conclusion in {"failure", "timed_out"}
        done = completed <= self.now
        under_way = "in_progress" if started <= self.now else "queued"
        return Run(
            kind=self.kind,
            order=self.order,
            nth=nth,
            attempt=1 if fate.again == RESTART else nth + 1,
            created=created,
            started=started if started <= self.now else None,
            completed=completed if done else None,
            failure=fate.failure if failing else None,
            origin=fate.again if nth else "push",
            status="completed" if done else under_way,
            conclusion=conclusion if done else "",
        )

    def _queue_s(self) -> float:
        usual = next((s for word, s in BUSY.items() if word in self.kind.runner), 0.0)
        return (USUAL_QUEUE_S + usual) * (0.2 + 3 * self.spread[0] ** 4)

    def _duration_s(self, conclusion: str) -> float:
        if conclusion == "skipped":
            return 0.0
        if conclusion == "timed_out":
            return SIX_HOURS_S
        usual = 60 * self.kind.minutes * (0.75 + 0.5 * self.spread[1])
        part = 1.0 if conclusion == "success" else 0.2 + 0.6 * self.spread[2]
        return max(1.0, usual * part)
