"""``sickbay history test``: is a test broken or flaky, and since when."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - the command line is made of it
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import Parameter

from sickbay.clients.printer import (
    DONE,
    FOUND,
    AtDesk,
    Format,
    drawn,
    shown,
    unicode,
    width,
)
from sickbay.clients.shapes import known
from sickbay.render.page import Drawing
from sickbay.render.plain import Paint
from sickbay.toolsets.history.models.story import TestHistory
from sickbay.toolsets.history.render.story import story_page
from sickbay.toolsets.history.render.strip import Sheet, strip

if TYPE_CHECKING:
    from sickbay.core.desk import Desk

BAD = frozenset({"REGRESSION", "PERSISTENT_FAIL", "FLAKE_ONSET"})


async def story(  # noqa: PLR0913 - one for each option
    test_nodeid: str,
    /,
    *,
    branch: str | None = None,
    pipeline: str | None = None,
    builds: Annotated[int, Parameter(name=["--builds", "-n"])] = 50,
    title: str | None = None,
    job: str | None = None,
    fetch: bool = True,
    png: Path | None = None,
    check: Annotated[bool, Parameter(negative="")] = False,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Show what became of a test in each build: is it broken or flaky, since when.

    Args:
        test_nodeid: The test's id, as any job spells it.
        branch: Another branch than the trunk; * is any.
        pipeline: Another pipeline, such as vllm/ci.
        builds: How many to look at, the newest.
        title: Only builds whose titles match this pattern.
        job: Only jobs whose names match this pattern.
        fetch: Read builds that are not kept yet.
        png: Draw the strip into this file, too.
        check: Exit 1 when it is broken, or became flaky.
        format: How to print.
        desk: The history.
    """
    answer = await desk.result(
        "test_history",
        test_nodeid=test_nodeid,
        branch=branch,
        pipeline=pipeline,
        lookback_builds=builds,
        build_query=title,
        job_filter=job,
        fetch=fetch,
    )
    found = msgspec.convert(answer, known(TestHistory))
    if png is not None:
        drawn(_picture(found), png)
    if format == "markdown":
        sys.stdout.write(found.summary)
    else:
        shown(answer, story_page(found, _drawing(found, desk)), format, desk)
    return FOUND if check and found.assessment.classification in BAD else DONE


def _drawing(found: TestHistory, desk: Desk) -> Drawing:
    plain = not unicode()

    def shape(*, colour: bool) -> str:
        sheet = Sheet(Paint(colour), width(desk), plain)
        return strip(found.timeline, found.assessment, sheet)

    return Drawing(coloured=shape(colour=desk.colour), plain=shape(colour=False))


def _picture(found: TestHistory) -> bytes:
    from sickbay.toolsets.history.render.picture import png  # noqa: PLC0415 - may not be there

    return png(found)
