"""The course of a failure: does it go on, is it mended, does it come and go?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from math import log
from typing import TYPE_CHECKING, Literal

from sickbay.ci.episodes import fitted
from sickbay.ci.lanes import is_gone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.episodes import Point
    from sickbay.ci.evidence import Evidence, History

Verdict = Literal["ongoing", "new", "fixed", "flaky"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of one failure; places are those of commits, 0 the newest.

    Attributes:
        lanes: The jobs that it is judged by.
        first_bad: Where its newest episode began; of a flaky one, where it was first
            seen.
        last_bad: Where it was seen last, in that episode.
        last_good: The newest place before it where one of its jobs passed.
        first_good: The oldest place after it where one of its jobs passed, if mended.
        episodes: How often it was broken for good.
        hidden: On how many commits since its jobs failed of something else.
        gone: None of its jobs runs any more.
    """

    verdict: Verdict
    lanes: frozenset[str]
    first_bad: int
    last_bad: int
    last_good: int | None
    first_good: int | None
    episodes: int
    hidden: int
    gone: bool


def course(found: Evidence, history: History, *, outage: bool) -> Course:
    """What became of a failure.

    Args:
        found: What the commits say of it.
        history: The grid that they are of.
        outage: It is the machines', so that broken they may let some jobs through.
    """
    lanes, spans, points = _settled(found, history, outage=outage)
    judged = found.of(lanes)
    kinds = [history.kinds(lane) for lane in lanes]
    newest = min(judged.bad)
    hidden = sum("fail" in said for said in islice(zip(*kinds, strict=True), newest))
    verdict = _verdict(points, spans, judged, found)
    if verdict == "new" and hidden:
        verdict = "flaky"
    begin, end = max(judged.bad), newest
    if verdict == "new":
        begin = end
    elif verdict != "flaky":
        begin, end = spans[-1]
    after = [place for place in judged.good if place < end]
    return Course(
        verdict=verdict,
        lanes=frozenset(lanes),
        first_bad=begin,
        last_bad=end,
        last_good=min((p for p in judged.good if p > begin), default=None),
        first_good=max(after, default=None) if verdict == "fixed" else None,
        episodes=len(spans),
        hidden=hidden,
        gone=all(map(is_gone, kinds)),
    )


_ODD = 20
"""One in so many failures that come and go in some jobs stays for good in another."""

_Span = tuple[int, int]
"""Places of the oldest and the newest commit that shows it in one episode."""


def _settled(
    found: Evidence, history: History, *, outage: bool
) -> tuple[set[str], list[_Span], list[Point]]:
    """The jobs to judge by, the episodes of their failure, and what they say.

    All jobs together speak first. A failure that some of them have for good and others
    now and then is judged by the former; as many are tried, each has to prove more.
    """
    points = found.points(history)
    fit = fitted(points, outage=outage)
    spans = list(_spans(points, fit.ill))
    if spans:
        lanes = _shown(found, spans)
        return lanes, spans, found.of(lanes).points(history)
    dearer = log(len(found.lanes) * _ODD)
    lanes = _firm(found, history, dearer=dearer)
    if lanes:
        points = found.of(lanes).points(history)
        fit = fitted(points, dearer=dearer)
    return lanes or found.lanes, list(_spans(points, fit.ill)), points


def _firm(found: Evidence, history: History, *, dearer: float) -> set[str]:
    """Of several jobs, those that show it for good on their own."""
    names, firm = found.lanes, set()
    for lane in names if len(names) > 1 else ():
        points = found.of({lane}).points(history)
        if sum(point.bad > 0 for point in points) > 1:
            fit = fitted(points, dearer=dearer)
            firm |= {lane for _ in _spans(points, fit.ill)}
    return firm


def _shown(found: Evidence, spans: Sequence[_Span]) -> set[str]:
    """The jobs that show it within an episode."""
    return {
        lane
        for begin, end in spans
        for place, lanes in found.bad.items()
        if end <= place <= begin
        for lane in lanes
    }


def _spans(points: Sequence[Point], states: Sequence[bool]) -> Iterator[_Span]:
    """Episodes from the oldest on, from the first commit that shows it to the last."""
    places: list[int] = []
    for point, ill in zip(points, states, strict=True):
        if ill and point.bad:
            places.append(point.place)
        elif not ill and places:
            yield places[0], places[-1]
            places = []
    if places:
        yield places[0], places[-1]


def _verdict(
    points: Sequence[Point], spans: Sequence[_Span], judged: Evidence, found: Evidence
) -> Verdict:
    newest = points[-1]
    strays = [place for place in found.bad if not _within(place, spans)]
    if spans and not any(place < spans[-1][1] for place in judged.good):
        begin, end = spans[-1]
        if begin != end:
            return "ongoing"
        return "new" if newest.bad > 1 or not strays else "flaky"
    if newest.bad and not newest.good and len(strays) == 1:
        return "new"
    if not spans:
        return "flaky"
    return "flaky" if min(judged.bad) < spans[-1][1] else "fixed"


def _within(place: int, spans: Sequence[_Span]) -> bool:
    return any(end <= place <= begin for begin, end in spans)
