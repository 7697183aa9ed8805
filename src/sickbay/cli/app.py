"""The commands around the server; each one is imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError

from sickbay import __version__
from sickbay.cli import toolset
from sickbay.cli.main import AROUND_THE_SERVER
from sickbay.core.errors import BadRequest
from sickbay.server.discovery import discovered

if TYPE_CHECKING:
    from collections.abc import Sequence

HISTORY, INGEST = "history", "ingest"
"""A command that is short for another: ``sickbay history ingest``."""


def app() -> App:
    """The grammar, which the reference documentation is made from, too."""
    top = App(name="sickbay", version=__version__, help_format="plaintext")
    for name in AROUND_THE_SERVER:
        top.command(f"sickbay.cli.{name}:{name}", name=name)
    for found in discovered():
        if found.commands:
            top.command(found.commands, name=found.name)
    return top


def run(argv: Sequence[str]) -> int:
    """Run one of these commands, and give its exit status.

    Raises:
        BadRequest: The command has no such argument, or needs another.
    """
    if argv[0] == INGEST:
        argv = [HISTORY, *argv]
    if argv[0] not in AROUND_THE_SERVER:
        return toolset.run(app(), argv)
    try:
        status = app()(
            argv, exit_on_error=False, print_error=False, result_action="return_value"
        )
    except CycloptsError as exc:
        said = " ".join(str(exc).split()).rstrip(".")
        raise BadRequest(
            f"{argv[0]}: {said}", hint=f"see sickbay {argv[0]} --help"
        ) from None
    return status if isinstance(status, int) else 0
