"""Why a candidate is a cause, in words, and when a log has no cause at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.causes.kinds import STRONG
from sickbay.logs.ending import succeeded
from sickbay.logs.frameworks.results import Problem
from sickbay.logs.masks import mask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from sickbay.logs.causes.candidates import Candidate
    from sickbay.logs.causes.scopes import Scope
    from sickbay.logs.log import Log

SURE_RULE = 0.5
"""Weight of a rule that by itself says that something failed."""

NEAR_END = 30
"""Lines from the end of a log without an exit status where a plain word counts."""

WORDS = {
    "first_loud": "first clear error of the failed command",
    "last_loud": "last clear error of the failed command",
    "ends_output": "last words before the command failed",
    "ends_process": "an outer tool reports a failure right after it",
    "first_failed": "in the first command that failed",
    "later_failed": "in a command that failed after another one",
    "before_failure": "before the failed command began",
    "after_failure": "after the failed command ended",
    "no_exit_status": "the log names no command that failed",
    "is_cascade": "a consequence of an earlier failure, by its own words",
    "is_diagnostic": "a compiler's or linter's diagnostic",
    "is_exception": "an exception",
    "is_crash": "a crash",
    "is_timeout": "speaks of a time limit",
    "is_assertion": "an assertion",
    "among_failed_tests": "printed during tests",
    "among_tests": "printed during tests that passed",
}
"""Features that a person wants to hear of."""


def evidence(
    names: AbstractSet[str], candidate: Candidate, same: int
) -> tuple[str, ...]:
    """What speaks for (and against) a cause, in words."""
    told = []
    test = candidate.test
    if test is not None:
        told.append(
            "the test run failed as a whole"
            if isinstance(test, Problem)
            else f"test {test.outcome}: {test.test_id}"
        )
    told += [f"rule: {name}" for name in dict.fromkeys(_rules(candidate))]
    if same > 1:
        told.append(f"{same} places in the log say the same")
    return (*told, *(words for name, words in WORDS.items() if name in names))


def _rules(candidate: Candidate) -> list[str]:
    return [hit.rule.name for hit in candidate.hits]


def key(log: Log, candidate: Candidate) -> str:
    """What a candidate says, without what always varies."""
    test = candidate.test
    if test is not None and test.message:
        return mask(f"{test.exception}: {test.message}")
    return mask(log.lines.text(candidate.core) or "")


def speaks_of_failure(
    log: Log, found: Sequence[Scope], part: Sequence[Candidate]
) -> bool:
    """Whether anything in the log says that it failed."""
    if succeeded(log):
        return any(candidate.test is not None for candidate in part)
    if any(scope.failed for scope in found):
        return True
    return any(_alarming(candidate, found[-1]) for candidate in part)


def telling(part: Sequence[Candidate], scope: Scope) -> list[int]:
    """Indices of the candidates, without what tests printed that all passed.

    Those stay where nothing else speaks of a failure: then a plugin may have failed
    the run.
    """
    others = [
        index
        for index, candidate in enumerate(part)
        if candidate.session is None or not candidate.session.went_well
    ]
    loud = any(_alarming(part[index], scope) for index in others)
    return others if loud else [*range(len(part))]


def _alarming(candidate: Candidate, scope: Scope) -> bool:
    if candidate.test is not None:
        return True
    if candidate.session is not None and candidate.session.went_well:
        return False
    if any(hit.rule.weight >= SURE_RULE for hit in candidate.hits):
        return True
    if "warning" in candidate.kinds and "word" not in candidate.kinds:
        return False
    if candidate.kinds & STRONG:
        return True
    return "word" in candidate.kinds and scope.last - candidate.last < NEAR_END
