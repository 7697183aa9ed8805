"""The tools that show lines of logs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from sickbay.core.errors import BadRequest
from sickbay.core.results import Coverage, Skipped
from sickbay.core.tool import Call, tool
from sickbay.toolsets.logs.models import (
    Excerpt,
    LogCount,
    LogMatch,
    LogName,
    LogNames,
    Matches,
    Pattern,
)
from sickbay.toolsets.logs.source import Logs, outline, stream

if TYPE_CHECKING:
    from sickbay.clients.logstore import StoredLog
    from sickbay.logs.needle import Needle

ROOM = 4 << 20
"""Bytes of matches that one call collects; the answer gives them page by page."""

NO_END = sys.maxsize
"""The last line of a log whose length is not known yet."""

TIMEOUT_S = 300.0


@tool(
    title="Search logs",
    items="matches",
    untrusted=("matches",),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def search(  # noqa: PLR0913 - each is a way to search
    source: Logs,
    call: Call,
    *,
    logs: LogNames,
    pattern: Pattern,
    literal: Annotated[bool, "pattern is plain text"] = False,
    ignore_case: Annotated[bool, "upper and lower case are the same"] = False,
    context_lines: Annotated[int, Ge(0), Le(20), "shown around each match"] = 0,
) -> Matches:
    """Find lines in one log or many: an error message, a host, a step.

    Gives `matches` (log, line_number, text, before, after), their `total` and, for each
    log that has any, most first, the number in `counts`. Next: logs_read around a line.
    """
    from sickbay.logs.needle import needle  # noqa: PLC0415 - see source.opened

    sought = needle(pattern, literal=literal, ignore_case=ignore_case)
    finder = _Finder(call, sought, context_lines)
    _, coverage = await source.each(call, logs, finder.search)
    return finder.found(coverage)


class _Finder:
    """Searches one log after the other, in bounded memory."""

    def __init__(self, call: Call, sought: Needle, context_lines: int) -> None:
        self._call = call
        self._sought = sought
        self._context = context_lines
        self._room = ROOM
        self._counts: list[LogCount] = []
        self._matches: list[LogMatch] = []
        self._skipped: list[Skipped] = []

    def search(self, name: str, stored: StoredLog) -> None:
        """Search the next log."""
        from sickbay.logs.search import search as found_in  # noqa: PLC0415 - see above

        lines = stream(stored, self._call)
        found = found_in(
            lines, self._sought, context_lines=self._context, room=self._room
        )
        self._room = found.room
        self._skipped += (
            Skipped(f"{name}: {part.what}", part.why) for part in lines.log.skipped
        )
        if not found.count:
            return
        self._counts.append(LogCount(log=name, count=found.count))
        for match in found.matches:
            self._matches.append(
                LogMatch(
                    log=name,
                    line_number=match.line_number,
                    text=match.text,
                    before=match.before,
                    after=match.after,
                )
            )

    def found(self, coverage: Coverage) -> Matches:
        """What was found in all of them."""
        total = sum(row.count for row in self._counts)
        skipped = [*coverage.skipped, *self._skipped]
        if more := total - len(self._matches):
            skipped.append(Skipped(f"{more} matches", "too many; search for less"))
        return Matches(
            total=total,
            counts=tuple(sorted(self._counts, key=lambda row: -row.count)),
            matches=tuple(self._matches),
            coverage=Coverage(coverage.examined, coverage.total, tuple(skipped)),
        )


@tool(
    title="Read a log",
    items="lines",
    untrusted=("lines",),
    budget_bytes=16_000,
    open_world=True,
)
async def read(  # noqa: PLR0913 - each is a way to say which lines
    source: Logs,
    call: Call,
    *,
    log: LogName,
    line_start: Annotated[int, Ge(1), "first line"] = 1,
    line_end: Annotated[int | None, Ge(1), "last line"] = None,
    tail: Annotated[int | None, Ge(1), "only the last so many"] = None,
    section: Annotated[str | None, "name or number, see logs_filter_sections"] = None,
) -> Excerpt:
    """Read `lines` (line_number, text) of a log, or of one section of it.

    `total_lines` is how many the log has; numbers are those of the raw log, from 1.
    """
    if line_end is not None and line_end < line_start:
        raise BadRequest(
            f"line_end {line_end} comes before line_start {line_start}",
            hint="both are counted from 1, and read",
        )
    stored = await source.log(log)
    asked = _Range(line_start, line_end, tail, section)
    excerpt: Excerpt = await call.thread(asked.read, stored, call)
    return excerpt


class _Range:
    """The lines that somebody asks for."""

    def __init__(
        self, first: int, last: int | None, tail: int | None, section: str | None
    ) -> None:
        self._first = first
        self._last = last
        self._tail = tail
        self._section = section

    def read(self, stored: StoredLog, call: Call) -> Excerpt:
        """Read them, and go on to the end of the log to know how long it is."""
        from sickbay.logs.excerpt import between, tail  # noqa: PLC0415 - see above

        if self._section is not None:
            self._narrow(stored, call, self._section)
        if self._tail and self._last:
            self._first = max(self._first, self._last - self._tail + 1)
        log = stream(stored, call)
        if self._tail and not self._last:
            found = tail(log, self._tail)
            lines = tuple(
                line for line in found.lines if line.line_number >= self._first
            )
        else:
            found = between(log, self._first, self._last or NO_END)
            lines = found.lines
        total = log.log.lines.total
        skipped = list(log.log.skipped)
        if found.left_out:
            skipped.append(
                Skipped(f"{found.left_out} lines", "too many; read on later")
            )
        return Excerpt(
            total_lines=total,
            lines=lines,
            coverage=Coverage(total, total, tuple(skipped)),
        )

    def _narrow(self, stored: StoredLog, call: Call, name: str) -> None:
        """Stay within a section."""
        from sickbay.logs.sections.choice import chosen  # noqa: PLC0415 - see above

        section = chosen(outline(stored, call).sections, name)
        self._first = max(self._first, section.line_start)
        self._last = min(self._last or NO_END, section.line_end)
