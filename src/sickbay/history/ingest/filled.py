"""What an ingestion came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.core.results import Skipped


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
    """

    builds: int = 0
    jobs: int = 0
    results: int = 0
    failed: int = 0
    present: int = 0
    read: int = 0
    skipped: tuple[Skipped, ...] = ()
    why: str | None = None
