"""The commands around the server; each one is imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError

from sickbay import __version__
from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = ("serve", "tools", "call", "doctor", "init", "install")


def app() -> App:
    """The grammar, which the reference documentation is made from, too."""
    top = App(name="sickbay", version=__version__, help_format="plaintext")
    for name in COMMANDS:
        top.command(f"sickbay.cli.{name}:{name}", name=name)
    return top


def run(argv: Sequence[str]) -> int:
    """Run one of these commands, and give its exit status.

    Raises:
        BadRequest: The command has no such argument, or needs another.
    """
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
