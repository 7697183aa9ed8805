"""The variants in which a test fails: what others do says nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import Observation, Outcome

_BAD = frozenset({"fail", "flaky"})
_ORDER: tuple[Outcome, ...] = ("fail", "flaky", "pass", "infra", "absent")
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
    builds of every commit, in which another one passes.

    Args:
        observations: In the order of commits.
    """
    wanted = suspects(observations)
    if not wanted:
        return tuple(observations)
    return tuple(_narrowed(one, wanted) for one in observations)


def _narrowed(one: Observation, wanted: frozenset[str]) -> Observation:
    if not one.observed or not one.variants:
        return one
    left = {outcome for name, outcome in one.variants if name in wanted}
    outcome: Outcome = next((word for word in _ORDER if word in left), "absent")
    if outcome == one.outcome:
        return one
    return replace(one, outcome=outcome, trials=0, failures=0, why=_ELSEWHERE)
