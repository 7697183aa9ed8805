"""What the tool about causes over time answers with."""

from __future__ import annotations

from dataclasses import dataclass, field

from sickbay.ci.history.clusters import TrendWord
from sickbay.core.results import Listing
from sickbay.toolsets.history.models.window import BuildFact


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRow:
    """A cause, over all builds that were looked at.

    Attributes:
        text: The line that tells it best; ``excerpt`` is around it in ``log``.
        failures: In ``builds`` builds.
        jobs: The first of ``job_count``, as ``tests`` of ``test_count``.
        trend: By builds a day that met it, of late and before.
    """

    cluster_id: str
    text: str = ""
    category: str = ""
    trouble: str = ""
    failures: int = 0
    builds: int = 0
    first_seen: BuildFact | None = None
    last_seen: BuildFact | None = None
    trend: TrendWord | None = None
    per_day: float | None = None
    per_day_before: float | None = None
    trend_why: str = ""
    jobs: tuple[str, ...] = ()
    job_count: int = 0
    tests: tuple[str, ...] = ()
    test_count: int = 0
    excerpt: str | None = None
    log: str | None = None
    line: int | None = None
    job_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Clusters(Listing):
    """Causes, those with the most failures first, and what is gone last.

    Attributes:
        counts: Of clusters, by trend.
        failures: That were grouped.
    """

    counts: dict[str, int] = field(default_factory=dict)
    failures: int = 0
    clusters: tuple[ClusterRow, ...] = ()
    notes: tuple[str, ...] = ()
