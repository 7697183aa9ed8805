"""What the issue tracker says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim
from sickbay.ci.scan.issues import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.scan.case import Case


def tracker(case: Case) -> Iterator[Claim]:
    """An open issue explains a failure; a closed one says that it may be back."""
    if not case.scene.tracked:
        text = "the issues were not looked at: one of them may be about it"
        yield Claim("KNOWN_TRACKED", weights.ISSUES_UNSEEN, text)
    match = case.match
    if match is None:
        return
    said = f"issue {match.issue.number} may be about it: {match.how}"
    if is_known(case):
        said = f"issue {match.issue.number} is about it: {match.how}"
        weight = weights.ISSUE * match.score
        weight *= weights.ISSUE_BESIDE if case.dead else 1
        yield Claim("KNOWN_TRACKED", weight, said, "known_issue")
    elif match.recurrence:
        yield Claim("NEW_REGRESSION", weights.BACK, said)


def is_known(case: Case) -> bool:
    """Whether an open, tracked issue is good enough to explain the failure."""
    match = case.match
    return (
        match is not None
        and match.issue.open
        and match.issue.tracked
        and not match.recurrence
        and match.score >= KNOWN
    )
