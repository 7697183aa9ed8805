"""What is known besides a build: earlier builds, and issues of the tracker."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from sickbay.toolsets.buildkite.analysis.past import past_build
from sickbay.toolsets.buildkite.tools.targets import FINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sickbay.ci.builds import Build
    from sickbay.ci.scan.models import FailedJob, Issue, PastBuild
    from sickbay.core.gaps import Gaps
    from sickbay.core.tool import Call
    from sickbay.toolsets.buildkite.source import Buildkite
    from sickbay.toolsets.buildkite.tools.hub import Hub
    from sickbay.toolsets.buildkite.tools.targets import Targets

PAST = 10
"""Earlier builds that say since when something fails, and how often."""

PAST_PAGES = 1
"""Of builds with all their jobs, of whatever kind: large enough, and one request."""

NAMES = 10
"""Tests that issues are searched for; a search takes the first of them that fit."""


class Background:
    """Gathers what helps to judge the failures of a build.

    Args:
        source: Buildkite and GitHub.
        targets: Tells kinds of builds apart.
        gaps: Where it goes what was not to be had.
        hub: Asks GitHub.
        call: Has worker threads.
    """

    def __init__(
        self, source: Buildkite, targets: Targets, gaps: Gaps, hub: Hub, call: Call
    ) -> None:
        self._source = source
        self._targets = targets
        self._gaps = gaps
        self._hub = hub
        self._call = call

    async def past(self, build: Build) -> tuple[PastBuild, ...] | None:
        """Earlier builds of the same kind, the newest first."""
        asked = self._source.client.builds(
            organization=build.organization,
            pipeline=build.pipeline,
            branch=self._targets.trunk(build),
            states=FINISHED,
            created_to=build.created_at,
            limit=PAST,
            jobs=True,
            match=self._targets.earlier(build),
            pages=PAST_PAGES,
        )
        found = await self._gaps.tried("earlier builds", asked)
        return None if found is None else tuple(map(past_build, found.builds))

    async def tracked(self) -> tuple[Issue, ...] | None:
        """The issues that track failures."""
        label = self._source.settings.issue_label
        asked = partial(self._source.github.issues, label=label)
        return await self._hub.tried(f"issues labelled {label}", asked)

    async def issues(
        self, failed: Sequence[FailedJob], tracked: Sequence[Issue] | None
    ) -> tuple[Issue, ...] | None:
        """The tracked issues, and what one search for the failed tests finds."""
        names = await self._call.thread(
            _names, failed, tracked or (), self._source.now()
        )
        if not names:
            return None if tracked is None else tuple(tracked)
        label = self._source.settings.issue_label
        asked = partial(self._source.github.search, names, label=label)
        found = await self._hub.tried("issues about the tests", asked)
        if found is None and tracked is None:
            return None
        by_number = {issue.number: issue for issue in found or ()}
        by_number |= {issue.number: issue for issue in tracked or ()}
        return tuple(by_number.values())


def _names(
    failed: Sequence[FailedJob], tracked: Sequence[Issue], now: datetime
) -> list[str]:
    """Tests that no tracked issue is about, those first that failed in most jobs."""
    from sickbay.ci.scan.issues import best_match  # noqa: PLC0415 - brings the log engine

    counted: Counter[str] = Counter()
    for job in failed:
        if job.report is not None:
            counted.update({test.test_id for test in job.report.tests.failed})
    by_function = {_function(test): test for test, _ in reversed(counted.most_common())}
    unknown = (
        test
        for test in sorted(by_function.values(), key=lambda test: -counted[test])
        if best_match([test], issues=tracked, now=now) is None
    )
    return list(islice(unknown, NAMES))


def _function(test_id: str) -> str:
    return test_id.partition("[")[0]
