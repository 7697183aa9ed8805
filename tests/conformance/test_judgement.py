from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.conformance.judgement import Check, checks, expected, judge, required
from tests.conformance.run import ERAS, EXPECTED, REQUIREMENTS, SUITE

if TYPE_CHECKING:
    from pathlib import Path

PASSED = Check("ping", "ping", "SUCCESS", "")
FAILED = Check("ping", "ping-empty", "FAILURE", "not empty")
WARNED = Check("ping", "ping-soon", "WARNING", "late")


@pytest.mark.parametrize(
    ("found", "reasons", "scenarios", "problems"),
    [
        pytest.param([PASSED], {}, {"passed": 1}, 0, id="passed"),
        pytest.param([PASSED, FAILED], {}, {"failed": 1}, 1, id="failed"),
        pytest.param([PASSED, WARNED], {}, {"failed": 1}, 1, id="a-warning-counts"),
        pytest.param(
            [PASSED, FAILED],
            {"ping": "why"},
            {"expected": 1},
            0,
            id="scenario-expected",
        ),
        pytest.param(
            [FAILED, WARNED],
            {"ping:ping-soon": "why"},
            {"failed": 1},
            1,
            id="one-check-expected-and-another-failed",
        ),
        pytest.param([PASSED], {"ping": "why"}, {"passed": 1}, 1, id="stale"),
        pytest.param([], {"ping": "why"}, {}, 1, id="expected-but-never-run"),
        pytest.param(
            [Check("tasks", "tasks", "SKIPPED", "")],
            {},
            {"skipped": 1},
            0,
            id="skipped",
        ),
    ],
)
def test_only_what_is_expected_may_fail_and_must(
    found: list[Check],
    reasons: dict[str, str],
    scenarios: dict[str, int],
    problems: int,
) -> None:
    judgement = judge(found, reasons)
    assert dict(judgement.scenarios) == scenarios
    assert len(judgement.problems) == problems


def test_a_problem_says_what_failed_and_how() -> None:
    (problem,) = judge([FAILED], {}).problems
    assert problem == "ping:ping-empty (FAILURE): not empty"


def test_checks_are_found_under_their_scenario(tmp_path: Path) -> None:
    folder = tmp_path / "server-tools-call-image-2026-11-21T15-44-53-742Z"
    folder.mkdir()
    check = {"id": "image", "status": "FAILURE", "errorMessage": "none"}
    (folder / "checks.json").write_text(json.dumps([check]))
    assert checks(tmp_path) == [Check("tools-call-image", "image", "FAILURE", "none")]


@pytest.mark.parametrize("era", ERAS)
def test_every_expected_failure_has_a_reason_in_a_sentence(era: str) -> None:
    reasons = expected(EXPECTED.read_text("utf-8"), era)
    assert reasons
    assert all(re.fullmatch(r"[A-Z].{20,}\.", reason) for reason in reasons.values())


def test_a_scenario_that_never_ran_is_a_problem() -> None:
    assert judge([PASSED], {}, ["ping", "tools-list"]).problems == (
        "tools-list: never run",
    )


@pytest.mark.skipif(not SUITE.exists(), reason="the suite is not installed: make node")
@pytest.mark.parametrize("era", ERAS)
def test_the_suite_says_which_scenarios_an_era_requires(era: str) -> None:
    scenarios = required((REQUIREMENTS / f"{era}.yaml").read_text("utf-8"))
    assert {"tools-list", "dns-rebinding-protection"} < set(scenarios)
    assert not any(scenario.startswith("auth/") for scenario in scenarios)
