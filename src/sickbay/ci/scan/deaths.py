"""Deaths: how an attempt ended when its command did not end it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.logs.verdict import EXITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.ci.builds import Attempt
    from sickbay.ci.scan.models import Category, Trouble


@dataclass(frozen=True, slots=True)
class Death:
    """How an attempt died.

    Attributes:
        trouble: What it is a sign of.
        words: For people, after the name of the job.
        weights: What it says for which category.
    """

    trouble: Trouble
    words: str
    weights: Mapping[Category, float]

    @property
    def machine(self) -> bool:
        """Whether nothing but a machine does that."""
        return self.weights.keys() == {"INFRA_SUSPECTED"}


_SIGNALS = {"SIGILL": 132, "SIGABRT": 134, "SIGBUS": 135, "SIGFPE": 136}
_SIGNALS |= {"SIGKILL": 137, "SIGSEGV": 139, "SIGTERM": 143, "SIGINT": 130}

_REASONS: Mapping[str, str] = {
    "agent_stop": "its agent was stopped under it",
    "agent_refused": "its agent refused to run it",
    "agent_incompatible": "its agent cannot run such jobs",
    "signature_rejected": "its agent did not accept the signature of the job",
    "process_run_error": "its agent could not start the command",
    "stack_error": "the stack that runs the agents failed",
}

_LOST: Mapping[Category, float] = {"INFRA_SUSPECTED": weights.AGENT_LOST}
_CRASH: Mapping[Category, float] = {"NEW_REGRESSION": weights.CRASHED}
_MISSING: Mapping[Category, float] = {
    "INFRA_SUSPECTED": weights.NO_COMMAND,
    "NEEDS_HUMAN_TRIAGE": weights.NO_COMMAND,
}
_STOPPED: Mapping[Category, float] = {
    "INFRA_SUSPECTED": weights.TOLD_TO_STOP,
    "NEEDS_HUMAN_TRIAGE": weights.TOLD_TO_STOP,
}
_EXITS: Mapping[int, tuple[Trouble, Mapping[Category, float]]] = {
    -1: ("agent_lost", _LOST),
    125: ("setup", {"INFRA_SUSPECTED": weights.NOT_STARTED}),
    126: ("setup", _MISSING),
    127: ("setup", _MISSING),
    130: ("unknown", _STOPPED),
    132: ("crash", _CRASH),
    134: ("crash", _CRASH),
    135: ("crash", _CRASH),
    136: ("crash", _CRASH),
    137: ("out_of_memory", {"INFRA_SUSPECTED": weights.KILLED}),
    139: ("crash", _CRASH),
    143: ("unknown", _STOPPED),
}


def death(attempt: Attempt) -> Death | None:
    """How an attempt died; None where its command ended and said what it had to say."""
    if attempt.state == "startup_failure":
        return Death("agent_lost", "no agent took it before it expired", _LOST)
    if why := _REASONS.get(attempt.signal_reason or ""):
        return Death("agent_lost", why, _LOST)
    if attempt.state == "timed_out":
        return Death("timeout", "it ran into its time limit", weights.OUT_OF_TIME)
    status = _SIGNALS.get(attempt.signal or "", attempt.exit_status or 0)
    if status not in _EXITS:
        return None
    trouble, said = _EXITS[status]
    meaning = EXITS[status][2] if status in EXITS else "it was interrupted"
    return Death(trouble, f"{_status(attempt)}: {meaning}", said)


def _status(attempt: Attempt) -> str:
    if attempt.exit_status in {None, -1} and attempt.signal:
        return attempt.signal
    return f"exit status {attempt.exit_status}"
