"""Which jobs of a grid a caller means, by name and by what they failed of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.models import Row
from sickbay.ci.names import blocks_strict
from sickbay.logs.needle import needle

if TYPE_CHECKING:
    from collections.abc import Collection

    from sickbay.ci.models import Job
    from sickbay.logs.needle import Needle


@dataclass(frozen=True, slots=True)
class Choice:
    """What a caller said of the jobs that are meant.

    Args:
        name: Finds the names of the jobs.
        line: Finds a line of their failure.
        strict: Only jobs that gate viable/strict.
    """

    name: Needle | None = None
    line: Needle | None = None
    strict: bool = False

    def by_name(self, name: str) -> bool:
        """Whether a job of this name is meant."""
        if self.strict and not blocks_strict(name):
            return False
        return self.name is None or self.name.find(name.encode()) >= 0

    def by_line(self, job: Job) -> bool:
        """Whether the job failed like that; one that nothing is known of did not."""
        if self.line is None:
            return True
        return any(self.line.find(line.encode()) >= 0 for line in job.lines)

    def names(self, names: Collection[str]) -> list[str]:
        """Those of these jobs that are meant."""
        return [name for name in names if self.by_name(name)]

    def row(self, row: Row, names: Collection[str]) -> Row:
        """A commit with those of its jobs that have one of these names."""
        jobs = {name: row.jobs[name] for name in names if name in row.jobs}
        return Row(commit=row.commit, jobs=jobs)


def choice(
    name: str | None = None, line: str | None = None, *, strict: bool = False
) -> Choice:
    """What a caller means by some patterns; an empty one is none.

    Args:
        name: RE2 pattern for names of jobs, in any case.
        line: The same for lines of failures.
        strict: Only jobs that gate viable/strict.

    Raises:
        BadRequest: A pattern is wrong.
    """
    return Choice(_pattern(name), _pattern(line), strict)


def _pattern(text: str | None) -> Needle | None:
    return needle(text, ignore_case=True) if text else None
