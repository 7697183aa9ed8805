"""Clusters: failures of many builds that have one cause, and where they are going."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sickbay.ci.history.beta import interval
from sickbay.ci.joins import joined
from sickbay.logs.cluster import near
from sickbay.logs.signature import is_generic, is_symptom, masked_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.ci.history.models import BuildPoint, Sighting

TrendWord = Literal["new", "rising", "steady", "falling", "gone", "unknown"]
"""``unknown``: there are no builds of late, or none before."""

RECENT_DAYS = 3.0
"""That are compared with the time before."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MASS = 0.9
_TAIL = 30
"""Characters of a text that tell it from others; what an exception is about ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Whether a cause is met more often than before.

    Attributes:
        recent: Builds a day that met it of late, ``before`` until then; None where
            there was no such time.
        ratio: How many times as often a build meets it as before, with its interval of
            90 %; None where no build met it before.
    """

    word: TrendWord
    recent: float | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    """A stretch of time.

    Attributes:
        days: How long.
        builds: How many there are; None where nobody counted them.
    """

    days: float
    builds: int | None = None

    @property
    def size(self) -> float:
        """How much could have been seen in it."""
        return self.days if self.builds is None else float(self.builds)


def clustered(
    sightings: Sequence[Sighting],
    *,
    now: datetime,
    recent_days: float = RECENT_DAYS,
    builds: Sequence[BuildPoint] = (),
) -> tuple[Cluster, ...]:
    """The failures of many builds by their cause, the most frequent first.

    Failures of one cause or of one signature belong together, and so do those whose
    masked texts differ by at most a tenth, unless a text says too little.

    Args:
        sightings: Failures of many builds.
        now: When it is.
        recent_days: That are compared with the time before.
        builds: All that were looked at, with failures or without, so that a quiet
            weekend is no decline; without them, days count.
    """
    root = joined(_links(sightings))
    groups: defaultdict[str, list[Sighting]] = defaultdict(list)
    for seen in sightings:
        groups[root[_cause(seen)]].append(seen)
    since = now - timedelta(days=recent_days)
    periods = _periods(builds or [one.build for one in sightings], since, now)
    if not builds:
        periods = tuple(_Period(days=one.days) for one in periods)
    found = [_cluster(group, since, periods) for group in groups.values()]
    return tuple(sorted(found, key=_largest_first))


def _cause(seen: Sighting) -> str:
    return f"cause {seen.cause_id}"


def _links(sightings: Iterable[Sighting]) -> Iterator[list[str]]:
    """Causes that are one by name, by signature or by what they say."""
    saying: dict[tuple[str, str], str] = {}
    for seen in sightings:
        yield [_cause(seen)]
        if seen.signature:
            yield [_cause(seen), f"signature {seen.signature}"]
        masked = masked_line(seen.text)
        if not is_generic(masked) and not is_symptom(None, seen.text):
            first = saying.setdefault(("", masked), _cause(seen))
            yield [first, _cause(seen)]
    for one, other in near(saying):
        yield [saying[one], saying[other]]


def _periods(
    builds: Sequence[BuildPoint], since: datetime, now: datetime
) -> tuple[_Period, ...]:
    """The time before and the time of late, with the builds that began in them."""
    times = [_when(build) for build in builds if build.created_at or build.ordered_at]
    start = min(times, default=since)
    recent = sum(time >= since for time in times)
    before_days = max(0.0, (since - start) / timedelta(days=1))
    return (
        _Period(days=before_days, builds=len(times) - recent),
        _Period(days=(now - max(since, start)) / timedelta(days=1), builds=recent),
    )


def _when(build: BuildPoint) -> datetime:
    return build.created_at or build.ordered_at or _LONG_AGO


def _cluster(
    group: Sequence[Sighting], since: datetime, periods: Sequence[_Period]
) -> Cluster:
    group = sorted(group, key=lambda seen: _when(seen.build))
    builds = {seen.build.build_id: seen.build for seen in group}
    recent = sum(_when(build) >= since for build in builds.values())
    example = _example(group)
    cause_ids = _most([seen.cause_id for seen in group])
    category = next(iter(_most([seen.category for seen in group])), "")
    of_it = [seen for seen in group if seen.category == category]
    return Cluster(
        cluster_id=cause_ids[0],
        text=example.text,
        category=category,
        trouble=next(iter(_most([seen.trouble for seen in of_it])), ""),
        confidence=max(seen.confidence for seen in of_it),
        count=len(group),
        builds=len(builds),
        first=group[0].build,
        last=group[-1].build,
        trend=_trend(len(builds) - recent, recent, *periods),
        example=example,
        jobs=_most([seen.variant or seen.job_name for seen in group]),
        tests=_most([seen.test_id or "" for seen in group]),
        signatures=_most([seen.signature for seen in group]),
        cause_ids=cause_ids,
    )


def _most(names: Sequence[str]) -> tuple[str, ...]:
    """The most frequent first, without those that are empty."""
    counts = Counter(filter(None, names))
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def _example(group: Sequence[Sighting]) -> Sighting:
    """The newest of those that say what most say, and show it in lines of a log."""
    counts = Counter(masked_line(seen.text) for seen in group)
    words = min(counts, key=lambda one: (-counts[one], one))
    usual = [seen for seen in group if masked_line(seen.text) == words]
    return max(reversed(usual), key=_shown)


def _shown(seen: Sighting) -> int:
    """How much of its text its lines show: a text may be that of another failure."""
    if not seen.excerpt:
        return 0
    return 2 if seen.text.strip()[-_TAIL:] in seen.excerpt else 1


def _trend(before: int, recent: int, past: _Period, late: _Period) -> Trend:
    """By the ratio of two rates of a Poisson process.

    Given how many there were in all, the recent ones are binomial (Przyborowski and
    Wilenski, 1940); their share gets Jeffreys' interval.
    """
    rates = [
        count / period.days if period.days else None
        for count, period in ((recent, late), (before, past))
    ]
    if not (past.size and late.size):
        when = "of late" if past.size else "before"
        why = f"no builds {when} to compare with"
        return Trend(word="unknown", recent=rates[0], before=rates[1], why=why)
    low, high = (
        share / (1 - share) * past.size / late.size
        for share in interval(recent, before, mass=_MASS)
    )
    ratio = recent * past.size / (before * late.size) if before else None
    return Trend(
        word=_word(before, recent, (low, high), long=past.size >= late.size),
        recent=rates[0],
        before=rates[1],
        ratio=ratio,
        low=low,
        high=high,
        why=f"{_share(recent, late)} of late, {_share(before, past)} before",
    )


def _word(
    before: int, recent: int, ratio: tuple[float, float], *, long: bool
) -> TrendWord:
    """What became of it; new is what a time as long as this one did not see."""
    low, high = ratio
    if not before and long:
        return "new"
    if high < 1:
        return "falling" if recent else "gone"
    return "rising" if low > 1 else "steady"


def _share(count: int, period: _Period) -> str:
    if period.builds is not None:
        return f"{count} of {period.builds} builds"
    return f"{count} in {period.days:.1f} days"


def _largest_first(found: Cluster) -> tuple[int, int, float, str]:
    last = _when(found.last).timestamp()
    return -found.builds, -found.count, -last, found.cluster_id
