"""Sections of GitHub Actions: groups, and the steps that ``Run ...`` groups begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern
from sickbay.logs.sections.model import Draft, Outline
from sickbay.logs.sections.place import time_of

if TYPE_CHECKING:
    from sickbay.logs.sections.place import Place

_HOOK = Pattern(r"Run '/[^']+\.js'")
"""A self-hosted runner's container hook, which works inside the step before it."""


class GitHub:
    """Groups, steps and the errors that end a step."""

    marks = (
        rb"##\[(group|endgroup|error)\]",
        rb"(Post job cleanup\.)\r?(?=\n|\Z)",
        rb"(Cleaning up orphan processes)\r?(?=\n|\Z)",
    )

    def __init__(self) -> None:
        self._error_line = 0

    def mark(self, outline: Outline, place: Place) -> None:
        """Take one mark that stands at the start of its line."""
        if place.before.strip():
            return
        kind = place.group(1)
        if kind == "group":
            self._group(outline, place)
        elif kind == "endgroup":
            group = outline.innermost("group")
            if group:
                outline.close(group, place.number, place.time_s)
        elif kind == "error":
            self._error(outline, place)
        else:
            self._step(outline, place, kind)

    def _group(self, outline: Outline, place: Place) -> None:
        name = place.rest.strip()
        if name.startswith("Run ") and not _HOOK.fullmatch(name):
            self._step(outline, place, name)
            outline.stack.append(Draft(name, place.number, kind="group"))
        else:
            outline.open(Draft(name, place.number, place.time_s, kind="group"))

    def _step(self, outline: Outline, place: Place, name: str) -> None:
        self._end_step(outline, place.number - 1, place.time_s)
        outline.open(Draft(name, place.number, place.time_s, kind="step"))

    def _end_step(self, outline: Outline, line_end: int, time_s: float | None) -> None:
        """End the step; an error as its very last line is what ended it."""
        step = outline.innermost("step")
        if step:
            step.failed = step.failed or self._error_line == line_end
            outline.close(step, line_end, time_s)

    def _error(self, outline: Outline, place: Place) -> None:
        self._error_line = place.number
        step = outline.innermost("step")
        head, _, status = place.rest.rpartition(" exit code ")
        status = status.strip().rstrip(".")
        if step and head and status.isdecimal() and len(status) <= 10:  # noqa: PLR2004 - 32 bits
            step.exited(int(status))

    def end(self, outline: Outline, total: int, last_line: bytes) -> None:
        """Close the last step."""
        self._end_step(outline, total, time_of(last_line))
