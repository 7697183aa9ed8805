"""What an ingestion came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.ci.records import BuildRecord
    from sickbay.core.results import Skipped

BAD = frozenset({"failed", "error", "crashed", "timed_out"})
"""Outcomes of tests that failed for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What went into a history.

    Attributes:
        builds: That were written, with ``jobs`` and ``results`` in them.
        failed: Of these results; a test that passed when it was repeated is none.
        present: Builds that were there already.
        read: Files that were read.
        skipped: What could not be had, and why.
        why: Why it ended before there was nothing left; None where it did not.
        broke: Whether that is an error, and no limit that was set.
    """

    builds: int = 0
    jobs: int = 0
    results: int = 0
    failed: int = 0
    present: int = 0
    read: int = 0
    skipped: tuple[Skipped, ...] = ()
    why: str | None = None
    broke: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBuild:
    """A build that files tell of; ``read`` are those that made sense."""

    record: BuildRecord
    read: int
    skipped: tuple[Skipped, ...] = ()

    @property
    def filled(self) -> Filled:
        """What it is to a history."""
        results = self.record.results
        return Filled(
            builds=1,
            jobs=len(self.record.jobs),
            results=len(results),
            failed=sum(result.outcome in BAD for result in results),
            read=self.read,
            skipped=self.skipped,
        )
