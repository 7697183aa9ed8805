"""Reads the sections of one log out of its raw blocks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from sickbay.logs.dialects import detect
from sickbay.logs.sections.azure import Azure
from sickbay.logs.sections.buildkite import Buildkite
from sickbay.logs.sections.github import GitHub
from sickbay.logs.sections.gitlab import GitLab
from sickbay.logs.sections.jenkins import Jenkins
from sickbay.logs.sections.model import Outline
from sickbay.logs.sections.place import Place
from sickbay.logs.sections.travis import Travis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.report import Ci
    from sickbay.logs.sections.model import Section
    from sickbay.logs.sections.place import Dialect

_DIALECTS: dict[str, type[Dialect]] = {
    "buildkite": Buildkite,
    "github-actions": GitHub,
    "azure": Azure,
    "gitlab": GitLab,
    "travis": Travis,
    "jenkins": Jenkins,
}


class SectionReader:
    """Finds the sections of one log, fed block by block.

    Args:
        ci: Which CI wrote the log; told from the first block by default.
    """

    def __init__(self, ci: Ci | None = None) -> None:
        self._ci = ci
        self._dialect: Dialect | None = None
        self._started = False
        self._outline = Outline()
        self._last_line = b""

    def feed(self, raw_block: bytes, first: int) -> None:
        """Take the next block of raw lines.

        Args:
            raw_block: Whole lines, as they are in the log.
            first: Raw number of the first of them.
        """
        if not self._started:
            self._started = True
            dialect = _DIALECTS.get(self._ci or detect(raw_block))
            self._dialect = dialect() if dialect else None
        if self._dialect is None:
            return
        number, counted = first, 0
        for match in _matches(self._dialect.marks, raw_block):
            number += raw_block.count(b"\n", counted, match.start())
            counted = match.start()
            self._dialect.mark(self._outline, Place(number, raw_block, match))
        end = len(raw_block.rstrip(b"\r\n"))
        start = max(raw_block.rfind(b"\n", 0, end) + 1, end - 4096)
        self._last_line = raw_block[start:end] or self._last_line

    def finish(self, total: int) -> Sequence[Section]:
        """The sections, in order of their headers.

        Args:
            total: How many lines the log has.
        """
        if self._dialect is None:
            return []
        self._dialect.end(self._outline, total, self._last_line)
        return self._outline.sections(total)


def _matches(marks: tuple[bytes, ...], block: bytes) -> list[re.Match[bytes]]:
    """Every mark of a block, in order."""
    found = [match for mark in marks for match in _compiled(mark).finditer(block)]
    if len(marks) > 1:
        found.sort(key=re.Match.start)
    return found


@cache
def _compiled(mark: bytes) -> re.Pattern[bytes]:
    return re.compile(mark)
