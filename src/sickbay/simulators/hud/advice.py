"""What an adviser says of the failures of pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.simulators.hud.commits import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.pulls import Category, Pull
    from sickbay.simulators.hud.world import World

VERDICTS: dict[Category, str] = {
    "NEW_FAILURE": "related",
    "BROKEN_TRUNK": "not_related",
    "FLAKY": "not_related",
    "INFRA_FLAKE": "infra_issue",
    "UNSTABLE": "garbage",
    "UNKNOWN": "unsure",
}
REASONS = {
    "related": "It fails for the first time, and its base passed.",
    "not_related": "The same fails on commits that have nothing to do with it.",
    "infra_issue": "The machine left no log.",
    "garbage": "The job is known to fail.",
    "unsure": "The job did not run on the base.",
}


def verdicts(world: World, pull: Pull) -> Iterator[dict[str, object]]:
    """A verdict for each failing job that the adviser has looked at."""
    head = world.commit(pull.heads[-1])
    for place, (job, category) in enumerate(pull.truth.items()):
        if category in VERDICTS:
            yield {
                "sha": head.sha,
                "signal_key": job,
                "signal_source": "job",
                "workflow_name": job.partition(" / ")[0],
                "verdict": VERDICTS[category],
                "confidence": 0.9 - 0.05 * (place % 5),
                "summary": f"{job} is {VERDICTS[category].replace('_', ' ')}",
                "causal_reasoning": REASONS[VERDICTS[category]],
                "run_id": 15_000_000_000 + place,
                "pr_number": pull.number,
                "timestamp": iso(head.time + 9000, millis=True),
            }
