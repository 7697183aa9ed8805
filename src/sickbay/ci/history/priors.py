"""Priors: how suspicious a commit is by what it changes alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a commit changes.

    Attributes:
        files: None where nobody knows.
        lines: Added and removed; None where nobody knows.
    """

    sha: str
    title: str = ""
    message: str = ""
    files: tuple[str, ...] | None = None
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is known of the failure.

    Attributes:
        frames: Paths of the traceback, the innermost first.
        dependencies: Paths or patterns that the job says it depends on.
        roots: Folders that ids of tests may be relative to.
    """

    test_id: str
    frames: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    roots: tuple[str, ...] = ("tests",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How suspicious a commit is.

    Attributes:
        weight: Its share; those of all commits add up to 1.
        factor: By how much its files and title make it likelier than they would.
        reasons: Sentences.
    """

    sha: str
    weight: float
    factor: float = 1.0
    reasons: tuple[str, ...] = ()
