"""A third of all requests go wrong: what the tools about jobs and tests then say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulators.hud import hud_at
from tests.toolsets.hud.cases_jobs import BEFORE, BROKEN, FAILED, STORY
from tests.toolsets.hud.stand import Stand, shared
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("429", "500", "502", "reset", "cut", "truncated")
CALLS: dict[str, dict[str, Any]] = {
    "hud_job": {"job_id": FAILED[-1]},
    "hud_explain_job": {"jobs": [str(job_id) for job_id in FAILED[-4:]]},
    "hud_similar_failures": {"failure": STORY.cause},
    "hud_failure_history": {"job_id": FAILED[-1]},
    "hud_flaky_tests": {"name": "test_multiprocessing_iterdatapipe"},
    "hud_disabled_tests": {"history": "7d"},
    "hud_test_status_changes": {"sha1": BEFORE, "sha2": STORY.first_bad},
    "hud_pr_triage": {"pr": BROKEN},
}


def made(folder: Path, hud: Any) -> Stand:  # noqa: ANN401 - a simulated one
    given = {**samples.settings(folder), "toolsets": "hud"}
    return Stand(folder, hud, **given)


def core(told: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, but how it went and where its HUD is."""
    rest = {"outcome", "coverage", "next_cursor", "log", "untrusted", "whole"}
    return {key: value for key, value in told.items() if key not in rest}


@pytest.mark.parametrize("tool", sorted(CALLS))
def test_whatever_goes_wrong_the_answer_is_right_or_says_what_is_missing(
    tmp_path: Path, tool: str
) -> None:
    right = made(tmp_path / "right", shared()).ask(tool, **CALLS[tool])
    with hud_at(share=0.3, kinds=KINDS, seed=5) as hud:
        told = made(tmp_path / "wrong", hud).ask(tool, **CALLS[tool])
    if told["outcome"] == right["outcome"]:
        assert core(told) == core(right)
    elif told["outcome"] == "error":
        assert told["error"]["message"]
        assert told["error"]["retryable"] is True
    else:
        assert told["outcome"] == "partial"
        assert all(item["why"] for item in told["coverage"]["skipped"])
