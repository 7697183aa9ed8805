from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.render.plain import columns
from tests.toolsets.hud.stand import CANARY, desk_at, shared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A machine whose HUD is the shared one."""
    return desk_at(tmp_path, shared())


def shown(desk: Desk, *arguments: object) -> str:
    """What a command says when it works."""
    done = desk.main("hud", *arguments)
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout
    return done.stdout


def told(desk: Desk, *arguments: object) -> dict[str, Any]:
    """The same as JSON."""
    found: dict[str, Any] = json.loads(shown(desk, *arguments, "--format", "json"))
    assert found["schema"] == 1
    return found


def test_the_trunk_says_first_that_it_is_red_then_why_then_what_next(
    desk: Desk,
) -> None:
    story = shared().world.story("ongoing")
    assert story.culprit is not None
    page = shown(desk, "trunk")
    assert page.startswith("RED main of pytorch/pytorch: ")
    places = [
        page.index(words)
        for words in (
            "1. ongoing, code",
            f"Brought by: {story.culprit[:10]}",
            " fixed\n",
            " flaky\n",
            "✗ failed",
            "the newest 30 of 60 commits are drawn; --png draws all",
            "Looked at 60 commits.",
            "Next: sickbay hud job ",
        )
    ]
    assert places == sorted(places)


def test_no_line_of_the_page_is_wider_than_the_terminal(desk: Desk) -> None:
    desk.variables["COLUMNS"] = "72"
    for row in shown(desk, "trunk").splitlines():
        assert columns(row) <= 72, row


def test_jobs_that_failed_are_drawn_one_by_one_where_that_is_asked(
    desk: Desk,
) -> None:
    page = shown(desk, "trunk", "--jobs", "--commits", 60)
    assert "newest of " in page
    assert " without a failure" in page
    assert "✗✗✗✗" in page


def test_the_trunk_as_json_is_the_whole_result_of_the_tool(desk: Desk) -> None:
    found = told(desk, "trunk", "--commits", 60)
    assert found["health"] == "red"
    assert len(found["causes"]) == sum(found["verdicts"].values())
    assert found["next_cursor"] is None


def test_the_trunk_as_markdown_names_nobody_and_breaks_nothing(desk: Desk) -> None:
    page = shown(desk, "trunk", "--format", "markdown")
    assert page.startswith("**RED `main of pytorch/pytorch`")
    assert "```text\n" in page
    assert "\x1b" not in page


def test_a_red_trunk_is_a_failure_where_a_script_asks(desk: Desk) -> None:
    assert desk.main("hud", "trunk", "--check").returncode == 1


def test_the_grid_becomes_a_picture(desk: Desk) -> None:
    pytest.importorskip("matplotlib")
    file = desk.folder / "trunk.png"
    done = desk.main("hud", "trunk", "--commits", 9, "--png", file)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert done.stderr == f"sickbay: wrote {file}\n"


def test_a_picture_that_cannot_be_written_is_told(desk: Desk) -> None:
    pytest.importorskip("matplotlib")
    file = desk.folder / "no" / "trunk.png"
    done = desk.main("hud", "trunk", "--commits", 9, "--png", file)
    assert done.returncode == 2
    assert "--png: No such file or directory" in done.stderr


def test_a_commit_groups_its_failures_by_what_they_say(desk: Desk) -> None:
    story = shared().world.story("ongoing")
    page = shown(desk, "commit", story.first_bad)
    assert page.startswith(f"RED {story.first_bad[:10]} ")
    assert page.count(story.captures[0]) == 1
    assert any(job.split(" / ")[-1][:30] in page for job in story.jobs)
    found = told(desk, "commit", story.first_bad)
    assert found["commits"][0]["sha"] == story.first_bad
    assert {row["sha"] for row in found["jobs"]} == {story.first_bad}


def test_a_job_is_shown_and_explained_from_its_log(desk: Desk) -> None:
    story = shared().world.story("ongoing")
    found = told(desk, "trunk")
    job_id = found["causes"][0]["job_id"]
    plain = shown(desk, "job", job_id)
    assert plain.startswith("FAIL ")
    assert f"Next: sickbay hud job {job_id} --explain" in plain
    explained = shown(desk, "job", job_id, "--explain")
    assert "Why: " in explained
    assert story.captures[0].split("::")[-1] in explained
    document = told(desk, "job", job_id, "--explain")
    assert document["explanation"]["explained"][0]["job_id"] == job_id


def test_logs_of_the_hud_are_explained_by_their_handles(desk: Desk) -> None:
    failed = told(desk, "trunk")["causes"][0]["job_id"]
    done = desk.run("cluster", f"hud:{failed}", "hud:1", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (report,) = found["reports"]
    assert report["source"] == f"hud:{failed}"
    assert report["tests"]["failed"]
    (skipped,) = found["coverage"]["skipped"]
    assert "there is no log of job 1" in skipped["why"]


def test_a_pull_request_tells_its_own_failures_first(desk: Desk) -> None:
    number = next(
        number
        for number, pull in shared().world.pulls.items()
        if {"NEW_FAILURE", "FLAKY"} <= set(pull.truth.values())
    )
    page = shown(desk, "pr", number)
    assert page.startswith(f"#{number} ")
    assert page.index("Its own: ") < page.index("Flaky: ")
    found = told(desk, "pr", number)
    assert found["pull"]["sha"][:10] in page
    assert found["counts"]["new_failure"] >= 1


def test_a_query_becomes_a_table(desk: Desk) -> None:
    page = shown(desk, "query", "queued_jobs")
    head, *rows = page.splitlines()
    found = told(desk, "query", "queued_jobs")
    assert head.split()[0] == found["columns"][0]
    assert len(found["rows"]) == found["row_count"]
    assert rows
    assert shown(desk, "query", "queued_jobs", "--format", "markdown").startswith("| ")


def test_parameters_of_a_query_are_given_by_name(desk: Desk) -> None:
    given = ["-p", "timezone=UTC", "-p", "granularity=day", "-p", "usePercentage=false"]
    found = told(desk, "query", "master_commit_red", *given, "--time-range", "2d")
    assert found["sent"]["granularity"] == "day"
    assert found["rows"]


def test_without_a_name_the_queries_are_listed_by_group(desk: Desk) -> None:
    page = shown(desk, "query", "--search", "queued")
    assert "  queued_jobs: " in page
    assert "master_commit_red" not in page


def test_a_metric_is_a_sentence_and_a_table(desk: Desk) -> None:
    page = shown(desk, "metrics", "trunk_red", "--time-range", "2d")
    assert "commits red" in page.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["query", "queued_jobz"], "queued_jobs", id="query"),
        pytest.param(["query", "x", "-p", "y"], "give NAME=VALUE", id="parameter"),
        pytest.param(["query", "--sql", "select 1"], "CLICKHOUSE", id="sql"),
        pytest.param(["metrics", "redness"], "trunk_red", id="metric"),
        pytest.param(["job", "nonsense"], "nonsense", id="job"),
        pytest.param(["trunk", "--commits", "0"], "commits", id="commits"),
        pytest.param(["pr", "3"], "is there a pull request 3 in", id="pull request"),
        pytest.param(["metrics", "red"], '"trunk_red", "queued_jobs"', id="metric"),
        pytest.param(["trunck"], 'Did you mean "trunk"', id="command"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    desk: Desk, arguments: list[str], said: str
) -> None:
    done = desk.main("hud", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.startswith("sickbay: ")


def test_every_option_of_every_command_is_explained() -> None:
    from sickbay.toolsets.hud.cli import app  # noqa: PLC0415 - brings the commands

    names = ("trunk", "commit", "job", "pr", "query", "metrics")
    for name in names:
        for argument in app[name].assemble_argument_collection(parse_docstring=True):
            assert argument.parameter.help, f"{name} {argument.name}"
