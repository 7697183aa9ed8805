from __future__ import annotations

import pytest

from sickbay.render.page import text
from sickbay.render.plain import Paint
from sickbay.toolsets.buildkite.render.builds import builds_page

BUILD = {
    "build_number": 64854,
    "state": "failed",
    "created_at": "2026-07-13T06:00:04Z",
    "duration_s": 9_000.0,
    "branch": "somebody:a-branch-with-a-long-name",
    "commit": "9f3c1d7e0b5a4c2d8e6f1a2b3c4d5e6f70819203",
    "title": "Full CI run - nightly, and more words than any title should have",
}
DOCUMENT = {"builds": [BUILD], "coverage": {"examined": 1, "total": 1, "skipped": []}}


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_list_of_builds_shows_which_one_is_the_nightly(width: int) -> None:
    shown = text(builds_page(DOCUMENT), paint=Paint(colour=False), width=width)
    assert "Full CI run - nightly" in shown
    assert max(map(len, shown.splitlines())) <= width
