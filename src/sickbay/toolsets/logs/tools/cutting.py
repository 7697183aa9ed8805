"""The tools that take parts out of a log: by named patterns, and section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le

from sickbay.core.errors import BadRequest
from sickbay.core.results import Coverage, Skipped
from sickbay.core.tool import Call, tool
from sickbay.toolsets.logs.models import LogName, LogSection, Patterns, Sections
from sickbay.toolsets.logs.source import Logs, outline, stream

if TYPE_CHECKING:
    from sickbay.clients.logstore import StoredLog
    from sickbay.logs.needle import Needle
    from sickbay.logs.stream import Stream

TIMEOUT_S = 300.0

Group = Literal["compilation", "tests", "resources", "cuda", "warnings", "exceptions"]


@tool(
    title="Count patterns in a log",
    items="found",
    untrusted=("found",),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def extract_patterns(  # noqa: PLR0913 - each says what to count
    source: Logs,
    call: Call,
    *,
    log: LogName,
    patterns: Annotated[dict[str, str] | None, "name to regex"] = None,
    groups: Annotated[list[Group] | None, "built-in patterns; all by default"] = None,
    samples: Annotated[int, Ge(0), Le(50), "lines of each"] = 5,
) -> Patterns:
    """Count how many lines each of many named patterns is on.

    Gives `counts` by name, and in `found` those that are there: group, name, pattern,
    count, samples (line_number, text, captures).
    """
    stored = await source.log(log)
    wanted = _wanted(patterns or {}, groups)
    found: Patterns = await call.thread(_extracted, stored, call, wanted, samples)
    return found


def _wanted(
    mine: Mapping[str, str], groups: list[Group] | None
) -> dict[str, Mapping[str, str]]:
    """The caller's patterns, and those built-in ones that are asked for."""
    from sickbay.logs.named import GROUPS  # noqa: PLC0415 - see above

    names = groups or (() if mine else GROUPS)
    wanted: dict[str, Mapping[str, str]] = {"yours": mine}
    for group in names:
        named = GROUPS[group]
        wanted[group] = {name: named[name] for name in named if name not in mine}
    return wanted


def _extracted(
    stored: StoredLog, call: Call, wanted: Mapping[str, Mapping[str, str]], samples: int
) -> Patterns:
    from sickbay.logs.named import tallies  # noqa: PLC0415 - see above

    lines = stream(stored, call)
    found = tallies(lines, wanted, samples=samples)
    return Patterns(
        counts={tally.name: tally.count for tally in found},
        found=tuple(tally for tally in found if tally.count),
        coverage=_coverage(lines),
    )


@tool(
    title="List the sections of a log",
    items="sections",
    untrusted=("sections",),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def filter_sections(  # noqa: PLR0913 - each says where to cut
    source: Logs,
    call: Call,
    *,
    log: LogName,
    start: Annotated[str | None, "regex of a first line"] = None,
    end: Annotated[str | None, "of a last line; else the next start ends it"] = None,
    max_lines: Annotated[int, Ge(0), Le(1000), "of each"] = 20,
) -> Sections:
    """List the groups and steps of a CI log, or cut it by `start` and `end`.

    Gives `count` and `sections`: number, name, line_start, line_end, failed,
    exit_status, duration_s; when cut, lines, left_out, ended. Next: logs_read with the
    `section` that failed, and `tail`, as it may be long.
    """
    from sickbay.logs.needle import needle  # noqa: PLC0415 - see above

    if end is not None and start is None:
        raise BadRequest("end is given, and start is not", hint="give start as well")
    first = needle(start) if start is not None else None
    last = needle(end) if end is not None else None
    stored = await source.log(log)
    if first is None:
        listed: Sections = await call.thread(_listed, stored, call)
        return listed
    cut: Sections = await call.thread(
        partial(_cut, max_lines=max_lines), stored, call, first, last
    )
    return cut


def _listed(stored: StoredLog, call: Call) -> Sections:
    """The sections that the CI made."""
    log = outline(stored, call)
    sections = tuple(
        LogSection(
            number=number,
            name=section.name,
            line_start=section.line_start,
            line_end=section.line_end,
            failed=section.failed,
            exit_status=section.exit_status,
            duration_s=section.duration_s,
            left_out=section.line_end - section.line_start + 1,
        )
        for number, section in enumerate(log.sections, 1)
    )
    coverage = Coverage(log.lines.total, log.lines.total, tuple(log.skipped))
    return Sections(count=len(sections), sections=sections, coverage=coverage)


def _cut(
    stored: StoredLog, call: Call, start: Needle, end: Needle | None, *, max_lines: int
) -> Sections:
    """The stretches that the caller's patterns make."""
    from sickbay.logs.stretch import stretches  # noqa: PLC0415 - see above

    lines = stream(stored, call)
    found = stretches(lines, start, end, max_lines=max_lines)
    sections = tuple(
        LogSection(
            number=number,
            line_start=stretch.line_start,
            line_end=stretch.line_end,
            lines=stretch.lines,
            left_out=stretch.left_out,
            ended=stretch.ended,
        )
        for number, stretch in enumerate(found.stretches, 1)
    )
    skipped = []
    if more := found.count - len(sections):
        skipped.append(Skipped(f"{more} sections", "too many; cut by rarer lines"))
    return Sections(
        count=found.count, sections=sections, coverage=_coverage(lines, skipped)
    )


def _coverage(lines: Stream, more: Sequence[Skipped] = ()) -> Coverage:
    total = lines.log.lines.total
    return Coverage(total, total, (*more, *lines.log.skipped))
