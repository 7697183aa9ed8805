"""Comparison: which tests fare differently in two builds, branches or periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A test that fares differently.

    Attributes:
        base_rate: Share of the builds where it failed, was flaky or, for a test that
            takes longer, its typical seconds; None where it did not run.
        probability: That the difference has this direction.
        q_value: Share of mere chance among all differences as clear as this or
            clearer; None where there is nothing to compare.
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
