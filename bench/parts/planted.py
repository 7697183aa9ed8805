"""A simulated CI in a history, and what was planted there, test by test."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import anyio
from platformdirs import user_cache_path

from sickbay.ci.history.models import Line
from sickbay.ci.scan.families import canonical
from sickbay.ci.services import BuildsWanted, Depth
from sickbay.core.services import Folders
from sickbay.history.ingest.fill import fill
from sickbay.history.opening import opened_history
from sickbay.history.reading import Reading
from sickbay.server.call import RunningCall
from sickbay.simulators.buildkite.app import app
from sickbay.simulators.buildkite.gate import BuildkiteFaults
from sickbay.simulators.buildkite.world import World
from sickbay.simulators.serving import served
from sickbay.toolsets.buildkite import settings as buildkite_settings
from sickbay.toolsets.buildkite import source as buildkite_source
from sickbay.toolsets.history.settings import Settings
from sickbay.toolsets.history.source import HistorySource

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence
    from pathlib import Path

    from sickbay.ci.history.models import BuildPoint
    from sickbay.history.face import History
    from sickbay.simulators.buildkite.jobs import Job

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PIPELINE, BRANCH = "vllm/ci", "main"
TITLES = "Full CI run - "
"""Of the builds that are looked at. Those with another PyTorch break by themselves, and
hide other troubles of the jobs that this hits, as if they were mended there."""

EVERY = 1_000_000
LASTING = frozenset({"regression", "known_issue"})


@dataclass(frozen=True)
class Spell:
    """Builds in a row in which something lasting broke a test.

    Attributes:
        first: Place of the first of them among all builds, ``last`` of the last.
        culprit: The commit that brought it.
        trouble: What it is in truth.
    """

    test_id: str
    first: int
    last: int
    culprit: str
    trouble: str
    way: str


@dataclass
class Planted:
    """What was planted in the builds of a history, in the order of commits."""

    world: World
    builds: Sequence[BuildPoint]
    hits: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    keys: dict[str, dict[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what hit which test in which build."""
        for place, build in enumerate(self.builds):
            for trouble, key, tests in self._of(int(build.number)):
                for test in tests:
                    self.hits.setdefault(test, {}).setdefault(place, set()).add(trouble)
                    if trouble in LASTING:
                        self.keys.setdefault(test, {}).setdefault(place, key)

    def jobs(self) -> Iterator[tuple[int, Job]]:
        """Every attempt that something was planted in, with the place of its build."""
        for place, build in enumerate(self.builds):
            made = self.world.build(int(build.number))
            for job in made.jobs if made else ():
                if job.failed and job.blow:
                    yield place, job

    def _of(self, number: int) -> Iterator[tuple[str, str, list[str]]]:
        for one in self.world.truth(number):
            yield one.trouble, one.key, [canonical(test) for test in one.tests]

    @cached_property
    def flaky(self) -> frozenset[str]:
        """Tests that fail at random now and then."""
        return frozenset(
            test
            for test, hits in self.hits.items()
            if any("flaky" in found for found in hits.values())
        )

    def lasting(self, test: str) -> frozenset[int]:
        """Places of the builds in which something lasting broke a test."""
        return frozenset(self.keys.get(test, {}))

    def spells(self) -> Iterator[Spell]:
        """All of them; what follows without a pass between is one.

        So is what goes on behind a build in which its job did not come to run.
        """
        plots = {plot.key: plot for plot in self.world.plots}
        for test, keys in self.keys.items():
            for first, last in _rows(keys):
                plot = plots.get(keys[first])
                if plot is not None:
                    sha = self.world.commits[plot.first].sha
                    yield Spell(test, first, last, sha, plot.trouble, plot.way)


def _rows(keys: dict[int, str]) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    for place in sorted(keys):
        last = rows[-1][1] if rows else None
        if last is not None and (place == last + 1 or keys[place] == keys[last]):
            rows[-1] = (rows[-1][0], place)
        else:
            rows.append((place, place))
    return rows


@dataclass(frozen=True)
class Services:
    """What a server hands to a toolset."""

    folder: Path
    moment: datetime = NOW
    writes: bool = False

    @property
    def folders(self) -> Folders:
        """Where things are kept."""
        cache = self.folder / "cache"
        return Folders(cache=cache, state=self.folder / "state", work=self.folder)

    def now(self) -> datetime:
        """The time."""
        return self.moment

    async def find(self, _wanted: object) -> tuple[Any, ...]:
        """Nothing: all there is has been ingested."""
        return ()


@dataclass(frozen=True)
class AsOf:
    """A history as it was when a build was the newest, of the builds looked at."""

    history: History
    moment: datetime

    async def ask(self, query: str, **parameters: Any) -> Any:  # noqa: ANN401 - as the history
        """The rows of a query, but for what came later."""
        if "until" in parameters:
            until = parameters["until"]
            parameters["until"] = min(until or self.moment, self.moment)
        if "message" in parameters:
            parameters["message"] = TITLES
        return await self.history.ask(query, **parameters)


@dataclass(frozen=True)
class Stage:
    """A history of one world, and whatever asks it."""

    planted: Planted
    history: History
    folder: Path
    github: str
    closing: AsyncExitStack

    def source(self, moment: datetime) -> HistorySource:
        """The toolset's source, as of some moment."""
        settings = Settings.model_validate(
            {
                "pipeline": PIPELINE,
                "repo": self.planted.world.repo,
                "github_url": self.github,
                "github_token": "github-reader",
                "log_in": False,
                "fetch_budget_s": 0,
            }
        )
        return HistorySource(
            AsOf(self.history, moment),  # type: ignore[arg-type] # only asked
            git=None,
            settings=settings,
            services=Services(self.folder, moment),  # type: ignore[arg-type] # no tools
            closing=self.closing,
        )


def line(**more: Any) -> Line:  # noqa: ANN401 - of Line
    """The builds of the trunk that are looked at."""
    return Line(pipeline=PIPELINE, branch=BRANCH, message=TITLES, **more)


def call() -> RunningCall:
    """A call of nobody's."""
    return RunningCall(None, anyio.CapacityLimiter(2))


@asynccontextmanager
async def stage(
    folder: Path, seed: int, *, days: int, jobs: int
) -> AsyncGenerator[Stage]:
    """The history of a simulated CI.

    Args:
        folder: Where it is kept; what is there already is not read again.
        seed: Of the world.
        days: How long it is.
        jobs: Of a build.
    """
    world = World(seed, days=days, jobs=jobs, now=NOW)
    with served(app(world, BuildkiteFaults())) as url:
        async with AsyncExitStack() as closing:
            history = await closing.enter_async_context(
                opened_history(folder / "history", now=lambda: NOW)
            )
            await _ingested(history, folder, url)
            builds = await Reading(history).builds(line(most=EVERY))
            yield Stage(
                Planted(world, builds), history, folder, f"{url}/github", closing
            )


async def _ingested(history: History, folder: Path, url: str) -> None:
    rules = folder / "cache" / "rules"
    rules.parent.mkdir(parents=True, exist_ok=True)
    if not rules.is_symlink():
        rules.symlink_to(user_cache_path("sickbay") / "rules")
    settings = buildkite_settings.Settings.model_validate(
        {"url": url, "web_url": f"{url}/web", "token": "reader", "log_in": False}
    )
    async with buildkite_source.opened(settings, Services(folder)) as source:  # type: ignore[arg-type] # no tools
        wanted, depth = BuildsWanted(most=EVERY), Depth()
        await fill(history, source, wanted, depth, call=call(), now=lambda: NOW)


def began(build: BuildPoint) -> datetime:
    """When a build began; they all have."""
    return build.created_at or NOW
