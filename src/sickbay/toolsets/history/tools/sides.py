"""The builds of the two sides that a caller compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.history.models import Line
from sickbay.core.errors import BadRequest, NotFound
from sickbay.toolsets.history.analysis.sides import (
    HINT,
    OneBranch,
    OneBuild,
    Period,
    side,
)
from sickbay.toolsets.history.models.comparison import SideFacts
from sickbay.toolsets.history.models.window import build_fact
from sickbay.toolsets.history.tools.lines import (
    EMPTY,
    MOST_BUILDS,
    elsewhere,
    meant_branch,
    meant_pipeline,
    minute,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import BuildPoint
    from sickbay.toolsets.history.analysis.sides import Side
    from sickbay.toolsets.history.source import HistorySource

BASE = 20
"""Builds that one is compared with, where no others are named."""


@dataclass(frozen=True, slots=True)
class Builds:
    """The builds of one side, in the order of commits; never none."""

    meant: str
    points: Sequence[BuildPoint]

    @property
    def ids(self) -> list[str]:
        """Of the builds."""
        return [point.build_id for point in self.points]

    @property
    def facts(self) -> SideFacts:
        """As the answer shows them."""
        return SideFacts(
            meant=self.meant,
            builds=len(self.points),
            first=build_fact(self.points[0]),
            last=build_fact(self.points[-1]),
        )


@dataclass(frozen=True, slots=True)
class Chooser:
    """Finds the builds that texts mean.

    Attributes:
        pipeline: Whose builds; known already.
        branch: Of periods; None is any.
    """

    source: HistorySource
    pipeline: str
    branch: str | None

    @classmethod
    async def of(
        cls, source: HistorySource, pipeline: str | None, branch: str | None
    ) -> Chooser:
        """For a pipeline and a branch, or the usual ones.

        Raises:
            NotFound: There are no builds at all.
        """
        named = await meant_pipeline(source, pipeline)
        return cls(source, named, meant_branch(source, branch))

    async def pair(self, one: str, other: str | None) -> tuple[Builds, Builds]:
        """Both sides; without another: what was before, or the trunk for a branch.

        Raises:
            BadRequest: A text names no builds, or the trunk is to be compared with
                itself.
            NotFound: There are no such builds.
        """
        now = minute(self.source)
        meant = side(one, now=now)
        new = await self._builds(meant)
        if other is not None:
            return new, await self._builds(side(other, now=now))
        if isinstance(meant, OneBuild):
            return new, await self._before(new.points[0])
        return new, await self._builds(self._usual_base(meant))

    def _usual_base(self, meant: OneBranch | Period) -> Side:
        if isinstance(meant, Period):
            return meant.before
        trunk = self.source.settings.branch
        if meant.branch == trunk:
            raise BadRequest(
                f"branch {trunk} is the trunk: compare it with what?",
                hint="name other, too, or compare a period such as 7d",
            )
        return OneBranch(trunk)

    async def _builds(self, meant: Side) -> Builds:
        if isinstance(meant, OneBuild):
            return await self._build(meant.named)
        if isinstance(meant, OneBranch):
            line = Line(pipeline=self.pipeline, branch=meant.branch, most=BASE)
            return await self._many(f"newest of branch {meant.branch}", line)
        line = Line(
            pipeline=self.pipeline,
            branch=self.branch,
            since=meant.range.start,
            until=meant.range.stop,
            most=MOST_BUILDS,
        )
        stretch = (meant.range.start, meant.range.stop)
        first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in stretch)
        place = f" of branch {self.branch}" if self.branch else ""
        return await self._many(f"{first} to {last} UTC{place}", line)

    async def _build(self, named: str) -> Builds:
        line = Line(pipeline=self.pipeline)
        try:
            found = await self.source.reading.build(named, line)
        except NotFound as exc:
            raise NotFound(exc.message, hint=f"{exc.hint or HINT}") from exc
        return Builds(f"build {found.number}", (found,))

    async def _before(self, build: BuildPoint) -> Builds:
        """The builds of the trunk before one."""
        trunk = self.source.settings.branch
        line = Line(
            pipeline=build.pipeline,
            branch=trunk,
            until=build.created_at,
            most=BASE + 1,
        )
        found = await self.source.reading.builds(line)
        before = [point for point in found if point.build_id != build.build_id]
        if not before:
            raise NotFound(
                f"there is no build of {trunk} before {build.number} in the history",
                hint=f"name other, or fetch more: {EMPTY}",
            )
        return Builds(f"builds of {trunk} before it", before[-BASE:])

    async def _many(self, meant: str, line: Line) -> Builds:
        points = await self.source.reading.builds(line)
        if not points:
            hint = " ".join(await elsewhere(self.source, line))
            raise NotFound(
                f"the history has no builds of {self.pipeline}, {meant}", hint=hint
            )
        return Builds(meant, points)
