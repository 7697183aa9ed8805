"""A section of a log, and the outline that grows while the log is read."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_SECTIONS = 20_000
"""Sections that are kept of one log; later ones are left out."""

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Section:
    """One group or step of a CI job.

    Args:
        name: As the log shows it.
        line_start: Raw number of its header line.
        line_end: Raw number of its last line.
        started_s: Unix time, ``None`` when the log has no time for it.
        duration_s: ``None`` when the log does not tell.
        exit_status: Of the command that the section ran, ``None`` when unknown.
        failed: Whether the log says that this section failed.
    """

    name: str
    line_start: int
    line_end: int
    started_s: float | None = None
    duration_s: float | None = None
    exit_status: int | None = None
    failed: bool = False


@dataclass(slots=True)
class Draft:
    """A section that is still being read.

    Args:
        name: As the log shows it.
        line_start: Raw number of its header line.
        started_s: Unix time of its start.
        key: What its end marker calls it.
        kind: What sort of section it is, in the words of its dialect.
    """

    name: str
    line_start: int
    started_s: float | None = None
    key: str = ""
    kind: str = ""
    line_end: int = 0
    duration_s: float | None = None
    exit_status: int | None = None
    failed: bool = False

    def done(self, total: int) -> Section:
        """The section as it stands, in a log of ``total`` lines."""
        end = max(min(self.line_end or total, total), self.line_start)
        return Section(
            name=" ".join(self.name.split())[:MAX_NAME],
            line_start=self.line_start,
            line_end=end,
            started_s=self.started_s,
            duration_s=self.duration_s,
            exit_status=self.exit_status,
            failed=self.failed,
        )

    def exited(self, status: int) -> None:
        """Note how the command of this section ended; the first word on it counts."""
        if self.exit_status is None:
            self.exit_status = status
            self.failed = self.failed or status != 0


@dataclass(slots=True)
class Outline:
    """All sections so far, and the stack of the open ones."""

    drafts: list[Draft] = field(default_factory=list)
    stack: list[Draft] = field(default_factory=list)

    def open(self, draft: Draft) -> Draft:
        """Start a section inside the open ones."""
        if len(self.drafts) < MAX_SECTIONS:
            self.drafts.append(draft)
            self.stack.append(draft)
        return draft

    def innermost(self, kind: str = "", key: str = "") -> Draft | None:
        """The innermost open section, of a kind or with a key where given."""
        for draft in reversed(self.stack):
            if (not kind or draft.kind == kind) and (not key or draft.key == key):
                return draft
        return None

    def close(self, draft: Draft, line_end: int, time_s: float | None = None) -> None:
        """End a section, and with it the ones that it encloses."""
        while self.stack:
            inner = self.stack.pop()
            inner.line_end = max(line_end, inner.line_start)
            if inner.duration_s is None and inner.started_s and time_s:
                inner.duration_s = max(round(time_s - inner.started_s, 9), 0.0)
            if inner is draft:
                return

    def sections(self, total: int) -> list[Section]:
        """Every section of a log of ``total`` lines, in order of their headers."""
        drafts = [draft for draft in self.drafts if draft.line_start <= total]
        return sorted(
            (draft.done(total) for draft in drafts),
            key=lambda section: (section.line_start, -section.line_end),
        )
