"""``sickbay history culprit``: which commit broke a test."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format, shown
from sickbay.clients.shapes import known
from sickbay.toolsets.history.models.culprit import CulpritReport
from sickbay.toolsets.history.render.culprit import culprit_page


async def culprit(  # noqa: PLR0913 - one for each option
    test_nodeid: str,
    /,
    *,
    branch: str | None = None,
    pipeline: str | None = None,
    builds: Annotated[int, Parameter(name=["--builds", "-n"])] = 100,
    job: str | None = None,
    good: str | None = None,
    bad: str | None = None,
    check: Annotated[bool, Parameter(negative="")] = False,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Show which commits may have broken a test, and which one to test next.

    Args:
        test_nodeid: The test's id, as any job spells it.
        branch: Another branch than the trunk; * is any.
        pipeline: Another pipeline, such as vllm/ci.
        builds: How many to look at, the newest.
        job: Only jobs whose names match this pattern.
        good: A build that surely passed: its number, commit or address.
        bad: A build that surely failed.
        check: Exit 1 when a commit is suspected.
        format: How to print.
        desk: The history.
    """
    answer = await desk.result(
        "culprit",
        test_nodeid=test_nodeid,
        branch=branch,
        pipeline=pipeline,
        lookback_builds=builds,
        job_filter=job,
        good=good,
        bad=bad,
    )
    found = msgspec.convert(answer, known(CulpritReport))
    shown(answer, culprit_page(found), format, desk)
    return FOUND if check and any(one.credible for one in found.suspects) else DONE
