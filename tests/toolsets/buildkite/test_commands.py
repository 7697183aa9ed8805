from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.render.plain import columns
from tests.toolsets.buildkite.cases import FAILED, LOGS, NIGHTLY, PLACE
from tests.toolsets.buildkite.stand import desk_at, shared, site_at
from tests.toolsets.buildkite.test_changes import WAITING, writes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.desk import Desk
    from tests.simulators.buildkite import Site


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_at(tmp_path_factory.mktemp("desk"), shared())


@pytest.fixture
def site() -> Iterator[Site]:
    with site_at(own=True) as found:
        yield found


def shown(desk: Desk, *arguments: object) -> str:
    done = desk.main("buildkite", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def told(desk: Desk, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shown(desk, *arguments, "--format", "json"))
    assert found["schema"] == 1
    return found


def test_builds_become_a_table(desk: Desk) -> None:
    page = shown(desk, "builds", "--message", "nightly", "--limit", 2)
    head, first, *_ = page.splitlines()
    assert head.split()[:2] == ["build", "state"]
    assert first.split()[:2] == [str(NIGHTLY), "failed"]
    found = told(desk, "builds", "--message", "nightly", "--limit", 2)
    assert found["builds"][0]["build_number"] == NIGHTLY


def test_a_build_shows_its_failed_jobs_before_all_others(desk: Desk) -> None:
    page = shown(desk, "build", NIGHTLY)
    assert page.startswith(f"FAILED build {NIGHTLY} of vllm/ci")
    assert f"Next: sickbay buildkite scan {NIGHTLY}" in page
    found = told(desk, "build", NIGHTLY)
    hard = found["counts"]["hard"]
    assert f"\n{hard} failed\n" in page
    assert len([job for job in found["jobs"] if job["ending"] == "failed"]) == hard


def test_a_red_build_is_a_failure_where_a_script_asks(desk: Desk) -> None:
    assert desk.main("buildkite", "build", NIGHTLY, "--check").returncode == 1
    assert desk.main("buildkite", "build", NIGHTLY).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["builds"], id="builds"),
        pytest.param(["build", NIGHTLY], id="build"),
        pytest.param(["job", LOGS[0]], id="job"),
        pytest.param(["annotations", NIGHTLY], id="annotations"),
        pytest.param(["artifacts", NIGHTLY], id="artifacts"),
    ],
)
def test_no_line_is_wider_than_the_terminal(desk: Desk, arguments: list[Any]) -> None:
    desk.variables["COLUMNS"] = "76"
    for row in shown(desk, *arguments).splitlines():
        assert columns(row) <= 76, row


def test_a_job_says_why_it_failed(desk: Desk) -> None:
    page = shown(desk, "job", LOGS[0])
    assert "Why: " in page
    assert f"Log: {LOGS[0]}" in page
    many = shown(desk, "job", *LOGS[:6])
    assert "of one cause: " in many


def test_the_end_of_a_log_is_shown_as_it_is(desk: Desk) -> None:
    page = shown(desk, "log", LOGS[0], "--lines", 5)
    found = told(desk, "log", LOGS[0], "--lines", 5)
    assert len(found["lines"]) == 5
    assert found["lines"][-1].strip() in page
    assert f"Next: sickbay explain {LOGS[0]}" in " ".join(page.split())


def test_a_log_of_buildkite_is_explained_by_its_handle(desk: Desk) -> None:
    done = desk.main("explain", LOGS[0], "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ci"] == "buildkite"


def test_pages_as_markdown_name_nobody_and_break_nothing(desk: Desk) -> None:
    for command in (["build", NIGHTLY], ["annotations", NIGHTLY], ["builds"]):
        page = shown(desk, *command, "--format", "markdown")
        assert "\x1b" not in page
        assert "@" not in re.sub(r"`[^`]*`", "", page).replace("@\u200b", "")


def test_artifacts_end_with_their_number_and_size(desk: Desk) -> None:
    page = shown(desk, "artifacts", NIGHTLY, "--path", "junit/*.xml")
    found = told(desk, "artifacts", NIGHTLY, "--path", "junit/*.xml")
    assert f"{len(found['artifacts'])} artifacts, " in page.splitlines()[-1]


def test_a_saved_build_is_read_without_buildkite(tmp_path: Path) -> None:
    desk = desk_at(tmp_path, shared())
    page = shown(desk, "save", NIGHTLY, "kept", "--logs", "none")
    assert page.startswith("Saved ")
    calm = told(desk, "build", NIGHTLY)
    before = len(shared().asked)
    desk.variables["SICKBAY_BUILDKITE__FOLDER"] = str(desk.work / "kept")
    found = told(desk, "build", NIGHTLY)
    assert found["counts"] == calm["counts"]
    assert found["build_info"]["commit"] == calm["build_info"]["commit"]
    assert len(shared().asked) == before


def test_a_change_needs_writes_to_be_on(desk: Desk) -> None:
    done = desk.main("buildkite", "retry", LOGS[0])
    assert done.returncode == 2
    assert "add --write" in done.stderr


def test_a_change_is_only_described_where_nobody_agreed(
    tmp_path: Path, site: Site
) -> None:
    desk = desk_at(tmp_path, site)
    done = desk.main("buildkite", "retry", LOGS[0], "--write")
    assert done.returncode == 1
    assert "CONFIRMATION REQUIRED run the job again" in done.stdout
    assert "add --yes" in done.stdout
    assert not writes(site)


def test_a_change_that_was_agreed_to_is_made(tmp_path: Path, site: Site) -> None:
    desk = desk_at(tmp_path, site)
    page = shown(desk, "retry", LOGS[0], "--write", "--yes")
    assert page.startswith("OK run the job again: ")
    step = f"{PLACE}/{WAITING.job_id}"
    opened = shown(desk, "unblock", step, "--field", "why=a look", "--write", "--yes")
    assert opened.startswith("OK let the build go on")
    assert [path.rpartition("/")[2] for _, path in writes(site)] == ["retry", "unblock"]


def test_an_issue_is_shown_whole_and_then_opened(tmp_path: Path, site: Site) -> None:
    desk = desk_at(tmp_path, site)
    scan = told(desk, "scan", NIGHTLY)
    new = next(
        cause
        for cause in scan["causes"]
        if not (cause["issue"] and cause["issue"]["state"] == "open")
    )
    named = ("issue", scan["scan_id"], new["cause_id"], "--write")
    done = desk.main("buildkite", *named)
    assert done.returncode == 1
    assert "### Logs" in done.stdout
    assert shown(desk, *named, "--yes").startswith("OK open an issue on GitHub: ")
    assert shown(desk, *named, "--yes").startswith("ALREADY DONE")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["build", "nonsense"], "nonsense", id="build"),
        pytest.param(["build", "1"], "build vllm/ci/1", id="no such build"),
        pytest.param(["log", FAILED[0]], "names no job", id="id alone"),
        pytest.param(["builds", "--state", "red"], "--state", id="state"),
        pytest.param(["buildz"], 'Did you mean "build', id="command"),
        pytest.param(
            ["unblock", LOGS[0], "--field", "x", "--write"], "KEY=VALUE", id="field"
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    desk: Desk, arguments: list[str], said: str
) -> None:
    done = desk.main("buildkite", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.startswith("sickbay: ")


def test_doctor_tells_whether_buildkite_and_github_answer(desk: Desk) -> None:
    done = desk.main("doctor")
    for setting in ("url", "web_url", "github_url"):
        assert re.search(rf"ok  buildkite\.{setting} .* answers", done.stdout), setting
    assert "canary" not in done.stdout


def test_every_option_of_every_command_is_explained() -> None:
    from sickbay.toolsets.buildkite.cli import app  # noqa: PLC0415 - brings the commands

    names = [name for name in app if not name.startswith("-")]
    assert len(names) == 14
    for name in names:
        for argument in app[name].assemble_argument_collection(parse_docstring=True):
            assert argument.parameter.help, f"{name} {argument.name}"
