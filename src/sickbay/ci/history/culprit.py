"""Culprit: which commit of a range broke a test that may fail by chance, too."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import exp, inf, log
from typing import TYPE_CHECKING

from sickbay.ci.history.beta import log_beta, quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

RARELY = 1 / 300
"""How often a broken test passes, before anything is known."""

_JEFFREYS = 0.5
"""Parameters of the flake rate's prior: a test that never failed hardly flakes."""
_BROKEN_RUNS = 15
"""Runs that the belief in how often a broken test passes is worth."""

Parameters = tuple[float, float]
"""Of a Beta distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Runs of the test on one commit, infrastructure failures left out.

    Attributes:
        place: Of the commit in the range, 0 the oldest.
    """

    place: int
    passes: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flakes:
    """Runs of the test before the range, where nothing was broken."""

    passes: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A commit of the range.

    Attributes:
        probability: That it is the culprit, the flake being one more possibility.
        prior: The same before any run of the range is looked at.
        passes_before: On older commits, with ``failures_before``.
        passes_since: On this commit and newer ones, with ``failures_since``.
        why: What these runs say of it.
    """

    place: int
    sha: str
    probability: float
    prior: float
    passes_before: int = 0
    failures_before: int = 0
    passes_since: int = 0
    failures_since: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """What is known of who broke a test.

    Attributes:
        suspects: Every commit of the range, the oldest first.
        no_culprit: Probability that no commit of the range broke it: it is a flake.
        credible: Places of the fewest commits that together have ``mass`` of the
            probability, given that one of the range did it; the likeliest first.
        claimed: Probability that these really have, at least ``mass``.
        maybe_flake: Whether the fewest possibilities with that probability, the flake
            being one, hold the flake.
        flakiness: Parameters of the Beta distribution of its flake rate.
        passes: In the range, with ``failures``.
        false_pass: As it was given.
    """

    suspects: tuple[Suspect, ...] = ()
    no_culprit: float = 1.0
    credible: tuple[int, ...] = ()
    claimed: float = 0.0
    maybe_flake: bool = True
    mass: float = 0.9
    flakiness: Parameters = (_JEFFREYS, _JEFFREYS)
    flakes: Flakes = Flakes()
    passes: int = 0
    failures: int = 0
    false_pass: float = RARELY
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Suspect | None:
        """The likeliest commit."""
        likely = self.credible[:1]
        return self.suspects[likely[0]] if likely else None

    @property
    def flake_rate(self) -> float:
        """How often the test fails by chance, by all that is known."""
        a, b = self.flakiness
        return a / (a + b)

    @property
    def flake_low(self) -> float:
        """Of the flake rate's interval of ``mass``."""
        return quantile((1 - self.mass) / 2, *self.flakiness)

    @property
    def flake_high(self) -> float:
        """Of the flake rate's interval of ``mass``."""
        return quantile((1 + self.mass) / 2, *self.flakiness)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Runs before a commit and since; all of them are before what is no commit."""

    passes_before: int
    failures_before: int
    passes_since: int = 0
    failures_since: int = 0


def culprit(  # noqa: PLR0913 - each is another thing known beforehand
    commits: Sequence[str],
    trials: Iterable[Trial],
    *,
    flakes: Flakes = Flakes(),
    weights: Sequence[float] | None = None,
    flake_prior: float = 0.1,
    false_pass: float = RARELY,
    mass: float = 0.9,
) -> Culprit:
    """The probability of every commit to have broken a test, and of none.

    Flake-Aware Culprit Finding (Henderson et al., ICST 2023, section III): before the
    culprit a run fails at the flake rate, from there on nearly always. Neither rate is
    known; they are counted, and so integrated over: with Beta priors, the runs before a
    commit and those since are Beta-binomial.

    Args:
        commits: Their names, the oldest first.
        trials: Runs on commits of the range; any number for one commit.
        flakes: Runs before the range.
        weights: Of the commits, by anything but runs; equal where nobody says.
        flake_prior: Probability that none of them did it, before any run of the range.
        false_pass: Probability that a broken test passes, as far as it is believed
            before any run of the range; nought means that it never does.
        mass: Of the credible set.
    """
    sums = _sums(len(commits), trials)
    prior = [*_shares(weights or [1.0] * len(commits), 1 - flake_prior), flake_prior]
    fits = [_fit(one, flakes, false_pass) for one in sums]
    chances = _normalised(
        [_log(share) + fit for share, fit in zip(prior, fits, strict=True)]
    )
    credible, claimed = _credible(chances[:-1], mass)
    return Culprit(
        suspects=tuple(_suspects(commits, sums, prior, chances)),
        no_culprit=chances[-1],
        credible=credible,
        claimed=claimed,
        maybe_flake=len(commits) in _credible(chances, mass)[0],
        mass=mass,
        flakiness=_flakiness(sums, chances, flakes),
        flakes=flakes,
        passes=sums[-1].passes_before,
        failures=sums[-1].failures_before,
        false_pass=false_pass,
        notes=tuple(_notes(sums, flakes)),
    )


def flake_parameters(one: Suspect | None, found: Culprit) -> Parameters:
    """Of the flake rate, failures first, were this the culprit, or nobody."""
    failures = found.failures if one is None else one.failures_before
    passes = found.passes if one is None else one.passes_before
    return (
        _JEFFREYS + found.flakes.failures + failures,
        _JEFFREYS + found.flakes.passes + passes,
    )


def broken_parameters(one: Suspect, found: Culprit) -> Parameters:
    """Of how often the broken test fails, failures first, were this the culprit."""
    failures, passes = _believed(found.false_pass)
    return failures + one.failures_since, passes + one.passes_since


def _believed(false_pass: float) -> Parameters:
    return _BROKEN_RUNS * (1 - false_pass), _BROKEN_RUNS * false_pass


def _sums(size: int, trials: Iterable[Trial]) -> list[_Sums]:
    """For every commit, and for none."""
    passes, failures = [0] * size, [0] * size
    for trial in trials:
        passes[trial.place] += trial.passes
        failures[trial.place] += trial.failures
    passed, failed = (list(accumulate(one, initial=0)) for one in (passes, failures))
    return [
        _Sums(passed[at], failed[at], passed[-1] - passed[at], failed[-1] - failed[at])
        for at in range(size + 1)
    ]


def _suspects(
    commits: Sequence[str],
    sums: Sequence[_Sums],
    prior: Sequence[float],
    chances: Sequence[float],
) -> Iterator[Suspect]:
    for place, sha in enumerate(commits):
        one = sums[place]
        yield Suspect(
            place=place,
            sha=sha,
            probability=chances[place],
            prior=prior[place],
            passes_before=one.passes_before,
            failures_before=one.failures_before,
            passes_since=one.passes_since,
            failures_since=one.failures_since,
            why=_why(one),
        )


def _fit(one: _Sums, flakes: Flakes, false_pass: float) -> float:
    """Log-likelihood of the runs, up to what is the same for all commits."""
    a, b = _JEFFREYS + flakes.failures, _JEFFREYS + flakes.passes
    before = log_beta(a + one.failures_before, b + one.passes_before) - log_beta(a, b)
    c, d = _believed(false_pass)
    if not d:
        return -inf if one.passes_since else before
    since = log_beta(c + one.failures_since, d + one.passes_since) - log_beta(c, d)
    return before + since


def _log(share: float) -> float:
    return log(share) if share > 0 else -inf


def _shares(weights: Sequence[float], total: float) -> list[float]:
    whole = sum(weights)
    return [total * weight / whole for weight in weights]


def _normalised(logs: Sequence[float]) -> list[float]:
    """Probabilities of these logarithms; the last one is never impossible."""
    top = max(logs)
    parts = [exp(one - top) for one in logs]
    whole = sum(parts)
    return [part / whole for part in parts]


def _credible(chances: Sequence[float], mass: float) -> tuple[tuple[int, ...], float]:
    """The fewest places with this share of all, likeliest first, and their share."""
    whole, held = sum(chances), 0.0
    found: list[int] = []
    for place in sorted(range(len(chances)), key=lambda at: -chances[at]):
        if held >= mass * whole:
            break
        held += chances[place]
        found.append(place)
    return tuple(found), held / whole if whole else 0.0


def _flakiness(
    sums: Sequence[_Sums], chances: Sequence[float], flakes: Flakes
) -> Parameters:
    """A Beta distribution with the moments of all possibilities together."""
    mean = square = 0.0
    for one, chance in zip(sums, chances, strict=True):
        a = _JEFFREYS + flakes.failures + one.failures_before
        whole = a + _JEFFREYS + flakes.passes + one.passes_before
        mean += chance * a / whole
        square += chance * a * (a + 1) / (whole * (whole + 1))
    size = (mean - square) / (square - mean**2)
    return mean * size, (1 - mean) * size


def _why(one: _Sums) -> str:
    runs_before = one.passes_before + one.failures_before
    runs_since = one.passes_since + one.failures_since
    before = f"{one.failures_before} of {runs_before} runs before it failed"
    since = f"{one.failures_since} of {runs_since} since"
    return f"{before}, {since}"


def _notes(sums: Sequence[_Sums], flakes: Flakes) -> Iterator[str]:
    whole = sums[-1]
    if not (flakes.passes + flakes.failures):
        yield "No run before the range says how often the test fails by chance."
    if not (whole.passes_before + whole.failures_before):
        yield "No commit of the range was tested."
    elif not whole.failures_before:
        yield "No run of the range failed."
    elif _mended(sums):
        yield "The newest tested commit passes: it is mended, or was never broken."


def _mended(sums: Sequence[_Sums]) -> bool:
    """Whether the newest commit that was tested only passed."""
    tested = [one for one in sums if one.passes_since or one.failures_since]
    return not tested[-1].failures_since
