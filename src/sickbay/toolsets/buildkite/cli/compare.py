"""``sickbay buildkite compare``: what is new in a build against an earlier one."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format, shown
from sickbay.clients.shapes import known
from sickbay.toolsets.buildkite.models.scan import ComparedBuilds
from sickbay.toolsets.buildkite.render.comparison import comparison_page


async def compare(
    build: str,
    base: str | None = None,
    /,
    *,
    format: Format = "text",  # noqa: A002 - the option's name
    check: Annotated[bool, Parameter(negative="")] = False,
    desk: AtDesk,
) -> int:
    """Show what is new, still failing or fixed in a build against an earlier one.

    Args:
        build: Its number, its address, or ORGANIZATION/PIPELINE/NUMBER.
        base: The earlier one; the finished one of the same kind before it by default.
        format: How to print.
        check: Exit 1 when a failure is new.
        desk: Buildkite.
    """
    answer = await desk.result("compare_builds", build=build, base=base)
    found = msgspec.convert(answer, known(ComparedBuilds))
    shown(answer, comparison_page(found), format, desk)
    return FOUND if check and found.counts.get("new") else DONE
