from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from sickbay.render.plain import columns
from tests.toolsets.history.stand import desk_at
from tests.toolsets.history.stories import BREAKS, EVIL, FLAKY, STEADY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.desk import Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Desk:
    return desk_at(tmp_path_factory.mktemp("desk"), store)


def shown(desk: Desk, *arguments: object, status: int = 0) -> str:
    done = desk.main("history", *arguments)
    assert (done.returncode, done.stderr) == (status, "")
    return done.stdout


def test_a_test_is_a_verdict_a_strip_and_its_failures(desk: Desk) -> None:
    page = shown(desk, "test", BREAKS.test_id)
    assert page.startswith(f"{BREAKS.test_id}\nREGRESSION (HIGH, ")
    assert "first bad: build 31, commit " in page
    assert f"all {'✓' * 30}{'✗' * 10}\n" in page
    assert "^ changed with build 31" in page
    assert "unit tests: AssertionError: it broke" in page
    assert "and 7 older builds" in page
    assert f"Next: sickbay history culprit {BREAKS.test_id}" in page


def test_markdown_is_the_summary(desk: Desk) -> None:
    page = shown(desk, "test", BREAKS.test_id, "--format", "markdown")
    assert page.startswith(f"# {BREAKS.test_id}\n\n**REGRESSION**")


def test_json_has_all_builds(desk: Desk) -> None:
    found = json.loads(shown(desk, "test", BREAKS.test_id, "--format", "json"))
    assert found["schema"] == 1
    assert len(found["timeline"]) == 40


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(("test", BREAKS.test_id), 1, id="broken"),
        pytest.param(("test", FLAKY.test_id), 0, id="now and then"),
        pytest.param(("flaky",), 1, id="some are flaky"),
        pytest.param(("flaky", "--least-score", "0.9"), 0, id="none is"),
        pytest.param(("culprit", BREAKS.test_id), 1, id="a suspect"),
        pytest.param(("culprit", STEADY[0].test_id), 0, id="no suspect"),
    ],
)
def test_a_script_can_ask(desk: Desk, arguments: tuple[str, ...], status: int) -> None:
    shown(desk, *arguments, "--check", status=status)


def test_the_flaky_ones_are_a_table(desk: Desk) -> None:
    page = shown(desk, "flaky")
    assert FLAKY.test_id in page
    assert "6 of 40" in page
    assert "1 flaky test, 0.1 min lost." in page


def test_the_culprit_has_its_chance_and_what_to_test_next(desk: Desk) -> None:
    page = shown(desk, "culprit", BREAKS.test_id)
    assert "1 suspect with " in page
    assert "Change 31 (#31) by ann" in page
    assert "Test next: " in page
    assert "no commit: a flake" in page


def test_a_picture_goes_into_a_file(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "strip.png"
    done = desk.main("history", "test", BREAKS.test_id, "--png", file)
    assert done.returncode == 0
    assert done.stderr == f"sickbay: wrote {file}\n"
    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_file_that_cannot_be_written_is_told(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = desk.main("history", "test", BREAKS.test_id, "--png", tmp_path)
    assert done.returncode == 2
    assert "--png" in done.stderr


def test_an_unknown_test_is_bad_usage_with_a_hint(desk: Desk) -> None:
    done = desk.main("history", "test", "t/test_a.py::test_braks")
    assert done.returncode == 2
    assert BREAKS.test_id in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["test", "culprit"])
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_attack_what_strangers_wrote_stays_text(
    desk: Desk, command: str, form: str
) -> None:
    page = shown(desk, command, EVIL, "--format", form)
    assert not any(sign in page for sign in ("\x1b", "\u202e"))
    if form == "text":
        assert all(columns(row) <= 100 for row in page.splitlines())
    else:
        assert "<!channel>" not in re.sub(r"(`+).*?\1", "", page)


def test_the_command_starts_as_a_process_of_its_own(desk: Desk) -> None:
    done = desk.run("history", "test", FLAKY.test_id)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{FLAKY.test_id}\nSPORADIC")
    assert done.stderr == ""
