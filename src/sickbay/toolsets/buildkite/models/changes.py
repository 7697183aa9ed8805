"""What the tools that change something answer with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sickbay.core.results import Change
from sickbay.core.tool import Identifier

Fields = Annotated[dict[str, str] | None, "what the block step asks for, by key"]
ScanId = Annotated[str, "scan_id of a scan"]
CauseId = Annotated[str, Identifier(), "cause_id of one of its causes"]
Title = Annotated[str | None, "instead of the one made from the scan"]
Body = Annotated[str | None, "markdown instead of that made from the scan"]
Labels = Annotated[list[str] | None, "besides that of CI failures"]


@dataclass(frozen=True, kw_only=True)
class JobChange(Change):
    """A job that was started: a new attempt, or a step that waited.

    Attributes:
        job_id: Of the new attempt, or of the step.
    """

    job_id: str | None = None
    name: str | None = None
    state: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewIssue(Change):
    """An issue that was opened, or the open one that there is already."""

    number: int | None = None
    url: str | None = None
