"""What of a history a caller compares: a build, a branch or a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest
from sickbay.core.timerange import TimeRange, time_range

if TYPE_CHECKING:
    from datetime import datetime

BRANCH = "branch:"

HINT = "give a build's number or address, branch:NAME, or a period (7d, A..B)"


@dataclass(frozen=True, slots=True)
class OneBuild:
    """A build, as somebody named it."""

    named: str


@dataclass(frozen=True, slots=True)
class OneBranch:
    """The newest builds of a branch."""

    branch: str


@dataclass(frozen=True, slots=True)
class Period:
    """All builds of a stretch of time."""

    range: TimeRange

    @property
    def before(self) -> Period:
        """The stretch of the same length that ends where this one begins."""
        start, stop = self.range.start, self.range.stop
        return Period(TimeRange(start - (stop - start), start))


Side = OneBuild | OneBranch | Period


def side(text: str, *, now: datetime) -> Side:
    """What a text means.

    Args:
        text: ``branch:NAME``; a stretch of time as ``core.timerange`` reads it; what
            is neither names a build.
        now: The time.

    Raises:
        BadRequest: It is empty.
    """
    meant = text.strip()
    if meant.startswith(BRANCH) and meant != BRANCH:
        return OneBranch(meant.removeprefix(BRANCH))
    if not meant or meant == BRANCH:
        raise BadRequest(f"{text[:60]!r} names no builds", hint=HINT)
    try:
        return Period(time_range(meant, now=now))
    except BadRequest:
        return OneBuild(meant)
