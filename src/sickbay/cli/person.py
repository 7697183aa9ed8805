"""Asks the person at the terminal before anything is changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastmcp.client.elicitation import ElicitResult

from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIRM = "confirm"
_YES = frozenset({"y", "yes"})


def present() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask(
    message: str, _kind: object, params: object, _context: object
) -> ElicitResult[dict[str, Any]]:
    """What the person says to the server's question.

    Args:
        message: The question.
        params: Hold the schema of what is asked for.
    """
    asked = getattr(params, "requested_schema", {}).get("properties", {})
    answered = await to_thread.run_sync(
        _answered, message, asked, abandon_on_cancel=True
    )
    return ElicitResult(action=answered[0], content=answered[1])


def _answered(
    message: str, asked: Mapping[str, Any]
) -> tuple[Any, dict[str, Any] | None]:
    _say(f"{visible(message)}\n")
    if CONFIRM in asked:
        said = _read("[y/N] ")
        if said is None:
            return "cancel", None
        agreed = said.lower() in _YES
        return ("accept", {CONFIRM: True}) if agreed else ("decline", None)
    content: dict[str, Any] = {}
    for name, what in asked.items():
        choices = ", ".join(what.get("enum", ()))
        said = _read(f"{name}{f' ({choices})' if choices else ''}: ")
        if not said:
            return "cancel", None
        content[name] = said
    return "accept", content


def _read(prompt: str) -> str | None:
    """One line, or None at the end of input; stdout is for the result alone."""
    _say(prompt)
    line = sys.stdin.readline()
    return line.strip() if line else None


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
