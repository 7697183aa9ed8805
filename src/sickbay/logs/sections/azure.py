"""Sections of Azure Pipelines: tasks that start and finish, and groups in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern
from sickbay.logs.sections.model import Draft, Outline
from sickbay.logs.sections.place import time_of

if TYPE_CHECKING:
    from sickbay.logs.sections.place import Place

_STATUS = Pattern(r"exit(?:ed with)? code:? '?(-?\d{1,10})'?")


class Azure:
    """Tasks, groups and the errors that a task reports."""

    marks = (
        rb"##\[section\](Starting|Finishing): ",
        rb"##\[(group|endgroup|error)\]",
    )

    def mark(self, outline: Outline, place: Place) -> None:
        """Take one mark that stands at the start of its line."""
        if place.before.strip():
            return
        kind = place.group(1)
        if kind in {"Starting", "group"}:
            name = place.rest.strip()
            outline.open(Draft(name, place.number, place.time_s, key=name, kind=kind))
        elif kind == "error":
            self._error(outline, place)
        else:
            opened = "group" if kind == "endgroup" else "Starting"
            key = "" if kind == "endgroup" else place.rest.strip()
            draft = outline.innermost(opened, key)
            if draft:
                outline.close(draft, place.number, place.time_s)

    def _error(self, outline: Outline, place: Place) -> None:
        task = outline.innermost("Starting")
        if task is None:
            return
        task.failed = True
        status = _STATUS.search(place.rest)
        if status:
            task.exited(int(status[1]))

    def end(self, outline: Outline, total: int, last_line: bytes) -> None:
        """Close what is still open."""
        for draft in outline.stack[:1]:
            outline.close(draft, total, time_of(last_line))
