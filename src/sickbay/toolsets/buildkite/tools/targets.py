"""Finds the build that is meant: the latest nightly, or the one before another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.core.errors import NotFound
from sickbay.toolsets.buildkite.analysis.kind import NIGHTLY, kinds
from sickbay.toolsets.buildkite.tools.reference import meant_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from sickbay.ci.builds import Build
    from sickbay.toolsets.buildkite.source import Buildkite

NIGHTLIES = 10
"""Nightly builds that are looked through for one that is finished."""

PAGES = 5
"""Of a hundred builds each that are looked through for one of a kind."""

FINISHED = ("finished",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nightly:
    """The nightly build that is meant.

    Attributes:
        finished: The last one that is over, where the one that is meant still runs.
    """

    build: Build
    finished: Build | None = None


class Targets:
    """Finds builds.

    Args:
        source: Buildkite.
    """

    def __init__(self, source: Buildkite) -> None:
        self._source = source
        self.kinds = kinds(source.settings.nightly)

    async def nightly(
        self, pipeline: str | None, branch: str | None, *, finished: bool
    ) -> Nightly:
        """The latest nightly build.

        Args:
            pipeline: ``name`` or ``organization/name``; the usual one by default.
            branch: The usual one by default.
            finished: Only one that is over.

        Raises:
            NotFound: There is none.
        """
        organization, name = meant_pipeline(self._source, pipeline)
        branch = branch or self._source.settings.branch
        found = await self._source.client.builds(
            organization=organization,
            pipeline=name,
            branch=branch,
            limit=NIGHTLIES,
            match=self.kinds.is_nightly,
            pages=PAGES,
        )
        over = next((build for build in found.builds if build.finished), None)
        first = over if finished else next(iter(found.builds), None)
        if first is None and not found.examined:
            raise NotFound(
                f"{organization}/{name} has no builds of {branch}",
                hint="check the names of the branch and the pipeline",
            )
        if first is None:
            raise NotFound(
                f"no {'finished ' if finished else ''}nightly among the last "
                f"{found.examined:,} builds of {branch}",
                hint="the setting buildkite.nightly says what their titles are like",
            )
        return Nightly(build=first, finished=None if first.finished else over)

    async def before(self, build: Build) -> Build:
        """The finished build of the same kind before another one.

        Raises:
            NotFound: There is none.
        """
        builds = await self._source.client.builds(
            organization=build.organization,
            pipeline=build.pipeline,
            branch=self.trunk(build),
            states=FINISHED,
            created_to=build.created_at,
            limit=1,
            match=self.earlier(build),
            pages=PAGES,
        )
        if not builds.builds:
            raise NotFound(
                f"no finished build of the same kind before build {build.number}",
                hint="give base: a build to compare with",
            )
        return builds.builds[0]

    def trunk(self, build: Build) -> str:
        """The branch whose builds tell what was there before a build."""
        usual = self._source.settings.branch
        return usual if build.pull_request is not None else build.branch or usual

    def earlier(self, build: Build) -> Callable[[Build], bool]:
        """What tells whether a build is an earlier one of the same kind.

        What a branch of its own is compared with are all builds of the trunk but those
        that are scheduled to be different.
        """
        usual = {self.kinds.of(build)}
        if self.trunk(build) != build.branch:
            usual = {"", NIGHTLY}

        def is_earlier(other: Build) -> bool:
            return other.number < build.number and self.kinds.of(other) in usual

        return is_earlier
