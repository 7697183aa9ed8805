"""The usual numbers of a trunk, made of the rows of HUD's queries."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from sickbay.core.errors import Malformed
from sickbay.render.words import amount, share
from sickbay.toolsets.hud.analysis.table import cells, table
from sickbay.toolsets.hud.models.numbers import Metric, Number, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.toolsets.hud.analysis.table import Cells, Row

TOP = 10
"""Parts that are named."""

STATES = ("red", "flaky", "pending", "green")
FIGURES = ("cpu_", "memory_", "gpu_")
SUMS = frozenset({"total", "non-ghfirst-total"})
"""What the query for reverts calls the sums of the other classes."""

GATE = "only pull, trunk, Lint, linux-aarch64 and docs-build count"
CUT = "the first and the last bucket are cut where the time range is"
LONGEST = "HUD calls it avg_queue_s, but it is the longest wait of a sample"
HALVES = "HUD gives the mean of a week and the one before it; weeks begin on Sunday"
PASSED = "only jobs that passed at the first attempt count"
NOW = "as it is now, whatever the time range"
NO_HOURS = "HUD has no buckets shorter than a day here"

_HOUR_S = 3600
_MINUTE_S = 60


def trunk_red(rows: Sequence[Row]) -> Metric:
    """Commits by colour, of each day, the newest first."""
    days = sorted(rows, key=lambda row: str(row["granularity_bucket"]), reverse=True)
    listed = tuple(
        (
            str(day["granularity_bucket"])[:10],
            *(whole(day[state]) for state in (*STATES, "total")),
            _share(day["red"], day["total"]),
        )
        for day in days
    )
    totals = {name: sum(whole(day[name]) for day in days) for name in STATES}
    commits = sum(totals.values())
    red = _share(totals["red"], commits)
    said = ", ".join(f"{totals[name]:,} {name}" for name in STATES[1:])
    words = f"{totals['red']:,} of {amount(commits, 'commit')} red"
    return Metric(
        summary=f"{words} ({share(red)}); {said}" if red is not None else None,
        totals={"commits": commits, **totals, "red_share": red},
        columns=("bucket", *STATES, "total", "red_share"),
        rows=listed,
        notes=(GATE, CUT),
    )


def queued_jobs(jobs: Sequence[Row], labels: Sequence[Row], part: str | None) -> Metric:
    """Jobs that wait, the longest first, and how many for which machines."""
    names = ("queue_s", "name", "machine_type", "head_branch", "source_type")
    jobs = _of(part, jobs, "name", "machine_type")
    labels = _of(part, labels, "machine_type") or _by_machine(jobs)
    longest = sorted(jobs, key=lambda row: -_number(row.get("queue_s")))
    top = [
        Part(
            name=str(row["machine_type"]),
            count=whole(row["count"]),
            seconds=_number(row["avg_queue_s"]),
        )
        for row in labels
    ]
    count, worst = len(jobs), whole(longest[0]["queue_s"]) if longest else None
    words = amount(count, "job") + " in the queue for more than 5 minutes"
    return Metric(
        summary=f"{words}; the longest for {_lasts(worst)}" if worst else words,
        totals={"jobs": count, "machine_types": len(top), "longest_s": worst},
        top=_largest(top),
        columns=(*names, "sha", "url"),
        notes=(NOW,),
        rows=_cells(longest, (*names, "head_sha", "html_url")),
    )


def queue_times(rows: Sequence[Row], part: str | None) -> Metric:
    """The longest waits for machines, of each bucket, and the worst machines."""
    rows = _of(part, rows, "machine_type")
    worst: dict[str, float] = {}
    for row in rows:
        label = str(row["machine_type"])
        worst[label] = max(worst.get(label, 0.0), _number(row["avg_queue_s"]))
    top = _largest(Part(name=name, seconds=worst[name]) for name in worst)
    newest = sorted(rows, key=lambda row: -_number(row["avg_queue_s"]))
    newest.sort(key=lambda row: str(row["granularity_bucket"]), reverse=True)
    names = ("granularity_bucket", "machine_type", "avg_queue_s")
    longest = top[0].seconds if top else None
    words = f"{_lasts(longest)} at worst, for {top[0].name}" if top else None
    return Metric(
        summary=words,
        totals={"machine_types": len(worst), "longest_s": longest},
        top=top,
        columns=("bucket", "machine_type", "longest_s"),
        rows=_cells(newest, names),
        notes=(LONGEST, CUT),
    )


def time_to_signal(
    jobs: Sequence[Row], weeks: Sequence[Row], branch: str, part: str | None
) -> Metric:
    """How long until jobs passed, the slowest first, and whole commits, per week."""
    jobs = _of(part, jobs, "name")
    slowest = sorted(jobs, key=lambda row: -_number(row["tts_sec"]))
    passed = sum(whole(row["count"]) for row in jobs)
    lasts = sum(_number(row["tts_sec"]) * whole(row["count"]) for row in jobs)
    mean_s = lasts / passed if passed else None
    own = [row for row in weeks if row["branch"] == branch]
    top = tuple(
        Part(
            name=f"week of {str(week['week_bucket'])[:10]}: pull and trunk all green",
            seconds=round(_number(week["avg_tts"]) * _HOUR_S),
        )
        for week in own[:TOP]
    )
    return Metric(
        summary=f"a job passes {_lasts(mean_s)} after the push on average; the slowest "
        f"after {_lasts(_number(slowest[0]['tts_sec']))}: {slowest[0]['name']}"
        if slowest
        else None,
        totals={"passed": passed, "mean_s": _rounded(mean_s)},
        top=top,
        columns=("job", "mean_s", "count"),
        rows=_cells(slowest, ("name", "tts_sec", "count")),
        notes=(PASSED,),
    )


def reverts(
    commits: int | None, reverted: int | None, classes: Sequence[Row]
) -> Metric:
    """How many commits were reverts, and of which class per week."""
    named = [row for row in classes if str(row["code"]) not in SUMS]
    sums: defaultdict[str, float] = defaultdict(float)
    for row in named:
        sums[str(row["code"])] += _number(row["num"])
    newest = sorted(named, key=lambda row: -_number(row["num"]))
    newest.sort(key=lambda row: str(row["bucket"]), reverse=True)
    part = _share(reverted, commits)
    words = amount(reverted, "revert") if reverted is not None else None
    of = f" among {amount(commits, 'commit')}" if commits is not None else ""
    return Metric(
        summary=f"{words}{of}{f' ({share(part)})' if part else ''}" if words else None,
        totals={"commits": commits, "reverts": reverted, "share": part},
        top=_largest(Part(name=code, count=sums[code]) for code in sums),
        columns=("week", "class", "count"),
        rows=tuple(
            (str(row["bucket"])[:10], row["code"], row["num"]) for row in newest
        ),
        notes=(HALVES, CUT),
    )


def used_by_jobs(rows: Sequence[Row], part: str | None) -> Metric:
    """How much of their machines the jobs of a run used, the busiest first."""
    rows = _of(part, rows, "job_name")
    busiest = sorted(rows, key=lambda row: -_number(row.get("cpu_avg")))
    found, listed = table([_usage(row, "job_name", "job_id") for row in busiest])
    return Metric(
        summary=f"{amount(len(rows), 'job')} measured" if rows else None,
        totals={"jobs": len(rows), **_means(rows)},
        columns=found,
        rows=listed,
    )


def used_over_time(rows: Sequence[Row], key: str, part: str | None) -> Metric:
    """How much workflows or jobs used, of each bucket, the newest first."""
    flat = [{**row, **_object(row.get("metrics"))} for row in rows]
    flat = _of(part, flat, key, "group_key")
    newest = sorted(flat, key=lambda row: str(_bucket(row)), reverse=True)
    shaped = [
        {
            "bucket": _bucket(row),
            "name": row.get("group_key") or row.get(key),
            "runs": row.get("total_runs"),
            **_usage(row),
        }
        for row in newest
    ]
    found, listed = table(shaped)
    runs = sum(whole(row.get("total_runs")) for row in flat)
    return Metric(
        summary=f"{amount(runs, 'run')} measured" if flat else None,
        totals={"runs": runs, **_means(flat)},
        columns=found,
        rows=listed,
    )


def _object(value: object) -> Row:
    return value if isinstance(value, dict) else {}


def _bucket(row: Row) -> object:
    return row.get("time_group") or row.get("time")


def _usage(row: Row, *names: str) -> Row:
    """Some columns of a row, and the figures in percent that it holds."""
    figures = {
        name: None if name.startswith("gpu_") and not _has_gpu(row) else value
        for name, value in row.items()
        if name.startswith(FIGURES) and name != "gpu_count"
    }
    return {**{name: row.get(name) for name in names}, **figures}


def _has_gpu(row: Row) -> bool:
    """Whether figures of one mean anything: without one the database says 0."""
    said = row.get("has_gpu", row.get("gpu_count"))
    return said is None or bool(said)


def _means(rows: Sequence[Row]) -> dict[str, Number]:
    means: dict[str, Number] = {}
    for name in ("cpu_avg", "memory_avg", "gpu_avg"):
        counted = [_usage(row).get(name) for row in rows]
        values = [_number(value) for value in counted if value is not None]
        means[name] = round(sum(values) / len(values), 1) if values else None
    return means


def _by_machine(jobs: Sequence[Row]) -> list[Row]:
    """What the query of labels would say of these jobs."""
    waits: dict[str, list[float]] = defaultdict(list)
    for row in jobs:
        waits[str(row.get("machine_type"))].append(_number(row.get("queue_s")))
    return [
        {"machine_type": label, "count": len(own), "avg_queue_s": max(own)}
        for label, own in waits.items()
    ]


def _of(part: str | None, rows: Sequence[Row], *columns: str) -> list[Row]:
    """The rows that hold a text in one of some columns, whatever its case."""
    if not part:
        return list(rows)
    text = part.lower()
    return [
        row
        for row in rows
        if any(text in str(row.get(name) or "").lower() for name in columns)
    ]


def _cells(rows: Sequence[Row], names: Sequence[str]) -> Cells:
    return cells([[row.get(name) for name in names] for row in rows])


def _largest(parts: Iterable[Part]) -> tuple[Part, ...]:
    ordered = sorted(parts, key=lambda part: (-(part.seconds or 0), -(part.count or 0)))
    return tuple(ordered[:TOP])


_MOST = 2.0**64
"""No count or time is larger, and no sum of products of them is infinite."""


def _number(value: object) -> float:
    """A number of ClickHouse's, which may come as text or not at all."""
    if value is None or value == "":
        return 0.0
    try:
        found = float(str(value))
    except ValueError:
        found = math.nan
    if not abs(found) < _MOST:  # nor is NaN
        raise Malformed(f"{str(value)[:60]!r} of the HUD is no number")
    return found


def whole(value: object) -> int:
    """A count of ClickHouse's.

    Raises:
        Malformed: It is no number.
    """
    return round(_number(value))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _share(part: object, whole: object) -> float | None:
    if part is None or not _number(whole):
        return None
    return round(_number(part) / _number(whole), 4)


def _lasts(seconds: float | None) -> str:
    minutes = round((seconds or 0) / _MINUTE_S)
    hours, rest = divmod(minutes, _MINUTE_S)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
