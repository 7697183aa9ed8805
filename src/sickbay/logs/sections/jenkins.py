"""Sections of Jenkins pipelines: named blocks, which are stages and branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.sections.model import Draft, Outline
from sickbay.logs.sections.place import time_of

if TYPE_CHECKING:
    from sickbay.logs.sections.place import Place


class Jenkins:
    """Blocks of ``[Pipeline]``, and how the script of one of them ended."""

    marks = (
        rb"\[Pipeline\] (\{|\})(?: \(([^\n]{1,300})\))?",
        rb'Stage "([^"\n]{1,300})" skipped due to ',
        rb"script returned exit code (-?[0-9]{1,10})",
        rb"(Finished: FAILURE)",
    )

    def __init__(self) -> None:
        self._skipped: set[int] = set()

    def mark(self, outline: Outline, place: Place) -> None:
        """Take the start or end of a block, or what is said about the script."""
        match = place.match
        if match.re.groups > 1:
            self._block(outline, place)
        elif match[0].startswith(b"Stage"):
            stage = outline.innermost(key=place.group(1))
            if stage:
                self._skipped.add(id(stage))
        elif match[0].startswith(b"script"):
            stage = self._ran_last(outline)
            if stage:
                stage.exited(int(place.group(1)))
        else:
            self._failed(outline)

    def _block(self, outline: Outline, place: Place) -> None:
        name = place.group(2)
        if place.match[1] == b"{":
            draft = Draft(name, place.number, place.time_s, key=name, kind="block")
            if name:
                outline.open(draft)
            else:
                outline.stack.append(draft)
        elif outline.stack:
            outline.close(outline.stack[-1], place.number, place.time_s)

    def _ran_last(self, outline: Outline) -> Draft | None:
        """The innermost stage now, or the last one that was not skipped or clean-up."""
        named = [draft for draft in outline.stack if draft.name]
        ran = [
            draft
            for draft in named or outline.drafts
            if id(draft) not in self._skipped
            and not draft.name.startswith("Declarative: ")
        ]
        return ran[-1] if ran else None

    def _failed(self, outline: Outline) -> None:
        stage = self._ran_last(outline)
        if stage and not any(draft.failed for draft in outline.drafts):
            stage.failed = True

    def end(self, outline: Outline, total: int, last_line: bytes) -> None:
        """Close what is still open."""
        for draft in outline.stack[:1]:
            outline.close(draft, total, time_of(last_line))
