"""Lanes: which job of a build a file is of, and which of its shards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from sickbay.core.untrusted import visible
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from sickbay.history.ingest.files import Named
    from sickbay.history.ingest.place import Place

_SHARD = Pattern(
    r"(?i)(?:[-_ .](?:shard|part|chunk|split|node|group)[-_ .]?#?|[-_ ]#?)"
    r"(?P<shard>[0-9]{1,3})(?:[-_ ]?of[-_ ]?[0-9]{1,3})?$"
)
_OF_CLASS = "TEST-"
"""How those begin that write a file for each class of tests."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One attempt of one job, maybe of a shard of it.

    Attributes:
        variant: The job's name without its shard.
    """

    variant: str
    shard: int | None = None
    attempt: int = 1

    @property
    def name(self) -> str:
        """As people see it."""
        return self.variant if self.shard is None else f"{self.variant} {self.shard}"

    @property
    def job_id(self) -> str:
        """The same whenever this attempt is ingested."""
        shard = "" if self.shard is None else f"#{self.shard}"
        again = f"@{self.attempt}" if self.attempt > 1 else ""
        return f"{self.variant}{shard}{again}"


def lane_of(file: Named, place: Place) -> Lane:
    """Which job a file is of: the one that is said, or the one that its name tells."""
    path = PurePath(visible(str(file.below)))
    stem = path.name.partition(".")[0] if path.stem == path.name else path.stem
    found = _SHARD.search(stem)
    shard = int(found["shard"]) if found else None
    if place.job:
        told = place.shard if place.shard is not None else shard
        return Lane(place.job, told, place.attempt)
    stem = stem[: found.start()] if found else stem
    parts = [part for part in path.parts[:-1] if part not in {".", ".."}]
    if stem.startswith(_OF_CLASS):
        return Lane("/".join(parts) or "tests", None, place.attempt)
    return Lane("/".join([*parts, stem or "tests"]), shard, place.attempt)
