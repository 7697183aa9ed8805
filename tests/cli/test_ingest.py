from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.history.ingest.stand import FAILED, SHA, case, suite, written
from tests.toolsets.buildkite.stand import desk_at, shared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.desk import Desk

PLACE = ("--commit", SHA, "--branch", "main", "--pipeline", "acme/ci", "--build", "77")
CI = (
    *("GITHUB_ACTIONS", "BUILDKITE", "GITLAB_CI", "CIRCLECI", "TF_BUILD", "TRAVIS"),
    "JENKINS_URL",
)


@pytest.fixture
def at_home(tmp_path: Path) -> Desk:
    """A machine that is no CI's, with a simulated Buildkite."""
    made = desk_at(tmp_path, shared())
    made.variables.update(dict.fromkeys(CI, ""))
    return made


def test_junit_files_go_into_the_history_in_one_line(at_home: Desk) -> None:
    written(at_home.work / "reports", a__unit=suite(case("x"), case("y", FAILED)))
    (at_home.work / "reports" / "page.xml").write_text("<html/>")
    done = at_home.run("ingest", "junit", "reports/**/*.xml", *PLACE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Kept 1 build of acme/ci" in done.stdout
    assert "1 job, 2 results, 1 of them failed" in done.stdout
    assert "page.xml" in done.stdout
    again = at_home.main(
        *("history", "ingest", "junit", "reports", *PLACE, "--job", "gpu"),
        *("--format", "json"),
    )
    document = json.loads(again.stdout)
    assert (document["schema"], document["builds"], document["failed"]) == (1, 1, 1)
    assert [one["why"] for one in document["skipped"]]


def test_what_is_wrong_is_said_in_one_line(at_home: Desk) -> None:
    (at_home.work / "page.xml").write_text("<html/>")
    for arguments, said in (
        (("junit", "no.xml", *PLACE), "no file fits no.xml"),
        (("junit", "page.xml", *PLACE), "page.xml: "),
        (("junit", *PLACE), "no file is named"),
        (("junit", "page.xml", "--shard", "x"), "see sickbay history ingest junit"),
        (("junit", "page.xml"), "--commit"),
        (("hud",), "nothing says where hud is"),
        (("somewhere",), "junit"),
    ):
        done = at_home.main("ingest", *arguments)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert said in line


def test_builds_are_read_once(at_home: Desk) -> None:
    few = ("ingest", "buildkite", "--since", "9d", "--branch", "*", "--logs", "2")
    first = at_home.main(*few, "--most", "3", "--format", "json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["builds"] == 3
    again = at_home.main(*few, "--most", "2", "--format", "json")
    document = json.loads(again.stdout)
    assert (document["builds"], document["present"]) == (2, 3)
    assert document["pipeline"] == "vllm/ci"


def test_who_interrupts_it_hears_that_it_goes_on(at_home: Desk) -> None:
    few = ("ingest", "buildkite", "--since", "9d", "--branch", "*", "--logs", "2")
    running = subprocess.Popen(
        at_home.command(*few),
        cwd=at_home.work,
        env=at_home.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    kept = at_home.work.parent.glob("**/history/builds/_delta_log/*.json")
    with running:
        assert running.stderr is not None
        while running.poll() is None and not list(kept):
            kept = at_home.work.parent.glob("**/history/builds/_delta_log/*.json")
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert running.returncode == 130
    assert "interrupted; what was read is kept" in said
    again = at_home.main(*few, "--most", "1", "--format", "json")
    assert json.loads(again.stdout)["present"] >= 1


def test_watching_looks_again_until_it_is_interrupted(at_home: Desk) -> None:
    watch = (
        "--since",
        "1d",
        "--most",
        "1",
        "--logs",
        "1",
        "--watch",
        "--every",
        "0.05",
    )
    running = subprocess.Popen(
        at_home.command("ingest", "buildkite", *watch, "--format", "json"),
        cwd=at_home.work,
        env=at_home.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stdout is not None
        looks = 0
        for line in running.stdout:
            looks += line == "}\n"
            if looks == 2:
                break
        running.send_signal(signal.SIGINT)
        running.stdout.read()
    assert running.returncode == 130


def test_a_person_sees_how_far_it_is(at_home: Desk) -> None:
    written(at_home.work / "reports", **{f"r{n}": suite(case("x")) for n in range(3)})
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        at_home.command("ingest", "junit", "reports", *PLACE),
        cwd=at_home.work,
        env={**at_home.environment, "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    with running:
        while select.select([ours], [], [], 30)[0]:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            said += part
    os.close(ours)
    assert running.returncode == 0
    assert b"Reading" in said
