"""Where to look for the commit that broke a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import Assessment, ChangePoint, Observation
    from sickbay.core.tool import Call
    from sickbay.toolsets.history.analysis.scope import Scope
    from sickbay.toolsets.history.source import HistorySource
    from sickbay.toolsets.history.tools.case import Case

FLAKE_PRIOR = (0.01, 0.5)
"""The probability that there was no change, as far as it is believed."""

_EVEN = 0.5
_OLDER = (
    "It broke before the first build that is known: ask for more builds with "
    "lookback_builds, or ingest older ones."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where to look for the culprit.

    Attributes:
        scope: None where there is nothing to look for, as ``notes`` say.
        flake_prior: Probability that no commit is to blame.
    """

    case: Case
    scope: Scope | None
    flake_prior: float = 0.1
    notes: tuple[str, ...] = ()


async def search(
    source: HistorySource, call: Call, case: Case, good: str | None, bad: str | None
) -> Search:
    """Where to look for who broke a test.

    Args:
        source: Knows builds by name.
        call: The running call.
        case: Of the test.
        good: A build that passed, as the caller names it.
        bad: A build that failed.

    Raises:
        NotFound: There is no such build.
        BadRequest: The builds do not enclose any.
    """
    if good or bad:
        return await _between(source, case, good, bad)
    found: Search = await call.thread(_where, case)
    return found


async def _between(
    source: HistorySource, case: Case, good: str | None, bad: str | None
) -> Search:
    """From one build that the caller names to the other.

    Raises:
        NotFound: There is no such build.
        BadRequest: They are in the wrong order, or one is none of the test's.
    """
    from sickbay.toolsets.history.analysis.scope import scope_between  # noqa: PLC0415 - as in _where

    line = case.place.line
    ends = []
    for named, usual in ((good, _last_pass), (bad, _last_failure)):
        if named:
            ends.append((await source.reading.build(named, line)).build_id)
        else:
            ends.append(usual(case.observations))
    scope = scope_between(case.observations, ends[0], ends[1])
    if scope is None:
        raise BadRequest(
            "these builds do not enclose anything: good has to be before bad, and both "
            f"among the {len(case.observations)} builds that are looked at",
            hint="ask for more with lookback_builds, or name other builds",
        )
    return Search(case=case, scope=scope)


def _last_pass(observations: Sequence[Observation]) -> str:
    """The pass before the failures that are the newest."""
    failed = False
    for one in reversed(observations):
        failed = failed or one.outcome == "fail"
        if failed and one.outcome == "pass":
            return one.build.build_id
    return ""


def _last_failure(observations: Sequence[Observation]) -> str:
    bad = [one.build.build_id for one in observations if one.outcome == "fail"]
    return bad[-1] if bad else ""


def _where(case: Case) -> Search:
    """Where the test broke by its history; for one that is mended, before that."""
    from sickbay.ci.history.assessment import assessed  # noqa: PLC0415 - brings numpy
    from sickbay.ci.history.suspicion import suspected  # noqa: PLC0415 - same
    from sickbay.toolsets.history.analysis.scope import scope_of  # noqa: PLC0415 - same

    observations, found = suspected(case.observations), case.assessment
    notes: list[str] = []
    if found.classification == "FIXED" and found.transition:
        fixed = found.transition
        at = [one.build for one in observations].index(fixed)
        observations = observations[:at]
        found = assessed(observations)
        notes.append(f"It is fixed since build {fixed.number}: this is who broke it.")
    change = found.change
    if change is None or not _broke(found, change):
        return Search(case=case, scope=None, notes=(*notes, _nothing(found)))
    scope = scope_of(observations, change)
    if scope is None:
        notes.append(_OLDER)
    elif found.transition is None:
        notes.append("No change convinces: this is the likeliest place of one.")
    least, most = FLAKE_PRIOR
    return Search(
        case=case,
        scope=scope,
        flake_prior=min(max(1 - change.probability, least), most),
        notes=tuple(notes),
    )


def _broke(found: Assessment, change: ChangePoint) -> bool:
    """Whether there is something to look for, convincing or not."""
    return change.rising and bool(found.transition or change.probability > _EVEN)


def _nothing(found: Assessment) -> str:
    if not found.failed + found.flaky:
        return f"It did not fail in the {found.found} builds where it was seen."
    if found.classification == "PERSISTENT_FAIL":
        return _OLDER
    return (
        "It fails now and then, and nothing says that it broke: no commit is looked "
        "for. Name good and bad where you know better."
    )
