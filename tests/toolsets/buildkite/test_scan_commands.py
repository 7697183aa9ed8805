from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.render.plain import columns
from tests.toolsets.buildkite.stand import CANARIES, CANARY, desk_at, shared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path, shared())


@cache
def red() -> int:
    """The newest nightly that failed for good."""
    site = shared()
    for number in reversed(site.world.nightlies):
        build = site.get(site.builds(number), token=CANARY).json()
        if build["state"] == "failed":
            return int(number)
    raise AssertionError("no nightly ever failed")


def shown(desk: Desk, *arguments: object) -> str:
    """What a command says when it works."""
    done = desk.main("buildkite", *arguments)
    assert done.returncode == 0, done.stderr
    assert not any(canary in done.stdout for canary in CANARIES)
    return done.stdout


def told(desk: Desk, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shown(desk, *arguments, "--format", "json"))
    assert found["schema"] == 1
    return found


def test_the_page_says_the_verdict_then_causes_then_what_lacks(desk: Desk) -> None:
    page = shown(desk, "scan", red())
    assert page.startswith(f"Nightly build {red()} FAILED: ")
    places = [
        page.index(words)
        for words in (
            "https://buildkite.com/vllm/ci/builds/",
            " sure, ",
            "Not looked at: no checkout",
            "logs of failed attempts",
            "All of it: sickbay buildkite report ",
        )
    ]
    assert places == sorted(places)


def test_no_line_of_the_page_is_wider_than_the_terminal(desk: Desk) -> None:
    desk.variables["COLUMNS"] = "72"
    for row in shown(desk, "scan", red()).splitlines():
        assert columns(row) <= 72, row


def test_json_has_every_test_and_job_of_a_cause(desk: Desk) -> None:
    found = told(desk, "scan", red())
    assert found["next_cursor"] is None
    for cause in found["causes"]:
        assert len(cause["tests"]) == cause["test_count"]
        assert len({job["job_id"] for job in cause["jobs"]}) >= cause["job_count"]


def test_every_failed_job_is_linked_from_a_cause(desk: Desk) -> None:
    site = shared()
    path = f"{site.builds(red())}?include_retried_jobs=true"
    build = site.get(path, token=CANARY).json()
    failed = {
        job["id"]
        for job in build["jobs"]
        if job["type"] == "script"
        and job["state"] in {"failed", "timed_out", "expired"}
        and not job["retried"]
    }
    found = told(desk, "scan", red())
    rows = [job for cause in found["causes"] for job in cause["jobs"]]
    assert failed <= {row["job_id"] for row in rows}
    assert all(row["url"].endswith(row["job_id"]) for row in rows)
    assert found["jobs"]["failed"] == len(failed)


def test_a_red_build_is_a_failure_where_a_script_asks(desk: Desk) -> None:
    assert desk.main("buildkite", "scan", red(), "--check").returncode == 1


def test_the_nightly_is_scanned_by_its_name(desk: Desk) -> None:
    newest = shared().world.nightlies[-1]
    assert shown(desk, "nightly").startswith(f"Nightly build {newest} ")


def test_markdown_has_no_colours(desk: Desk) -> None:
    desk.variables["FORCE_COLOR"] = "1"
    page = shown(desk, "scan", red(), "--format", "markdown")
    assert page.startswith(f"## Nightly build {red()} FAILED: ")
    assert "\x1b" not in page


def test_a_report_needs_no_second_scan(desk: Desk) -> None:
    scan_id = told(desk, "scan", red())["scan_id"]
    before = len(shared().asked)
    line = shown(desk, "report", scan_id, "--format", "standup")
    assert line.startswith(f"Nightly build [{red()}](")
    assert len(shared().asked) == before


def test_a_report_on_a_build_scans_it_first(desk: Desk) -> None:
    assert shown(desk, "report", red()).startswith("# Daily Findings - ")


def test_a_kept_scan_is_shown_again_as_page_and_as_json(desk: Desk) -> None:
    first = told(desk, "scan", red())
    page = shown(desk, "report", first["scan_id"], "--format", "text")
    assert page.startswith(f"Nightly build {red()} FAILED: ")
    again = told(desk, "report", first["scan_id"])
    assert again["causes"] == first["causes"]


def test_one_cause_becomes_the_text_of_an_issue(desk: Desk) -> None:
    scan = told(desk, "scan", red())
    cause = scan["causes"][0]
    given = ("report", scan["scan_id"], "--cause", cause["cause_id"])
    assert shown(desk, *given).startswith("[CI Failure]: ")


def test_a_cause_that_is_not_there_is_told_with_those_that_are(desk: Desk) -> None:
    scan = told(desk, "scan", red())
    done = desk.main("buildkite", "report", scan["scan_id"], "--cause", "nobody")
    assert done.returncode == 2
    assert scan["causes"][0]["cause_id"] in done.stderr


def test_a_scan_that_is_gone_is_told_so(desk: Desk) -> None:
    done = desk.main("buildkite", "report", "1-0123456789")
    assert done.returncode == 2
    assert "there is no scan 1-0123456789 any more" in done.stderr


def test_two_builds_are_compared_on_a_page(desk: Desk) -> None:
    page = shown(desk, "compare", red())
    assert page.startswith(f"Nightly build {red()} FAILED, commit ")
    assert "\nAgainst Nightly build " in page
    assert "Next: sickbay buildkite report " in page
