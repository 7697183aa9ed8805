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

END = 30
"""Of a text, by which it is found: excerpts may say its beginning otherwise."""


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
        excerpt=telling(example.excerpt, one.text) if example.excerpt else None,
        log=example.log,
        line=example.line,
        job_url=example.job_url,
    )


def telling(excerpt: str, text: str) -> str:
    """Whole lines of an excerpt, up to those that tell a text; or its last ones."""
    if len(excerpt) <= EXCERPT:
        return excerpt
    place = excerpt.rfind(text[-END:])
    end = excerpt.find("\n", place + len(text[-END:])) if place >= 0 else -1
    shown = excerpt[: end if end >= 0 else None][-EXCERPT:]
    return shown.partition("\n")[2] or shown
