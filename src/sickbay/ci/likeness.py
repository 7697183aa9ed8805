"""Likeness: whether two jobs are the same job, and two failures the same failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import JaroWinkler

from sickbay.ci.names import folded, without_fleet
from sickbay.ci.signs import sign

if TYPE_CHECKING:
    from sickbay.ci.models import Job

_SAME_CONTEXT = 0.95
"""Jaro-Winkler similarity of the commands before two failures that are the same."""


def same_job(one: Job, other: Job) -> bool:
    """Whether two runs do the same work, in whichever shard and on whose machines."""
    return without_fleet(folded(one.name)) == without_fleet(folded(other.name))


def same_failure(one: Job, other: Job) -> bool:
    """The same end, the same captures and, where known, the same command before."""
    if (one.conclusion, one.captures) != (other.conclusion, other.captures):
        return False
    if not one.captures and sign(one).says != sign(other).says:
        return False
    if not (one.context and other.context):
        return True
    before, there = one.context[0].lower(), other.context[0].lower()
    return JaroWinkler.similarity(before, there) >= _SAME_CONTEXT
