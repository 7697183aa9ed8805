"""Commands of the ward: what a toolset's own commands look like."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import App, Parameter

from sickbay.core.desk import Desk

app = App(name="ward", help="Who lies where.", help_format="plaintext")

AtDesk = Annotated[Desk, Parameter(parse=False)]


@app.command
async def beds(*, prefix: str = "", desk: AtDesk) -> int:
    """List the beds.

    Args:
        prefix: What their numbers begin with.
        desk: The ward.
    """
    found = await desk.result("beds", prefix=prefix)
    sys.stdout.write(f"{len(found['beds'])} of {len(desk.source.beds)} beds\n")
    return 0 if found["beds"] else 1


@app.command
def hours() -> None:
    """Say when visitors may come."""
    sys.stdout.write("2 to 4\n")


@app.command
async def look(bed_id: str, *, desk: AtDesk) -> None:
    """Look at one bed.

    Args:
        bed_id: Which.
        desk: The ward.
    """
    found = await desk.result("look", bed_id=bed_id)
    sys.stdout.write(f"{found['patient']}\n")
