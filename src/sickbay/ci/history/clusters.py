"""Clusters: failures of many builds that have one cause, and where they are going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sickbay.ci.history.models import BuildPoint, Sighting

TrendWord = Literal["new", "rising", "steady", "falling", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Whether a cause is met more often than before.

    Attributes:
        recent: Builds a day that met it of late, ``before`` until then.
        ratio: Of the two, with its interval of 90 %; None where there is no before.
    """

    word: TrendWord
    recent: float
    before: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Failures that have one cause.

    Attributes:
        cluster_id: The most frequent ``cause_id`` in it.
        text: That tells the cause best.
        count: Failures, over all builds and jobs.
        builds: That met it, from ``first`` to ``last``.
        jobs: Families of jobs, the most frequent first.
        tests: The most frequent first.
        example: The newest failure that tells most.
    """

    cluster_id: str
    text: str
    category: str
    trouble: str
    confidence: float
    count: int
    builds: int
    first: BuildPoint
    last: BuildPoint
    trend: Trend
    example: Sighting
    jobs: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    cause_ids: tuple[str, ...] = ()
