"""What the page about changes tells to type works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.toolsets.buildkite.cases import LOGS, NIGHTLY
from tests.toolsets.buildkite.stand import desk_at, site_at
from tests.toolsets.buildkite.test_changes import WAITING, writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.desk import Desk
    from tests.simulators.buildkite import Site

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/use-buildkite-writes.md"
COMMANDS = re.findall(
    r"^sickbay (buildkite [^#>\n]*[^#>\s])", PAGE.read_text(), re.MULTILINE
)
KNOWN = {
    "64854": str(NIGHTLY),
    "JOB_ID": LOGS[0].rpartition("/")[2],
    "STEP_ID": WAITING.job_id,
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with site_at(own=True) as found:
        yield found


@pytest.fixture(scope="module")
def desk(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_at(tmp_path_factory.mktemp("desk"), site)


@pytest.mark.parametrize("command", [c for c in COMMANDS if "SCAN_ID" not in c])
def test_command_of_the_page_works_as_it_stands_there(
    desk: Desk, site: Site, command: str
) -> None:
    for word, meant in KNOWN.items():
        command = command.replace(word, meant)
    done = desk.main(*shlex.split(command))
    changes = "--write" in command
    assert (done.returncode, done.stderr) == (1 if changes else 0, "")
    assert ("CONFIRMATION REQUIRED" in done.stdout) == changes
    assert not writes(site)


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) >= 7
