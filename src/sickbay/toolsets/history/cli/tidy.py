"""``sickbay history tidy``: make the tables small and fast again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.history.render.status import tidied_page

Flag = Annotated[bool, Parameter(negative="")]


async def tidy(
    *,
    force: Flag = False,
    repair: Flag = False,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Compact and sort the tables; drop what was replaced, or is too old to keep.

    It also happens by itself, when it pays; what is too old, the settings say.

    Args:
        force: Also when it does not pay yet.
        repair: First drop what is damaged; it says which builds to ingest again.
        format: How to print.
        desk: The history.
    """
    source = desk.source
    done = await source.history.tidy(keep=source.keep, force=force, repair=repair)
    shown(asdict(done), tidied_page(done), format, desk)
