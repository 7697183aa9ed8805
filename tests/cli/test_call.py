from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.desk import Desk


def called(desk: Desk, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = desk.run("call", *arguments)
    return done.returncode, json.loads(done.stdout)


def test_the_result_is_printed_as_json(desk: Desk) -> None:
    status, found = called(desk, "ward_look", "bed_id=3", "mode=short")
    assert (status, found["outcome"], found["patient"]) == (0, "ok", "patient 3")


@pytest.mark.parametrize("tool", ["hud_trunk_status", "get_hud_data"])
def test_a_tool_of_a_toolset_that_is_off_says_what_switches_it_on(
    desk: Desk, tool: str
) -> None:
    status, found = called(desk, tool)
    assert (status, found["error"]["kind"]) == (1, "not_found")
    assert found["error"]["hint"].startswith("toolset hud is off, not configured: set ")
    assert called(desk, tool, "--toolsets", "logs")[1]["error"]["hint"] == (
        "toolset hud is off, not named in --toolsets"
    )


def test_an_old_name_answers_without_a_word_on_stderr(desk: Desk) -> None:
    done = desk.run("call", "get_bed", "number=4")
    assert json.loads(done.stdout)["name"] == "patient 4"
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--json", '{"prefix": "12", "limit": 5}'], id="object"),
        pytest.param(["prefix=12", "limit=5"], id="names"),
        pytest.param(["--json", '{"prefix": "9"}', "prefix=12", "limit=5"], id="both"),
    ],
)
def test_arguments_are_given_by_name_or_as_an_object(
    desk: Desk, arguments: list[str]
) -> None:
    _, found = called(desk, "ward_beds", *arguments)
    assert (found["prefix"], found["limit"], len(found["beds"])) == ("12", 5, 5)


def test_a_name_given_again_makes_a_list(desk: Desk) -> None:
    for name in ("a.log", "b.log"):
        (desk.work / name).write_text("one\nerror: two\n", encoding="utf-8")
    _, found = called(desk, "logs_search", "logs=a.log", "logs=b.log", "pattern=error")
    assert (found["logs"], found["total"]) == (["a.log", "b.log"], 2)


def test_text_that_looks_like_json_stays_text_where_text_is_wanted(desk: Desk) -> None:
    _, found = called(desk, "ward_beds", 'prefix=["1"]')
    assert (found["prefix"], found["error"]) == ('["1"]', None)


@pytest.mark.parametrize(
    ("tool", "kind"),
    [("ward_look", "bad_request"), ("ward_nothing", "not_found")],
)
def test_an_error_is_a_result_and_a_status(desk: Desk, tool: str, kind: str) -> None:
    status, found = called(desk, tool)
    assert (status, found["outcome"], found["error"]["kind"]) == (1, "error", kind)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no-tool"),
        pytest.param(["ward_look", "3"], id="no-name"),
        pytest.param(["ward_look", "=3"], id="empty-name"),
        pytest.param(["ward_look", "--json", "{"], id="broken-json"),
        pytest.param(["ward_look", "--json", "[1]"], id="no-object"),
        pytest.param(["ward_look", "--toolsets", "nothing"], id="no-toolset"),
    ],
)
def test_bad_usage_is_one_line(desk: Desk, arguments: list[str]) -> None:
    done = desk.run("call", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


WRITE = ["call", "--write", "ward_discharge", "bed_id=5", "reason=well"]


def test_without_a_terminal_a_change_is_only_described(desk: Desk) -> None:
    done = desk.run(*WRITE, stdin="y\n")
    found = json.loads(done.stdout)
    assert (done.returncode, found["outcome"]) == (0, "confirmation_required")
    assert found["confirm_with"]["arguments"]["confirm"] is True


def at_a_terminal(
    desk: Desk, typed: str, command: list[str]
) -> tuple[dict[str, Any], str]:
    """The result, and what the person saw."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        desk.command(*command),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=desk.work,
        env=desk.environment,
    ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        assert process.stdout is not None
        found = json.loads(process.stdout.read())
    seen = os.read(ours, 1 << 16).decode()
    os.close(ours)
    return found, seen


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [
        pytest.param("y\n", "ok", id="yes"),
        pytest.param("YES\n", "ok", id="in-capitals"),
        pytest.param("n\n", "declined", id="no"),
        pytest.param("\n", "declined", id="nothing"),
        pytest.param("\x04", "cancelled", id="end-of-input"),
    ],
)
def test_a_person_at_a_terminal_is_asked_first(
    desk: Desk, typed: str, outcome: str
) -> None:
    found, seen = at_a_terminal(desk, typed, WRITE)
    assert found["outcome"] == outcome
    assert (found["beds_left"] is not None) == (outcome == "ok")
    assert "[y/N]" in seen
    assert "bed 5" in seen


@pytest.mark.parametrize(
    ("typed", "outcome"), [("well\ny\n", "ok"), ("\n", "cancelled")]
)
def test_a_person_is_asked_for_what_is_missing(
    desk: Desk, typed: str, outcome: str
) -> None:
    found, seen = at_a_terminal(desk, typed, WRITE[:-1])
    assert found["outcome"] == outcome
    assert "reason (well" in seen
