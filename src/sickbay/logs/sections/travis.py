"""Sections of Travis CI: folds, and the timed commands in and between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.sections.model import Draft, Outline

if TYPE_CHECKING:
    from sickbay.logs.sections.place import Place

_MARKER = (
    rb"travis_(fold|time):(start|end):([^\s:\x1b]{1,200}+)"
    rb"(?::start=([0-9]{1,20}),finish=([0-9]{1,20}),duration=-?[0-9]{1,20}"
    rb"[^\s\x1b]{0,300})?"
)
_EXITED = (
    rb'" (?:failed and )?exited with ([0-9]{1,5})(?: during [^\r\n\x1b]{0,40})?'
    rb"\.(?=[\r\n\x1b]|\Z)"
)


class Travis:
    """Folds, timed commands, and how commands exited."""

    marks = (_MARKER, _EXITED)

    def __init__(self) -> None:
        self._last_command: Draft | None = None

    def mark(self, outline: Outline, place: Place) -> None:
        """Take the start or end of a fold or command, or an exit status."""
        match = place.match
        if match.re.groups == 1:
            self._exited(outline, place)
        elif match[2] == b"start":
            self._start(outline, place)
        else:
            self._end(outline, place)

    def _start(self, outline: Outline, place: Place) -> None:
        kind, key = place.group(1), place.group(3)
        name = key if kind == "fold" else _command(place)
        if name:
            outline.open(Draft(name, place.number, key=key, kind=kind))

    def _end(self, outline: Outline, place: Place) -> None:
        started_s, finished_s = (_seconds(place.match[index]) for index in (4, 5))
        draft = outline.innermost(place.group(1), place.group(3))
        if place.group(1) == "time":
            _took(draft, started_s, finished_s)
            _took(outline.innermost("fold"), started_s, finished_s)
            self._last_command = draft or self._last_command
        if draft:
            outline.close(draft, place.number)
            if draft.kind == "fold":
                self._merge(outline, draft)

    def _merge(self, outline: Outline, fold: Draft) -> None:
        """Make one section of a fold and its only command."""
        if len(outline.drafts) < 2 or outline.drafts[-2] is not fold:  # noqa: PLR2004 - fold and command
            return
        command = outline.drafts[-1]
        if command.kind == "time" and command.line_start - fold.line_start <= 1:
            outline.drafts.pop()
            fold.name = f"{fold.key}: {command.name}"
            fold.exit_status, fold.failed = command.exit_status, command.failed
            self._last_command = fold

    def _exited(self, outline: Outline, place: Place) -> None:
        command = self._last_command
        if command is None:
            return
        command.exited(int(place.group(1)))
        command.line_end = max(command.line_end, place.number)
        for draft in outline.stack:
            draft.failed = draft.failed or command.failed

    def end(self, outline: Outline, total: int, last_line: bytes) -> None:
        """Close what is still open; the log has no time for that."""
        del last_line
        for draft in outline.stack[:1]:
            outline.close(draft, total)


def _command(place: Place) -> str:
    """The command that follows the marker on its line or, cut there, on the next."""
    text = (place.rest.strip() or place.next_line).strip()
    return text[1:].strip() if text.startswith("$") else ""


def _seconds(nanos: bytes | None) -> float | None:
    return int(nanos) / 1e9 if nanos else None


def _took(
    draft: Draft | None, started_s: float | None, finished_s: float | None
) -> None:
    """Stretch the times of a section over those of a command in it."""
    if draft is None or started_s is None or finished_s is None:
        return
    if draft.started_s is None:
        draft.started_s = started_s
    took_s = round(finished_s - draft.started_s, 9)
    draft.duration_s = max(draft.duration_s or 0.0, took_s)
