"""``sickbay history status``: what is kept, and where."""

from __future__ import annotations

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.history.render.status import status_page


async def status(
    *,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show what the history holds, where it is, and what is wrong with it.

    Args:
        format: How to print.
        desk: The history.
    """
    found = await desk.result("status")
    shown(found, status_page(found), format, desk)
