"""The builds between which a test broke, and the runs that say where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.history.culprit import RARELY, Flakes, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sickbay.ci.history.models import BuildPoint, ChangePoint, Observation

TAIL = 0.005
"""Of the posterior, left out at either end: the culprit is nearly surely between."""

PASSES = 3
"""So many that even a test that is broken and rarely passes does not show."""

_PASSED = frozenset({"pass", "flaky"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Observed builds, the oldest first.

    Attributes:
        builds: From the last good one to the first bad one, those included that were
            not observed.
        before: Up to the last one that is surely good.
        inside: Those from which the change may date.
        after: Those that are surely behind it.
    """

    builds: tuple[BuildPoint, ...]
    before: tuple[Observation, ...]
    inside: tuple[Observation, ...]
    after: tuple[Observation, ...]

    @property
    def last_good(self) -> BuildPoint:
        """The build before the first suspicious one."""
        return self.builds[0]

    @property
    def first_bad(self) -> BuildPoint:
        """The last build from which the change may date."""
        return self.builds[-1]

    @property
    def false_pass(self) -> float:
        """How often it passes although it is broken."""
        passes, failures = _counts(self.after)
        return max(RARELY, passes / (passes + failures)) if passes else RARELY

    @property
    def flakes(self) -> Flakes:
        """How the test did while it surely was good."""
        passes, failures = _counts(self.before)
        return Flakes(passes=passes, failures=failures)

    def trials(self, places: Mapping[str, int]) -> Iterator[Trial]:
        """The runs on commits of the range.

        Args:
            places: Of each commit that was built, by its sha.
        """
        last = max(places.values(), default=0)
        for one in self.inside:
            if one.build.sha in places:
                yield _trial(places[one.build.sha], one)
        for one in self.after:
            yield _trial(last, one)


def scope_of(observations: Sequence[Observation], change: ChangePoint) -> Scope | None:
    """The builds from which a change may date, by its posterior.

    Args:
        observations: In the order of commits.
        change: Where it is.

    Returns:
        None where no build before it is known.
    """
    whole = sum(chance for _, chance in change.posterior)
    held, first, last = 0.0, None, None
    for build_id, chance in change.posterior:
        held += chance / whole if whole else 0.0
        if first is None and held > TAIL:
            first = build_id
        if last is None and held >= 1 - TAIL:
            last = build_id
    ids = [one.build.build_id for one in observations]
    if first not in ids or last not in ids:
        return None
    good = ids.index(first) - 1
    while good >= 0 and not observations[good].observed:
        good -= 1
    return _scope(observations, good, ids.index(last))


def scope_between(
    observations: Sequence[Observation], good: str, bad: str
) -> Scope | None:
    """The builds behind one that is good, up to one that is bad.

    Args:
        observations: In the order of commits.
        good: Id of the build.
        bad: The same.
    """
    ids = [one.build.build_id for one in observations]
    if good not in ids or bad not in ids:
        return None
    return _scope(observations, ids.index(good), ids.index(bad))


def _scope(all_: Sequence[Observation], good: int, bad: int) -> Scope | None:
    if good < 0 or bad <= good:
        return None
    if not any(one.outcome in _PASSED for one in all_[bad + 1 :]):
        # Broken for good: what is older than several passes did not break it.
        passed = [at for at in range(good, bad) if all_[at].outcome == "pass"]
        good = passed[-PASSES] if len(passed) >= PASSES else good
    return Scope(
        builds=tuple(one.build for one in all_[good : bad + 1]),
        before=_observed(all_[: good + 1]),
        inside=_observed(all_[good + 1 : bad + 1]),
        after=_observed(all_[bad + 1 :]),
    )


def _observed(some: Iterable[Observation]) -> tuple[Observation, ...]:
    return tuple(one for one in some if one.observed)


def _trial(place: int, one: Observation) -> Trial:
    passes, failures = _counts([one])
    return Trial(place=place, passes=passes, failures=failures)


def _counts(observations: Iterable[Observation]) -> tuple[int, int]:
    """Builds that passed, and that failed; one that did both counts for both.

    Variants of a build fail together, and so count once.
    """
    outcomes = [one.outcome for one in observations]
    flaky = outcomes.count("flaky")
    return outcomes.count("pass") + flaky, outcomes.count("fail") + flaky
