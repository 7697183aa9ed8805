from __future__ import annotations

from sickbay.render.page import block, line, text
from sickbay.render.plain import Paint
from sickbay.toolsets.hud.render.words import commit

BARE = Paint(colour=False)


def test_a_commit_names_its_pull_request_once() -> None:
    named = {"sha": "a" * 40, "author": "ada", "pr": 7, "time": None}
    for title, said in (("Fix it (#7)", "Fix it (#7)"), ("Fix it", "Fix it #7")):
        page = text(
            [block([line(*commit({**named, "title": title}))])], paint=BARE, width=90
        )
        assert page == f"{'a' * 10} {said} by ada, at an unknown time\n"
