"""What the pages about the history tell to type works."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path

from tests.toolsets.history.stand import desk_at, filled
from tests.toolsets.history.stories import BREAKS, NOW, STORIES, told
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from tests.cli.desk import Desk

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to"
PAGES = ("find-a-culprit.md", "keep-a-history.md")
OTHERS = ("ingest buildkite", "ingest hud")
"""They ask systems that are not here; their own tests run them against doubles."""

COMMANDS = [
    command
    for page in PAGES
    for command in re.findall(
        r"^sickbay ((?:history|ingest) [^#>\n]*[^#>\s])",
        (HOW_TO / page).read_text(),
        re.MULTILINE,
    )
    if not command.startswith(OTHERS)
]

EXAMPLES = {
    "tests/test_llama.py::test_generate": BREAKS.test_id,
    "64854": "31",
    "64849": "28",
    "branch:release": "branch:topic",
    "2026-11-01..2026-11-08": f"{NOW - timedelta(days=3):%Y-%m-%d}..now",
    "2026-10-01..2026-11-01": f"8d..{NOW - timedelta(days=3):%Y-%m-%d}",
}
"""Names of the pages; the tests have others."""

REPORT = """\
<testsuite name="unit" tests="2" failures="1">
  <testcase classname="tests.test_a" name="test_one" time="0.5"/>
  <testcase classname="tests.test_a" name="test_two" time="0.1">
    <failure message="assert 1 == 2">E   assert 1 == 2</failure>
  </testcase>
</testsuite>
"""

LOG = """\
============================= test session starts ==============================
collected 1 item

test_ward.py F                                                           [100%]

=================================== FAILURES ===================================
__________________________________ test_bed ____________________________________

    def test_bed():
>       assert 1 == 2
E       assert 1 == 2

test_ward.py:2: AssertionError
=========================== short test summary info ============================
FAILED test_ward.py::test_bed - assert 1 == 2
============================== 1 failed in 0.01s ===============================
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A machine with a history of its own, where a CI has just run."""
    records = [*told(STORIES), *told(STORIES, builds=6, branch="topic", first=100)]
    desk = desk_at(tmp_path / "desk", filled(tmp_path / "history", records))
    samples.settings(tmp_path / "made")  # or a log would wait for rules to be compiled
    (desk.folder / "sickbay_cache").mkdir()
    rules = desk.folder / "sickbay_cache" / "rules"
    rules.symlink_to(user_cache_path("sickbay") / "rules")
    reports = desk.work / "reports" / "unit"
    reports.mkdir(parents=True)
    (reports / "junit.xml").write_text(REPORT)
    (desk.work / "build.log").write_text(LOG)
    return desk


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_page_works_as_it_stands_there(desk: Desk, command: str) -> None:
    for named, ours in EXAMPLES.items():
        command = command.replace(named, ours)
    done = desk.main(*shlex.split(command))
    expected = 1 if "--check" in command else 0
    assert (done.returncode, done.stderr) == (expected, "")
    assert done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_page_has_commands(page: str) -> None:
    assert (HOW_TO / page).read_text().count("\nsickbay ") > 5
