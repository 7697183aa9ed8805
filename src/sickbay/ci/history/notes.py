"""The sentences that say what a classification rests on."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from math import exp
from typing import TYPE_CHECKING

from sickbay.ci.history.kinds import chances
from sickbay.ci.history.stretches import Counts
from sickbay.ci.history.suspicion import OF_ELSE, OF_OTHERS, suspects
from sickbay.render.words import amount, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.history.changepoint import Window
    from sickbay.ci.history.models import (
        Assessment,
        BuildPoint,
        ChangePoint,
        Classification,
        Observation,
        Outcome,
        Rate,
    )

SHORT = 8
"""Characters of a commit."""

_ODDS = 10_000
"""Above this a Bayes factor is only said to be large."""
_NAMED = 3
_TITLE = 80
_BAD = frozenset({"fail", "flaky"})


def notes(
    found: Assessment, story: Sequence[Observation], seen: Window
) -> tuple[str, ...]:
    """Sentences, the most important first; builds and commits are named as they are.

    Args:
        found: Without its notes.
        story: What it was taken from.
        seen: What of that counts.
    """
    return tuple(
        sentence
        for part in (
            _few(found, seen),
            _transition(found),
            _fingerprints(found, story, seen),
            _rates(found),
            _older(found, story, seen),
            _evidence(found),
            _present(found, seen),
            _variants(story),
            _kind(story),
            _other(story),
            _coverage(found, story),
            _flake(found),
        )
        for sentence in part
    )


def named(build: BuildPoint) -> str:
    """A build and its commit: ``build 12344 (commit abc12345)``."""
    number = build.number or build.build_id
    commit = f" (commit {build.sha[:SHORT]})" if build.sha else ""
    return f"build {number}{commit}"


def _few(found: Assessment, seen: Window) -> Iterator[str]:
    if found.classification == "INSUFFICIENT_DATA":
        times = amount(len(seen.places), "build")
        yield f"Only {times} of {found.builds} tell anything of it: three are needed"
    if found.classification == "STABLE":
        yield f"Never failed in {amount(found.found, 'build')}"


def _transition(found: Assessment) -> Iterator[str]:
    change = found.change
    if change is None or found.transition is None:
        if found.classification == "FLAKE_ONSET":
            yield "No transition: it fails now and then in the whole window"
        if found.classification == "PERSISTENT_FAIL":
            yield "No transition: it broke before the window begins, look further back"
        return
    if change.rate_before.happened and change.rate_after.happened:
        word = "Transition"
    else:
        word = "Clear transition"
    yield f"{word} at {named(change.after)}"
    between = len(change.candidates) - 1
    if between:
        yield (
            f"{amount(between, 'build')} before it, after {named(change.before)}, did "
            "not show: the change may be older by as many"
        )
    if len(change.credible) > len(change.candidates):
        yield (
            f"With {share(change.credible_mass)} it came with one of the "
            f"{amount(len(change.credible), 'build')} from {named(change.credible[0])} "
            f"to {named(change.credible[-1])}"
        )
    yield from _not_the_code(change)
    if found.classification == "PERSISTENT_FAIL" and change.rising:
        yield "No regression can be named: its failures have no fingerprint in common"


def _not_the_code(change: ChangePoint) -> Iterator[str]:
    if change.before.sha and change.before.sha == change.after.sha:
        yield (
            "The builds before and after the transition are of one commit: something "
            "else than its code changed"
        )


def _fingerprints(
    found: Assessment, story: Sequence[Observation], seen: Window
) -> Iterator[str]:
    since = _since(found, story, seen)
    texts = Counter(one.signature for one in since if one.signature)
    builds = texts.total()
    if builds > 1 and found.signature_share is not None:
        most = texts[found.signature_after]
        if len(texts) == 1:
            yield f"Consistent failure fingerprint across {amount(builds, 'build')}"
        elif most > 1:
            yield (
                f"The same failure fingerprint in {most} of {builds} failing builds, "
                f"{amount(len(texts) - 1, 'other')} in the rest"
            )
        else:
            yield f"{builds} failing builds, each with a fingerprint of its own"
    if found.signature_before and found.signature_before == found.signature_after:
        yield (
            "It failed with the same fingerprint before the transition: it may be the "
            "same trouble, only more frequent"
        )


def _since(
    found: Assessment, story: Sequence[Observation], seen: Window
) -> list[Observation]:
    places = seen.places[_cut(found, seen) :]
    return [story[at] for at in places if story[at].outcome != "pass"]


def _cut(found: Assessment, seen: Window) -> int:
    """Since which of the observed builds it is as it is now."""
    return seen.split.at if found.transition and seen.split else seen.start


def _rates(found: Assessment) -> Iterator[str]:
    if found.rate_after is None or found.classification == "STABLE":
        return
    both = "; a build that did both counts as two" if found.flaky else ""
    if found.rate_before is None:
        yield f"Fails in {_rate(found.rate_after)}{both}"
        return
    yield (
        f"Fails in {_rate(found.rate_after)} since the transition, and in "
        f"{_rate(found.rate_before)} before it{both}"
    )


def _older(
    found: Assessment, story: Sequence[Observation], seen: Window
) -> Iterator[str]:
    """What the rates leave out: troubles before the change before."""
    failures, passes = seen.counts.of(0, seen.start)
    if found.transition and failures:
        yield (
            f"It failed before that, too: {failures} of {failures + passes} before "
            f"{named(story[seen.places[seen.start]].build)}, left out of these rates"
        )


def _rate(value: Rate) -> str:
    """Counts: a flaky build is one failure and one pass."""
    return (
        f"{value.happened} of {value.times} "
        f"({share(value.low)} to {share(value.high)} with 90 %)"
    )


def _evidence(found: Assessment) -> Iterator[str]:
    if found.change is None:
        return
    factor = exp(min(found.change.log_bayes_factor, 700))
    times = "more than 10,000" if factor > _ODDS else f"{factor:,.1f}"
    if found.transition:
        yield f"A change explains the builds {times} times as well as none does"
    elif factor > 1:
        yield (
            f"A change at {named(found.change.after)} would explain the builds {times} "
            "times as well as none does: not enough (20) to call it one"
        )


def _present(found: Assessment, seen: Window) -> Iterator[str]:
    """What the newest builds say against the class, and what the next one will."""
    outcomes = seen.counts.outcomes[_cut(found, seen) :]
    if not outcomes or found.classification == "INSUFFICIENT_DATA":
        return
    latest = list(takewhile(lambda one: one == outcomes[-1], reversed(outcomes)))
    number = len(latest)
    builds = "the newest build" if number == 1 else f"the newest {number} builds"
    bad = found.classification in {"REGRESSION", "PERSISTENT_FAIL"}
    if bad and latest[0] == "pass":
        yield f"It passed in {builds}: fixed with {share(_changed(outcomes, 'FIXED'))}"
    if bad or latest[0] != "fail":
        return
    now, again, passed = (
        share(_changed([*outcomes, *then], "REGRESSION"))
        for then in ((), ("fail",), ("pass",))
    )
    yield (
        f"It failed in {builds}: broken since then with {now}; {again} if the next "
        f"build fails too, {passed} if it passes"
    )


def _changed(outcomes: Sequence[Outcome], name: Classification) -> float:
    return chances(Counts(outcomes)).changed[name]


def _variants(story: Sequence[Observation]) -> Iterator[str]:
    bad = suspects(story)
    every = {name for one in story for name, _ in one.variants}
    if bad and len(bad) < len(every):
        shown = ", ".join(sorted(bad)[:_NAMED])
        more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        yield (
            f"Fails in {len(bad)} of its {len(every)} variants only: {shown}{more}; "
            "builds without them are left out"
        )


def _kind(story: Sequence[Observation]) -> Iterator[str]:
    others = sum(one.why == OF_OTHERS for one in story)
    titles = (one.build.title[:_TITLE] for one in story if one.outcome in _BAD)
    if others:
        yield (
            f"Fails in builds titled {next(titles, '')!r} only, though {others} others "
            "ran it: these are left out"
        )


def _other(story: Sequence[Observation]) -> Iterator[str]:
    others = sum(one.why == OF_ELSE for one in story)
    if others:
        yield (
            f"Failed in {amount(others, 'older build')} with other fingerprints, and "
            "passed since: these are left out"
        )


def _coverage(found: Assessment, story: Sequence[Observation]) -> Iterator[str]:
    unseen = []
    if found.infra:
        unseen.append(f"{found.infra} failed with the machine or the whole session")
    if found.absent:
        unseen.append(f"{found.absent} did not run it, or nobody knows")
    tail = "; " + ", ".join(unseen) if unseen else ""
    yield f"Seen in {found.found} of {amount(found.builds, 'build')}{tail}"
    inferred = sum(one.observed and one.inferred for one in story)
    if inferred:
        yield (
            f"In {amount(inferred, 'build')} nobody saw it pass: its job did, or "
            "failed of other tests only"
        )


def _flake(found: Assessment) -> Iterator[str]:
    flake = found.flake
    if flake and flake.split.times:
        yield (
            f"Passed and failed {flake.split.happened} of "
            f"{amount(flake.split.times, 'time')} that a variant ran it repeatedly on "
            "one commit"
        )
