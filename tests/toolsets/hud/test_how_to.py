"""What the page about watching the trunk tells to type works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.simulators.hud import hud_at
from tests.toolsets.hud.stand import desk_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.desk import Desk

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "watch-the-trunk.md"
COMMANDS = [
    command
    for command in re.findall(
        r"^sickbay (hud [^#>\n]*[^#>\s])", PAGE.read_text(), re.MULTILINE
    )
    if "--sql" not in command
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A machine whose HUD is as large as that of ``sickbay simulate hud``."""
    with hud_at(commits=300) as hud:
        yield desk_at(tmp_path_factory.mktemp("desk"), hud)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_page_works_as_it_stands_there(desk: Desk, command: str) -> None:
    done = desk.main(*shlex.split(command))
    expected = 1 if "--check" in command else 0
    assert (done.returncode, done.stderr) == (expected, "")
    assert done.stdout


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) > 10
