"""What became of every job on one commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.simulators.hud.chance import chance
from sickbay.simulators.hud.fleet import fleet

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.simulators.hud.fleet import Kind
    from sickbay.simulators.hud.stories import Plot

FIRST_JOB, FIRST_RUN = 40_100_000_000, 14_300_000_000
JOBS, ATTEMPTS, WORKFLOWS = 512, 4, 64  # room for each in the ids of a commit
RESTARTED = WORKFLOWS // 2  # runs that a bot started are numbered from here

CANCELLED_SHARE, SKIPPED_SHARE, TIMED_OUT_SHARE, ODD_SHARE = 0.004, 0.5, 4e-5, 3e-4
BUSY = {"gpu": 420.0, "rocm": 900.0, "macos": 600.0, "windows": 240.0}
USUAL_QUEUE_S = 25.0
SIX_HOURS_S = 6 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt of a job.

    Attributes:
        order: Of its commit on the branch.
        conclusion: Empty until it is completed.
        started: Seconds since the epoch; None until it starts.
        completed: The same; None until it ends.
        failure: Key of what failed (see ``failures``).
        origin: What started it: ``push`` or ``autorevert`` or ``retry``.
    """

    kind: Kind
    order: int
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
        return FIRST_JOB + place * ATTEMPTS + self.attempt - 1

    @property
    def run_id(self) -> int:
        """Of the run of the workflow on this commit."""
        return FIRST_RUN + self.order * WORKFLOWS + self.kind.workflow_slot

    @property
    def queue_s(self) -> int | None:
        """How long it waited for its runner."""
        return None if self.started is None else int(self.started - self.created)

    @property
    def duration_s(self) -> int | None:
        """How long it ran."""
        if self.started is None or self.completed is None:
            return None
        return int(self.completed - self.started)

    @property
    def runner_name(self) -> str:
        """The machine that it ran on, or empty."""
        if self.started is None:
            return ""
        machine = chance("machine", self.job_id).getrandbits(64)
        return f"i-{machine:016x}"


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to happen to a job: each attempt's conclusion and what fails."""

    conclusions: tuple[str, ...]
    failure: str | None = None


def place_of(job_id: int) -> tuple[int, int, int]:
    """Order of the commit, slot and attempt behind the id of a job."""
    place, attempt = divmod(job_id - FIRST_JOB, ATTEMPTS)
    return place // JOBS, place % JOBS, attempt + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the runs of all commits have in common.

    Attributes:
        count: How many commits there are.
        now: Seconds since the epoch.
    """

    seed: int
    count: int
    now: float
    plots: Sequence[Plot]


def simulate(scene: Scene, order: int, pushed: float) -> dict[int, tuple[Run, ...]]:
    """All attempts of all jobs of a commit, by slot; not those that never began."""
    draw = chance(scene.seed, "runs", order)
    hits = _hits(scene.plots, order)
    gone = {place for place in range(WORKFLOWS) if draw.random() < CANCELLED_SHARE}
    done: dict[int, tuple[Run, ...]] = {}
    for kind in fleet():
        spread = draw.random(), draw.random(), draw.random()
        fate = _fate(kind, hits.get(kind.slot, ()), draw)
        if not kind.runs_on(order, scene.count - 1 - order):
            continue
        if kind.workflow_slot in gone:
            fate = Fate(("cancelled",))
        start = pushed + 20
        if kind.needs is not None:
            built = done.get(kind.needs, ())
            if not built or built[-1].conclusion != "success":
                continue
            start = built[-1].completed or start
        attempts = _Attempts(kind, order, start, scene.now, spread)
        done[kind.slot] = tuple(attempts.of(fate))
    return {slot: runs for slot, runs in done.items() if runs}


def _hits(plots: Sequence[Plot], order: int) -> Mapping[int, tuple[Plot, ...]]:
    hits: dict[int, tuple[Plot, ...]] = {}
    for plot in plots:
        for slot in plot.slots(order):
            hits[slot] = (*hits.get(slot, ()), plot)
    return hits


def _fate(kind: Kind, plots: Sequence[Plot], draw: random.Random) -> Fate:
    for plot in plots:
        if draw.random() < plot.share:
            again = draw.random() < plot.retried
            return Fate(("failure", "success") if again else ("failure",), plot.key)
    odd = draw.random()
    if kind.name.endswith("llm-retrieval") and odd < SKIPPED_SHARE:
        return Fate(("skipped",))
    if odd < TIMED_OUT_SHARE:
        return Fate(("timed_out",), "slow")
    if odd < ODD_SHARE:
        return Fate(
            ("failure", "success"), "driver" if "gpu" in kind.runner else "disk"
        )
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
        for place, conclusion in enumerate(fate.conclusions):
            if created > self.now:
                return
            run = self._run(place, created, conclusion, fate.failure)
            yield run
            if run.completed is None:
                return
            created = run.completed + 90

    def _run(
        self, place: int, created: float, conclusion: str, failure: str | None
    ) -> Run:
        started = created + self._queue_s()
        completed = started + self._duration_s(conclusion)
        failed = conclusion in {"failure", "timed_out"}
        if completed <= self.now:
            end = {"status": "completed", "conclusion": conclusion}
        else:
            end = {"status": "in_progress", "conclusion": ""}
        if started > self.now:
            end["status"] = "queued"
        return Run(
            kind=self.kind,
            order=self.order,
            attempt=place + 1,
            created=created,
            started=started if started <= self.now else None,
            completed=completed if completed <= self.now else None,
            failure=failure if failed and completed <= self.now else None,
            origin="push" if place == 0 else "retry",
            status=end["status"],
            conclusion=end["conclusion"],
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
