"""Comparison: which tests fare differently in two builds, branches or periods."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Literal, get_args

from sickbay.ci.history.beta import greater
from sickbay.ci.history.durations import BY_S, RATIO
from sickbay.ci.history.significance import (
    Sample,
    adjusted,
    best_fisher,
    fisher,
    welch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sickbay.ci.history.significance import Table

DifferenceKind = Literal[
    "newly_failing",
    "flakier",
    "slower",
    "only_new",
    "fixed",
    "steadier",
    "faster",
    "only_base",
]

FDR = 0.05
"""Share of the differences called significant that may be mere chance."""

_HALF, _FEW = 0.5, 0.2
"""Shares of builds: what fails in half of them fails, what fails in few does not."""
_TIMED_LEAST = 5
_RESOLUTION = 0.01
"""Times are rounded: their logarithms scatter by so much at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One test in the builds of one side.

    Attributes:
        builds: In which the test itself decided its outcome.
        failed: Of these, where it failed finally.
        flaky: Of these, where it passed and failed.
        infra: Besides, where it failed with the machine.
        timed: Runs that passed and were timed.
        log_mean: Of the natural logarithms of their seconds, with ``log_sd``.
    """

    builds: int
    failed: int = 0
    flaky: int = 0
    infra: int = 0
    timed: int = 0
    log_mean: float | None = None
    log_sd: float | None = None

    @property
    def bad(self) -> int:
        """Builds where it failed, finally or on the way."""
        return self.failed + self.flaky


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A test that fares differently.

    Attributes:
        base_rate: Share of the builds where it failed; for a flaky one also of those
            where it failed on the way; for one that takes longer its typical seconds.
            None where it did not run.
        probability: That the difference has this direction.
        q_value: Share of mere chance among all differences as clear as this or
            clearer; None where so few builds cannot tell.
        significant: Whether that share is small enough.
        ratio: Of the seconds, new to base; None where it is not about time.
    """

    test_id: str
    kind: DifferenceKind
    base: Side | None = None
    new: Side | None = None
    base_rate: float | None = None
    new_rate: float | None = None
    probability: float | None = None
    q_value: float | None = None
    significant: bool = False
    ratio: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs between two sides.

    Attributes:
        differences: The worst and clearest first.
        tests: On both sides.
        only_base: How many ran there only, ``only_new`` here only.
        unseen: How many have no outcome of their own on one side.
    """

    differences: tuple[Difference, ...] = ()
    tests: int = 0
    only_base: int = 0
    only_new: int = 0
    unseen: int = 0
    notes: tuple[str, ...] = ()


def compared(
    base: Mapping[str, Side], new: Mapping[str, Side], *, fdr: float = FDR
) -> Comparison:
    """Which tests fare differently on two sides, the worst and clearest first.

    What begins to fail, or no longer fails, in most builds is always there; what is
    flakier or takes longer only where it is no chance. Many tests are compared at once,
    so that some differ by chance: Benjamini and Hochberg's procedure (1995) bounds the
    share of these, for each of the three questions on its own, over the tests that have
    enough runs to answer it (Gilbert, 2005).

    Args:
        base: Counts by test id.
        new: Counts by test id.
        fdr: Share of mere chance among the significant differences.
    """
    pairs = {
        name: (base[name], new[name])
        for name in base.keys() & new.keys()
        if base[name].builds and new[name].builds
    }
    fails, bads = (
        _q_values({name: _counted(*pair, of) for name, pair in pairs.items()}, fdr)
        for of in (_failed, _bad)
    )
    times = adjusted({name: _time_p(*pair) for name, pair in pairs.items()})
    found = [
        one
        for name, pair in pairs.items()
        if (
            one := _failing(name, *pair, fails[name], fdr)
            or _flaking(name, *pair, bads[name], fdr)
            or _timing(name, *pair, times[name], fdr)
        )
    ]
    here, there = new.keys() - base.keys(), base.keys() - new.keys()
    found += (_single(name, "only_new", new[name]) for name in here)
    found += (_single(name, "only_base", base[name]) for name in there)
    return Comparison(
        differences=tuple(sorted(found, key=_worst_first)),
        tests=len(pairs),
        only_base=len(there),
        only_new=len(here),
        unseen=len(base.keys() & new.keys()) - len(pairs),
        notes=tuple(_notes(pairs)),
    )


def _failed(side: Side) -> int:
    return side.failed


def _bad(side: Side) -> int:
    return side.bad


def _counted(base: Side, new: Side, of: Callable[[Side], int]) -> Table:
    return of(base), base.builds, of(new), new.builds


def _q_values(tables: Mapping[str, Table], fdr: float) -> dict[str, float | None]:
    """Of Fisher's exact test, without the tables that could never be significant."""
    values = {
        name: fisher(table) if best_fisher(table) <= fdr else None
        for name, table in tables.items()
    }
    return adjusted(values)


def _time_p(base: Side, new: Side) -> float | None:
    """That it takes as long as before; None where too few of its times are known."""
    one, other = _times(base), _times(new)
    return welch(one, other) if one and other else None


def _times(side: Side) -> Sample | None:
    if side.log_mean is None or side.timed < _TIMED_LEAST:
        return None
    spread = max(side.log_sd or 0.0, _RESOLUTION)
    return Sample(size=side.timed, mean=side.log_mean, deviation=spread)


def _failing(
    name: str, base: Side, new: Side, q: float | None, fdr: float
) -> Difference | None:
    """Whether it fails in most builds of one side, and in few of the other."""
    rates = base.failed / base.builds, new.failed / new.builds
    if max(rates) < _HALF or min(rates) > _FEW:
        return None
    worse = rates[1] > rates[0]
    return Difference(
        test_id=name,
        kind="newly_failing" if worse else "fixed",
        base=base,
        new=new,
        base_rate=rates[0],
        new_rate=rates[1],
        probability=_direction(_counted(base, new, _failed), worse=worse),
        q_value=q,
        significant=q is not None and q <= fdr,
        why=f"failed in {base.failed} of {base.builds} builds,"
        f" then in {new.failed} of {new.builds}",
    )


def _flaking(
    name: str, base: Side, new: Side, q: float | None, fdr: float
) -> Difference | None:
    """Whether it fails more often, or less."""
    if q is None or q > fdr:
        return None
    rates = base.bad / base.builds, new.bad / new.builds
    worse = rates[1] > rates[0]
    return Difference(
        test_id=name,
        kind="flakier" if worse else "steadier",
        base=base,
        new=new,
        base_rate=rates[0],
        new_rate=rates[1],
        probability=_direction(_counted(base, new, _bad), worse=worse),
        q_value=q,
        significant=True,
        why=f"failed or was flaky in {base.bad} of {base.builds} builds,"
        f" then in {new.bad} of {new.builds}",
    )


def _timing(
    name: str, base: Side, new: Side, q: float | None, fdr: float
) -> Difference | None:
    """Whether it takes longer, or less long."""
    if q is None or q > fdr:
        return None
    before, after = exp(base.log_mean or 0.0), exp(new.log_mean or 0.0)
    ratio = after / before
    if max(ratio, 1 / ratio) < RATIO or abs(after - before) < BY_S:
        return None
    return Difference(
        test_id=name,
        kind="slower" if ratio > 1 else "faster",
        base=base,
        new=new,
        base_rate=before,
        new_rate=after,
        probability=1 - (_time_p(base, new) or 0.0) / 2,
        q_value=q,
        significant=True,
        ratio=ratio,
        why=f"took {before:.2f} s, then {after:.2f} s",
    )


def _direction(table: Table, *, worse: bool) -> float:
    """Probability that the rate rose, or fell."""
    failed, builds, others, other_builds = table
    rose = greater((others, other_builds - others), (failed, builds - failed))
    return rose if worse else 1 - rose


def _single(name: str, kind: DifferenceKind, side: Side) -> Difference:
    rate = side.failed / side.builds if side.builds else None
    here = kind == "only_new"
    return Difference(
        test_id=name,
        kind=kind,
        base=None if here else side,
        new=side if here else None,
        base_rate=None if here else rate,
        new_rate=rate if here else None,
        why=f"failed in {side.failed} of {side.builds} builds, and ran in none"
        f" {'before' if here else 'since'}",
    )


def _worst_first(one: Difference) -> tuple[int, bool, float, float, str]:
    kinds = get_args(DifferenceKind)
    rate = one.base_rate if one.new_rate is None else one.new_rate
    return (
        kinds.index(one.kind),
        not one.significant,
        -(one.probability or 0.0),
        -(rate or 0.0),
        one.test_id,
    )


def _notes(pairs: Mapping[str, tuple[Side, Side]]) -> Iterator[str]:
    if pairs and all(base.builds == new.builds == 1 for base, new in pairs.values()):
        yield (
            "One build on either side cannot tell a regression from a flake: compare"
            " periods, or look at the history of a test."
        )
