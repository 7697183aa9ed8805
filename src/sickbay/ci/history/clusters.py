"""Clusters: failures of many builds that have one cause, and where they are going."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp
from typing import TYPE_CHECKING, Literal

from sickbay.ci.history.beta import interval, log_beta
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
_TAIL_CHANCE = 0.05
_JEFFREYS = 0.5
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
class _Time:
    """When builds began.

    Attributes:
        builds: All that were looked at, in order.
        since: From when on it is of late.
    """

    builds: Sequence[datetime]
    since: datetime
    now: datetime

    @property
    def before(self) -> int:
        """Builds before."""
        return bisect_left(self.builds, self.since)

    @property
    def recent(self) -> int:
        """Builds of late."""
        return len(self.builds) - self.before

    @property
    def days(self) -> tuple[float, float]:
        """How long it was before, and how long of late."""
        start = min([*self.builds[:1], self.now])
        turn = max(self.since, start)
        return (turn - start) / timedelta(days=1), (self.now - turn) / timedelta(days=1)


def clustered(
    sightings: Sequence[Sighting],
    *,
    builds: Sequence[BuildPoint],
    now: datetime,
    recent_days: float = RECENT_DAYS,
) -> tuple[Cluster, ...]:
    """The failures of many builds by their cause, the most frequent first.

    Failures of one cause or of one signature belong together, and so do those whose
    masked texts differ by at most a tenth, unless a text says too little.

    Args:
        sightings: Failures of many builds.
        builds: All that were looked at, with failures or without: a quiet weekend is no
            decline.
        now: When it is.
        recent_days: That are compared with the time before.
    """
    root = joined(_links(sightings))
    groups: defaultdict[str, list[Sighting]] = defaultdict(list)
    for seen in sightings:
        groups[root[_cause(seen)]].append(seen)
    time = _Time(
        builds=sorted(map(_when, builds)),
        since=now - timedelta(days=recent_days),
        now=now,
    )
    found = [_cluster(group, time) for group in groups.values()]
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


def _when(build: BuildPoint) -> datetime:
    return build.created_at or build.ordered_at or _LONG_AGO


def _cluster(group: Sequence[Sighting], time: _Time) -> Cluster:
    group = sorted(group, key=lambda seen: _when(seen.build))
    builds = {seen.build.build_id: seen.build for seen in group}
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
        trend=_trend([_when(build) for build in builds.values()], time),
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


def _trend(met: Sequence[datetime], time: _Time) -> Trend:
    """By the ratio of two rates of a Poisson process.

    Given how many there were in all, the recent ones are binomial (Przyborowski and
    Wilenski, 1940); their share gets Jeffreys' interval.

    Args:
        met: When the builds began that met it, in order.
        time: When all builds began.
    """
    before = bisect_left(met, time.since)
    recent = len(met) - before
    days_before, days = time.days
    rates = (
        recent / days if days else None,
        before / days_before if days_before else None,
    )
    if not (time.before and time.recent):
        when = "of late" if time.before else "before"
        why = f"no builds {when} to compare with"
        return Trend(word="unknown", recent=rates[0], before=rates[1], why=why)
    odds = time.before / time.recent
    low, high = (
        share / (1 - share) * odds for share in interval(recent, before, mass=_MASS)
    )
    silent = len(time.builds) - bisect_right(time.builds, met[-1])
    lost = high < 1 or _lost(met, time, silent)
    return Trend(
        word="gone" if lost and not recent else _word(before, low, high),
        recent=rates[0],
        before=rates[1],
        ratio=recent * odds / before if before else None,
        low=low,
        high=high,
        why=f"{recent} of {time.recent} builds of late,"
        f" {before} of {time.before} before"
        + ("" if recent else f", none of the last {silent}"),
    )


def _word(before: int, low: float, high: float) -> TrendWord:
    if not before:
        return "new"
    if high < 1:
        return "falling"
    return "rising" if low > 1 else "steady"


def _lost(met: Sequence[datetime], time: _Time, silent: int) -> bool:
    """Whether so many builds without it are no chance, at its rate until then."""
    alive = bisect_right(time.builds, met[-1]) - bisect_left(time.builds, met[0])
    a, b = len(met) + _JEFFREYS, max(0, alive - len(met)) + _JEFFREYS
    return exp(log_beta(a, b + silent) - log_beta(a, b)) < _TAIL_CHANCE


def _largest_first(found: Cluster) -> tuple[int, int, float, str]:
    last = _when(found.last).timestamp()
    return -found.builds, -found.count, -last, found.cluster_id
