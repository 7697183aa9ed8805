"""What became of a job on one commit, whatever words its CI has for it."""

from __future__ import annotations

from typing import Literal

State = Literal[
    "ok",
    "flaky",
    "fail",
    "timed_out",
    "startup_failure",
    "cancelled",
    "skipped",
    "neutral",
    "action_required",
    "queued",
    "pending",
    "unknown",
]
"""``flaky`` passed after a failed attempt on the same commit; ``unknown`` is a word
that nobody here knows. A job that did not run on a commit has no state there."""

Ending = Literal[
    "passed",
    "flaky",
    "soft_failed",
    "failed",
    "canceled",
    "broken",
    "skipped",
    "blocked",
    "unfinished",
]
"""How a job ended, all attempts together: ``flaky`` passed on a retry, ``broken`` never
ran because of another one, ``blocked`` waits for a person."""

FAILED: frozenset[State] = frozenset({"fail", "timed_out", "startup_failure"})
PASSED: frozenset[State] = frozenset({"ok", "flaky"})
UNFINISHED: frozenset[State] = frozenset({"queued", "pending", "action_required"})

LETTERS: dict[State, str] = {
    "ok": "O",
    "flaky": "F",
    "fail": "X",
    "timed_out": "X",
    "startup_failure": "X",
    "cancelled": "C",
    "skipped": "S",
    "neutral": "N",
    "action_required": "?",
    "queued": "Q",
    "pending": "?",
    "unknown": "U",
}
"""How PyTorch HUD's grid draws them; ``~`` is a job that did not run."""

_CONCLUSIONS: dict[str, State] = {
    "success": "ok",
    "failure": "fail",
    "timed_out": "timed_out",
    "startup_failure": "startup_failure",
    "cancelled": "cancelled",
    "skipped": "skipped",
    "neutral": "neutral",
    "action_required": "action_required",
    "queued": "queued",
    "pending": "pending",
}
_STATUSES: dict[str, State] = {
    "queued": "queued",
    "waiting": "queued",
    "requested": "queued",
    "in_progress": "pending",
    "pending": "pending",
}


def github_state(
    conclusion: str | None, status: str | None, *, failed_before: bool = False
) -> State:
    """The state that GitHub Actions, and HUD after it, mean.

    Args:
        conclusion: Empty or None while it runs.
        status: What it does until there is a conclusion.
        failed_before: Whether an attempt before this one failed.
    """
    if conclusion:
        state = _CONCLUSIONS.get(conclusion.lower(), "unknown")
    else:
        state = _STATUSES.get((status or "").lower(), "unknown")
    return "flaky" if failed_before and state == "ok" else state


_QUEUED_THERE = (
    "creating",
    "pending",
    "waiting",
    "unblocked",
    "limiting",
    "limited",
    "scheduled",
    "reserved",
    "platform_limiting",
    "platform_limited",
)
_RUNNING_THERE = ("assigned", "accepted", "running", "canceling", "timing_out")
_BUILDKITE: dict[str, State] = {
    "passed": "ok",
    "finished": "ok",
    "failed": "fail",
    "timed_out": "timed_out",
    "expired": "startup_failure",
    "canceled": "cancelled",
    "skipped": "skipped",
    "broken": "skipped",
    "waiting_failed": "skipped",
    "blocked_failed": "skipped",
    "unblocked_failed": "skipped",
    "blocked": "action_required",
    **dict.fromkeys(_QUEUED_THERE, "queued"),
    **dict.fromkeys(_RUNNING_THERE, "pending"),
}


def buildkite_state(word: str | None) -> State:
    """The state that Buildkite means by its word for a job.

    One that expired never got an agent; one that is broken, or failed while it waited,
    never ran because of another. Docs: "Job states" of Buildkite.
    """
    return _BUILDKITE.get((word or "").lower(), "unknown")
