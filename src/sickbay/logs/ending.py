"""How the job ended, by what the CI itself says last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor

if TYPE_CHECKING:
    from sickbay.logs.log import Log

ANCHORS = (
    Anchor(
        "ending.success",
        r"^Done\. Your build exited with 0\.$|^Finished: SUCCESS$|^Job succeeded$",
    ),
    Anchor("ending.cleanup", r"^Cleaning up orphan processes"),
    Anchor("ending.alarm", r"^##\[error\]"),
    Anchor("ending.hook", r"^~~~ (?:Running .*pre-exit hook|Uploading artifacts)"),
    Anchor(
        "ending.agent",
        "\U0001f6a8 Error: |^user command error: |^# Received cancellation signal",
    ),
)

LAST_WORDS = 200
"""Lines from the end within which a CI says how the job ended."""

CALM = (("ending.cleanup", "ending.alarm"), ("ending.hook", "ending.agent"))
"""What a runner does last, and what it says before that if the job has failed."""


def succeeded(log: Log) -> bool:
    """Whether the CI says, in its last words, that the job went well.

    GitHub's runner and Buildkite's agent say so by silence: both put a line of their
    own before whatever failed, and tidy up after it.
    """
    if _said_last(log, "ending.success"):
        return True
    return any(
        _said_last(log, calm) and not log.marks.at(alarm) for calm, alarm in CALM
    )


def _said_last(log: Log, name: str) -> bool:
    said = log.marks.at(name)
    return bool(said) and said[-1] >= log.lines.total - LAST_WORDS
