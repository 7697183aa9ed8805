"""How a command shows its answer: a page for a person, or JSON for a program."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from sickbay.core.desk import Desk
from sickbay.core.errors import BadRequest
from sickbay.render.page import markdown, text
from sickbay.render.plain import Paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sickbay.render.page import Part

Format = Literal["text", "json", "markdown"]
AtDesk = Annotated[Desk, Parameter(parse=False)]

MIN_WIDTH, MAX_WIDTH = 40, 160
SCHEMA = 1

DONE, FOUND = 0, 1


def shown(
    document: Mapping[str, Any], parts: Iterable[Part], form: Format, desk: Desk
) -> None:
    """Print an answer.

    Args:
        document: The whole of it.
        parts: The page about it.
        form: Which of them.
        desk: Knows the terminal.
    """
    if form == "json":
        whole = json.dumps({"schema": SCHEMA, **document}, ensure_ascii=False, indent=2)
        sys.stdout.write(whole + "\n")
    elif form == "markdown":
        sys.stdout.write(markdown(parts))
    else:
        page = text(parts, paint=Paint(desk.colour), width=width(desk))
        sys.stdout.write(page if unicode() else _ascii(page))


def drawn(picture: bytes, path: Path) -> None:
    """Write the picture that a person asked for with ``--png``.

    Raises:
        BadRequest: It cannot be written there.
    """
    try:
        path.write_bytes(picture)
    except OSError as exc:
        raise BadRequest(f"--png: {exc.strerror}: {path}") from exc
    sys.stderr.write(f"sickbay: wrote {path}\n")


def width(desk: Desk) -> int:
    """Columns of the page."""
    return min(max(desk.width, MIN_WIDTH), MAX_WIDTH)


def unicode() -> bool:
    """Whether the terminal can show more than ASCII."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    return encoding.replace("-", "").startswith("utf")


def _ascii(page: str) -> str:
    return page.replace("…", "...").encode("ascii", "replace").decode()
