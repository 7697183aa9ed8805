"""What jobs say that run no tests: they build images, check style, make documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.sayings import saying

if TYPE_CHECKING:
    from sickbay.simulators.buildkite.logs import Run

TOPICS = {"pre-commit": "style", "docs": "docs"}


def lines(run: Run) -> list[str]:
    """What the job itself says, before its end."""
    topic = next((TOPICS[word] for word in TOPICS if word in run.command), "image")
    said = saying(topic)
    if run.way == "passed" and run.finished is not None:
        return said
    half = said[: len(said) // 2 + 1]
    return [*half, "Killed\r\n"] if run.way == "oom_killed" else half
