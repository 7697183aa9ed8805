"""Planner: which commit to test next to learn most about the culprit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One commit to test.

    Attributes:
        information: Bits that one run there is expected to tell.
        fails: Probability that it fails there.
        repeats: Runs there that tell nearly all that any number of them could.
    """

    place: int
    sha: str
    information: float
    fails: float
    repeats: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do until the culprit is known.

    Attributes:
        probe: The next one; None where nothing is to be learned.
        left: Probes to expect until it is known; None where they cannot tell.
        done: Whether one possibility is as good as certain.
        confirm: Places to test before anybody is told: the culprit and its predecessor,
            without those that were tested.
        advice: Sentences.
    """

    probe: Probe | None = None
    left: float | None = None
    done: bool = False
    confirm: tuple[int, ...] = ()
    advice: tuple[str, ...] = ()
