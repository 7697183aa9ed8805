"""What is known besides a build: earlier builds, and issues of the tracker."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sickbay.toolsets.buildkite.analysis.past import past_build
from sickbay.toolsets.buildkite.tools.targets import FINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.builds import Build
    from sickbay.ci.scan.models import FailedJob, Issue, PastBuild
    from sickbay.core.gaps import Gaps
    from sickbay.toolsets.buildkite.source import Buildkite
    from sickbay.toolsets.buildkite.tools.targets import Targets

PAST = 10
"""Earlier builds that say since when something fails, and how often."""

PAST_PAGES = 1
"""Of builds with all their jobs, of whatever kind: large enough, and one request."""

NAMES = 20
"""Tests that issues are searched for; a search takes the first of them that fit."""


class Background:
    """Gathers what helps to judge the failures of a build.

    Args:
        source: Buildkite and GitHub.
        targets: Tells kinds of builds apart.
        gaps: Where it goes what was not to be had.
    """

    def __init__(self, source: Buildkite, targets: Targets, gaps: Gaps) -> None:
        self._source = source
        self._targets = targets
        self._gaps = gaps

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
        asked = self._source.github.issues(label=label)
        return await self._gaps.tried(f"issues with label {label}", asked)

    async def issues(
        self, failed: Sequence[FailedJob], tracked: Sequence[Issue] | None
    ) -> tuple[Issue, ...] | None:
        """The tracked issues, and what one search for the failed tests finds."""
        names = _names(failed)
        if not names:
            return None if tracked is None else tuple(tracked)
        asked = self._source.github.search(names)
        found = await self._gaps.tried("search for issues about the tests", asked)
        if found is None and tracked is None:
            return None
        by_number = {issue.number: issue for issue in found or ()}
        by_number |= {issue.number: issue for issue in tracked or ()}
        return tuple(by_number.values())


def _names(failed: Sequence[FailedJob]) -> list[str]:
    """Functions of the tests that failed, those first that did so in the most jobs."""
    counted: Counter[str] = Counter()
    for job in failed:
        if job.report is not None:
            tests = {_function(test.test_id) for test in job.report.tests.failed}
            counted.update(sorted(tests))
    return [name for name, _ in counted.most_common(NAMES)]


def _function(test_id: str) -> str:
    return test_id.rsplit("::", 1)[-1].partition("[")[0]
