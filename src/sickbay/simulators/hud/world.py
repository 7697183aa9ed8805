"""The simulated project: a branch, its jobs, and the truth about what went wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from sickbay.simulators.hud import pulls, stories
from sickbay.simulators.hud.commits import REPO, history
from sickbay.simulators.hud.failures import FAILURES, record
from sickbay.simulators.hud.fleet import fleet
from sickbay.simulators.hud.runs import FIRST_RUN, WORKFLOWS, Scene, place_of, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.commits import Landed
    from sickbay.simulators.hud.pulls import Pull
    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.stories import Plot, Story, StoryKind

FEWEST = 60  # commits that the stories need
PUSHED_S = 25 * 60.0  # from one push to the next


class World:
    """A project that CI watches; the same arguments give the same world.

    Args:
        seed: Of all that happens by chance.
        commits: How many the branch has, at least 60.
        now: When all of it is looked at; by default when it is made.
        log_bytes: Pads each log to about this size; by default they are short.
        lf_share: Of the commits, on how many the jobs run on another fleet: the names
            of its machines, and so of the jobs, begin with ``lf.``.
    """

    repo = REPO
    branch = "main"

    def __init__(
        self,
        seed: int = 0,
        *,
        commits: int = 300,
        now: datetime | None = None,
        log_bytes: int = 0,
        lf_share: float = 0.0,
    ) -> None:
        self.seed = seed
        self.now = now or datetime.now(UTC).replace(second=0, microsecond=0)
        self.log_bytes = log_bytes
        if commits < FEWEST:
            raise ValueError(f"the stories need {FEWEST} commits")
        self.count = commits
        self.plots = stories.plots(self.count)
        self.startup_failure = self.count - 13
        self._scene = Scene(
            seed=seed,
            count=self.count,
            now=self.now.timestamp(),
            plots=self.plots,
            states=stories.states(self.count),
            lf_share=lf_share,
        )
        self._cells = lru_cache(maxsize=None)(self._simulated)

    @cached_property
    def landed(self) -> tuple[Landed, ...]:
        """The branch, the oldest commit first: ``order`` is the place in it."""
        return history(self.seed, self.count, self.now, stories.drafts(self.count))

    @cached_property
    def orders(self) -> dict[str, int]:
        """Where each commit of the branch is."""
        return {commit.sha: commit.order for commit in self.landed}

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """The truth about what went wrong."""
        return tuple(self._told(plot) for plot in self.plots)

    def story(self, kind: StoryKind) -> Story:
        """The truth about the (first) one of that kind."""
        return next(story for story in self.stories if story.kind == kind)

    def cells(self, order: int) -> dict[int, tuple[Run, ...]]:
        """All attempts of all jobs of a commit, by slot of the job."""
        return self._cells(order)

    def runs(self) -> Iterator[Run]:
        """Every attempt of every job on the branch, the oldest commit first."""
        for order in range(self.count):
            for runs in self.cells(order).values():
                yield from runs

    def workflow_runs(self, run_id: int) -> list[Run]:
        """Every attempt of every job of a run of a workflow."""
        order = (run_id - FIRST_RUN) // WORKFLOWS
        if not 0 <= order < self.count and order not in self.heads:
            return []
        return [
            run
            for runs in self.cells(order).values()
            for run in runs
            if run.run_id == run_id
        ]

    @cached_property
    def failed(self) -> tuple[Run, ...]:
        """Every run that left a failure, those of pull requests, too."""
        opened = [order for order, pull in self.heads.items() if pull.wrong]
        return tuple(
            run
            for order in (*range(self.count), *opened)
            for runs in self.cells(order).values()
            for run in runs
            if run.failure
        )

    def run(self, job_id: int) -> Run | None:
        """One attempt of a job."""
        order, slot, nth = place_of(job_id)
        if not 0 <= order < self.count and order not in self.heads:
            return None
        runs = self.cells(order).get(slot, ())
        return next((run for run in runs if run.nth == nth), None)

    @cached_property
    def pulls(self) -> dict[int, Pull]:
        """The pull requests by number: the open ones, and those that landed."""
        reverted = [
            pulls.landed(commit, self.count - 1)
            for commit in self.landed
            if not commit.title.startswith("Revert ")
        ]
        made = (*reverted, *pulls.opened(self.count, self.plots))
        return {pull.number: pull for pull in made}

    @cached_property
    def heads(self) -> dict[int, Pull]:
        """The pull request of each commit that is on none but its branch."""
        return {order: pull for pull in self.pulls.values() for order in pull.heads}

    @cached_property
    def head_orders(self) -> dict[str, int]:
        """Where each commit of a pull request is."""
        return {self.commit(order).sha: order for order in self.heads}

    def order(self, sha: str) -> int | None:
        """Where the commit is, on the branch or on a pull request's."""
        return self.orders.get(sha, self.head_orders.get(sha))

    def commit(self, order: int) -> Landed:
        """The commit there."""
        if order < self.count:
            return self.landed[order]
        pull = self.heads[order]
        base, nth = self.landed[pull.base].time, pull.heads.index(order)
        return pulls.head(self.seed, pull, order, base + PUSHED_S * (1 + nth))

    def branch_of(self, run: Run) -> str:
        """What the run calls its branch."""
        if run.order < self.count:
            return self.branch
        pull = self.heads[run.order]
        name = run.kind.workflow
        of_flow = name not in pulls.CHECKED
        return f"ciflow/{name}/{pull.number}" if of_flow else pull.branch

    def _simulated(self, order: int) -> dict[int, tuple[Run, ...]]:
        if order < self.count:
            return simulate(self._scene, order, self.landed[order].time)
        pull = self.heads[order]
        scene = replace(
            self._scene, plots=pull.plots, workflows=pull.workflows, steady=True
        )
        return simulate(scene, order, self.commit(order).time, base=pull.base)

    def _told(self, plot: Plot) -> Story:
        first = min(spell.first for spell in plot.spells)
        last = max(spell.last for spell in plot.spells)
        hit = frozenset().union(*(spell.slots for spell in plot.spells))
        left = record(plot.key)
        return stories.Story(
            kind=plot.kind,
            category=FAILURES[plot.key].category,
            cause=left.line,
            captures=left.captures,
            jobs=tuple(sorted(fleet()[slot].full_name for slot in hit)),
            first_bad=self._sha(first),
            last_bad=self._sha(last) if last < self.count - 1 else None,
            culprit=None if plot.culprit is None else self._sha(plot.culprit),
            fixed_by=None if plot.fixed_by is None else self._sha(plot.fixed_by),
        )

    def _sha(self, order: int) -> str:
        return self.landed[order].sha
