"""What the page about triage tells to type works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.toolsets.buildkite.stand import CANARY, desk_at, shared

if TYPE_CHECKING:
    from tests.cli.desk import Desk

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "triage-a-build.md"
COMMANDS = re.findall(
    r"^sickbay (buildkite [^#>\n]*[^#>\s])", PAGE.read_text(), re.MULTILINE
)
EXAMPLE = "64854"
"""The build of the page; the tests have another one."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_at(tmp_path_factory.mktemp("desk"), shared())


def is_red(number: int) -> bool:
    """Whether a build failed for good."""
    build = shared().get(shared().builds(number), token=CANARY).json()
    return bool(build["state"] == "failed")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_page_works_as_it_stands_there(desk: Desk, command: str) -> None:
    number = next(filter(is_red, reversed(shared().world.nightlies)))
    done = desk.main(*shlex.split(command.replace(EXAMPLE, str(number))))
    expected = 1 if "--check" in command else 0
    assert (done.returncode, done.stderr) == (expected, "")
    assert done.stdout


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) > 8
