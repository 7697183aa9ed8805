"""Sections: the groups and steps of a CI log, with names, times and durations."""

from __future__ import annotations

from dataclasses import dataclass


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
