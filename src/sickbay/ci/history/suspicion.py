"""What of a test's past belongs to its newest trouble.

Other variants than those in which it fails, other kinds of builds, and what it failed
of before say nothing of that.
"""

from __future__ import annotations

from dataclasses import replace
from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import Observation, Outcome

_BAD = frozenset({"fail", "flaky"})
_ORDER: tuple[Outcome, ...] = ("fail", "flaky", "pass", "infra", "absent")
BY_CHANCE = 0.001
"""Failures of one kind of builds that are all of it no oftener by chance mean it."""

OF_OTHERS = "it fails in builds with another title only"
SORTED_BY_CHANCE = 0.05
OF_ELSE = "it failed of something else, which was over before"
_ELSEWHERE = "only variants in which it never failed ran to an end"


def suspects(observations: Sequence[Observation]) -> frozenset[str]:
    """The variants in which the test failed at least once."""
    return frozenset(
        name
        for one in observations
        for name, outcome in one.variants
        if outcome in _BAD
    )


def suspected(observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """The same, as far as the variants in which the test failed at all are concerned.

    A job that runs nightly and always fails would look like a flake between the
    builds of every commit, in which another one passes. So would a test that fails in
    one kind of builds, such as those with another compiler, and one that broke twice,
    of different things.

    Args:
        observations: In the order of commits.
    """
    wanted = suspects(observations)
    story = tuple(_narrowed(one, wanted) if wanted else one for one in observations)
    title = kind(story)
    if title is not None:
        story = tuple(
            _silent(one, OF_OTHERS)
            if one.observed and one.build.title != title
            else one
            for one in story
        )
    older = other_trouble(story)
    return tuple(
        _silent(one, OF_ELSE) if at in older else one for at, one in enumerate(story)
    )


def other_trouble(story: Sequence[Observation]) -> frozenset[int]:
    """Where it failed of something else, which was over when the newest failures began.

    Those of the newest failure's fingerprint come after all others, with a pass
    between: chance, as with a flake that fails in two ways, would have them so in fewer
    than one of twenty orders.
    """
    bad = [at for at, one in enumerate(story) if one.outcome in _BAD]
    newest = story[bad[-1]].signature if bad else ""
    same = [at for at in bad if story[at].signature == newest]
    others = [at for at in bad if at not in same]
    if not newest or not others or others[-1] > same[0]:
        return frozenset()
    between = story[others[-1] + 1 : same[0]]
    told = all(story[at].signature for at in others)
    if not told or all(one.outcome != "pass" for one in between):
        return frozenset()
    sorted_ = 1 / comb(len(bad), len(same))
    return frozenset(others) if sorted_ < SORTED_BY_CHANCE else frozenset()


def kind(story: Sequence[Observation]) -> str | None:
    """The title of the builds that a test fails in, while others pass between them.

    Fisher's exact test, one-sided, from the first failing build to the last: a commit
    that broke and another that mended it leave no passes there.
    """
    seen = [one for one in story if one.observed]
    bad = [at for at, one in enumerate(seen) if one.outcome in _BAD]
    titles = {seen[at].build.title for at in bad}
    if len(titles) != 1 or titles == {""}:
        return None
    between = seen[bad[0] : bad[-1] + 1]
    here = sum(one.build.title in titles for one in between)
    ways = comb(len(between), len(bad))
    return titles.pop() if comb(here, len(bad)) < BY_CHANCE * ways else None


def _narrowed(one: Observation, wanted: frozenset[str]) -> Observation:
    if not one.observed or not one.variants:
        return one
    left = {outcome for name, outcome in one.variants if name in wanted}
    outcome: Outcome = next((word for word in _ORDER if word in left), "absent")
    if outcome == one.outcome:
        return one
    return replace(one, outcome=outcome, trials=0, failures=0, why=_ELSEWHERE)


def _silent(one: Observation, why: str) -> Observation:
    return replace(one, outcome="absent", trials=0, failures=0, signature="", why=why)
