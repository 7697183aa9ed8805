"""How each metric is asked for; what one query does not give, the others still tell."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import BadRequest, Malformed
from sickbay.core.gaps import Gaps
from sickbay.toolsets.hud.analysis import metrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sickbay.core.timerange import TimeRange
    from sickbay.toolsets.hud.analysis.table import Row
    from sickbay.toolsets.hud.models.numbers import Metric
    from sickbay.toolsets.hud.source import Hud

USAGE = "oss_ci_util/oss_ci_list_util_stats"


TAKES: Mapping[str, frozenset[str]] = {
    "trunk_red": frozenset(),
    "queued_jobs": frozenset({"name"}),
    "queue_times": frozenset({"name"}),
    "time_to_signal": frozenset({"name", "branch"}),
    "reverts": frozenset(),
    "resource_usage": frozenset({"name", "run_id"}),
}
"""What narrows each metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants measured.

    Attributes:
        part: Text in the names of the jobs or machines that alone count.
        run_id: Of a run of a workflow.
    """

    source: Hud
    range: TimeRange
    granularity: str
    branch: str
    part: str | None = None
    run_id: str | None = None

    async def rows(
        self, name: str, parameters: Mapping[str, Any], *columns: str
    ) -> list[Row]:
        """The rows of a named query, which must have some columns."""
        rows = await self.source.client.query(name, parameters)
        for column in columns:
            if any(column not in row for row in rows):
                raise Malformed(f"the HUD's query {name} gives no {column} any more")
        return rows

    @property
    def times(self) -> dict[str, str]:
        """The parameters that most queries take."""
        return self.range.clickhouse()


def refuse_others(metric: str, **narrowed: str | None) -> None:
    """Refuse what would narrow another metric.

    Raises:
        BadRequest: Something does.
    """
    for name, value in narrowed.items():
        if value and name not in TAKES[metric]:
            able = [other for other, names in TAKES.items() if name in names]
            raise BadRequest(
                f"{metric} does not go by {name}", hint=f"{', '.join(able)} can"
            )


async def _trunk_red(asked: Asked) -> Metric:
    hours = asked.granularity == "hour"
    parameters = {
        **asked.times,
        "granularity": "day" if hours else asked.granularity,
        "timezone": "UTC",
        "usePercentage": False,
    }
    columns = ("granularity_bucket", *metrics.STATES, "total")
    rows = await asked.rows("master_commit_red", parameters, *columns)
    return _noted(metrics.trunk_red(rows), metrics.NO_HOURS if hours else None)


async def _queued_jobs(asked: Asked) -> Metric:
    gaps = Gaps()
    jobs, labels = await asyncio.gather(
        gaps.tried("jobs", asked.rows("queued_jobs", {}, "queue_s", "name")),
        gaps.tried(
            "counts by machine type",
            asked.rows(
                "queued_jobs_by_label", {}, "machine_type", "count", "avg_queue_s"
            ),
        ),
    )
    if jobs is None and gaps.first:
        raise gaps.first
    return _covered(metrics.queued_jobs(jobs or [], labels or [], asked.part), gaps)


async def _queue_times(asked: Asked) -> Metric:
    parameters = {**asked.times, "granularity": asked.granularity}
    columns = ("granularity_bucket", "machine_type", "avg_queue_s")
    rows = await asked.rows("queue_times_historical", parameters, *columns)
    return _covered(metrics.queue_times(rows, asked.part), Gaps())


async def _time_to_signal(asked: Asked) -> Metric:
    gaps = Gaps()
    parameters = {**asked.times, "branch": asked.branch}
    since = {"startTime": asked.times["startTime"]}
    jobs, weeks = await asyncio.gather(
        gaps.tried(
            "jobs", asked.rows("tts_avg", parameters, "name", "tts_sec", "count")
        ),
        gaps.tried(
            "weeks",
            asked.rows("time_to_signal", since, "week_bucket", "avg_tts", "branch"),
        ),
    )
    if jobs is None and gaps.first:
        raise gaps.first
    until = asked.range.stop.date().isoformat()
    own = [row for row in weeks or () if str(row["week_bucket"]) <= until]
    found = metrics.time_to_signal(jobs or [], own, asked.branch, asked.part)
    return _covered(found, gaps)


async def _reverts(asked: Asked) -> Metric:
    gaps = Gaps()
    commits, reverted, classes = await asyncio.gather(
        gaps.tried("commits", asked.rows("num_commits_master", asked.times, "num")),
        gaps.tried("reverts", asked.rows("reverts", asked.times, "num")),
        gaps.tried(
            "classes", asked.rows("num_reverts", asked.times, "bucket", "code", "num")
        ),
    )
    if commits is None and reverted is None and classes is None and gaps.first:
        raise gaps.first
    found = metrics.reverts(_only(commits), _only(reverted), classes or [])
    return _covered(found, gaps)


def _only(rows: list[Row] | None) -> int | None:
    """The one number that a query counts."""
    return metrics.whole(rows[0]["num"]) if rows else None


async def _resource_usage(asked: Asked) -> Metric:
    source = asked.source
    if asked.run_id:
        if not asked.run_id.isdecimal():
            raise BadRequest(f"{asked.run_id[:60]!r} is no id of a run")
        of_run = {"workflowId": int(asked.run_id), "repo": source.repo}
        rows = await asked.rows(USAGE, of_run, "job_name")
        return _covered(metrics.used_by_jobs(rows, asked.part), Gaps())
    report = await source.client.utilization_reports(
        "workflow_name",
        start=asked.range.start,
        end=asked.range.stop,
        granularity="day" if asked.granularity == "hour" else asked.granularity,
        repo=source.repo,
    )
    found = metrics.used_over_time(
        list(report.metadata_list), report.group_key or "workflow_name", asked.part
    )
    return _covered(found, Gaps())


def _noted(metric: Metric, note: str | None) -> Metric:
    noted = replace(metric, notes=(note, *metric.notes)) if note else metric
    return _covered(noted, Gaps())


def _covered(metric: Metric, gaps: Gaps) -> Metric:
    count = len(metric.rows)
    return replace(metric, coverage=gaps.coverage(count, count))


MEASURES: Mapping[str, Callable[[Asked], Awaitable[Metric]]] = {
    "trunk_red": _trunk_red,
    "queued_jobs": _queued_jobs,
    "queue_times": _queue_times,
    "time_to_signal": _time_to_signal,
    "reverts": _reverts,
    "resource_usage": _resource_usage,
}
