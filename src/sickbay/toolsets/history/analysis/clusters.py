"""Clusters of failures, as the answer shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from sickbay.ci.history.clusters import TrendWord
from sickbay.render.words import brief
from sickbay.toolsets.history.analysis.values import rounded
from sickbay.toolsets.history.models.clusters import ClusterRow
from sickbay.toolsets.history.models.window import build_fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.history.clusters import Cluster

NAMES = 5
"""Of jobs and tests that a row names."""

EXCERPT = 600
"""Characters."""


def trends(clusters: Iterable[Cluster]) -> dict[str, int]:
    """How many clusters go each way."""
    found = Counter(one.trend.word for one in clusters)
    return {word: found[word] for word in get_args(TrendWord)}


def cluster_row(one: Cluster) -> ClusterRow:
    """One cluster."""
    example = one.example
    return ClusterRow(
        cluster_id=one.cluster_id,
        text=brief(one.text),
        category=one.category,
        trouble=one.trouble,
        failures=one.count,
        builds=one.builds,
        first_seen=build_fact(one.first),
        last_seen=build_fact(one.last),
        trend=one.trend.word,
        per_day=rounded(one.trend.recent),
        per_day_before=rounded(one.trend.before),
        trend_why=one.trend.why,
        jobs=one.jobs[:NAMES],
        job_count=len(one.jobs),
        tests=one.tests[:NAMES],
        test_count=len(one.tests),
        excerpt=brief(example.excerpt, EXCERPT) if example.excerpt else None,
        log=example.log,
        line=example.line,
        job_url=example.job_url,
    )
