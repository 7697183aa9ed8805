"""Triage of a pull request: which of its failures are its own.

The decisions and their order are those of Dr.CI, PyTorch's bot for this; unlike it, a
failure that says nothing in particular is never excused for being like another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.decisions import EXCLUDED, LINT, Triaged, decided
from sickbay.ci.signs import sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.inputs import Inputs
    from sickbay.ci.models import Job


def triage(jobs: Iterable[Job], inputs: Inputs) -> tuple[Triaged, ...]:
    """Whose failure each failing job of a pull request is.

    Args:
        jobs: Of its commit; those that neither failed nor wait for approval are left
            out, and so are cancelled ones that say nothing.
        inputs: What is known besides.
    """
    failing = [job for job in jobs if _needs_triage(job)]
    found = [decided(job, inputs) for job in failing]
    excused = [item for item in found if item.category in _EXCUSED]
    return tuple(_like_another(item, excused) for item in found)


_EXCUSED = frozenset({"flaky", "broken_trunk", "unstable"})


def _needs_triage(job: Job) -> bool:
    stopped = job.state == "cancelled" and sign(job).telling
    return job.failed or job.state == "action_required" or stopped


def _like_another(item: Triaged, excused: Sequence[Triaged]) -> Triaged:
    """The same failure in another job of the pull request has the same cause."""
    if item.category not in {"new_failure", "unknown"} or item.step in _FINAL:
        return item
    own = sign(item.job)
    for other in excused:
        if own.telling and sign(other.job).says == own.says:
            return Triaged(
                job=item.job,
                category=other.category,
                step="same failure in another job",
                evidence=f"{other.job.name} fails the same way: {other.evidence}",
                like=other.job,
                missing=item.missing,
            )
    return item


_FINAL = frozenset({LINT, EXCLUDED})
"""Decisions that no likeness overrules."""
