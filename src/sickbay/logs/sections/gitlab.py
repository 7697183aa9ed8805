"""Sections of GitLab: nested, with Unix times in their markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.sections.model import Draft, Outline

if TYPE_CHECKING:
    from sickbay.logs.sections.place import Place

_SCRIPTS = ("step_script", "build_script")

_MARKER = (
    rb"section_(start|end):([0-9]{1,12}):([^\s\x1b\[:]{1,200}+)"
    rb"(?:\[[^\]\s]{0,300}+\])?\r?"
)
_FAILED = (
    rb"ERROR: Job failed(?: \([a-z ]{1,30}\))?"
    rb"(?:: exit (?:code|status) ([0-9]{1,10}))?"
)


class GitLab:
    """Section markers, and the runner's last word on the job."""

    marks = (_MARKER, _FAILED)

    def mark(self, outline: Outline, place: Place) -> None:
        """Take the start or end of a section, or the end of the job."""
        match = place.match
        if match[0].startswith(b"ERROR"):
            if not place.before.strip():
                self._failed(outline, place)
        elif match[1] == b"start":
            self._start(outline, place)
        else:
            draft = outline.innermost(key=place.group(3))
            if draft:
                outline.close(draft, place.number, float(match[2]))

    def _start(self, outline: Outline, place: Place) -> None:
        key = place.group(3)
        header = place.rest.partition("section_")[0].strip() or key
        outline.open(
            Draft(header, place.number, float(place.match[2]), key=key, kind="section")
        )

    def _failed(self, outline: Outline, place: Place) -> None:
        """The job failed where its script ran, else in the section that came last."""
        scripts = [draft for draft in outline.drafts if draft.key in _SCRIPTS]
        for draft in (scripts or outline.drafts)[-1:]:
            draft.failed = True
            if place.group(1):
                draft.exited(int(place.group(1)))

    def end(self, outline: Outline, total: int, last_line: bytes) -> None:
        """Close what is still open; the log has no time for that."""
        del last_line
        for draft in outline.stack[:1]:
            outline.close(draft, total)
