"""What a command of a toolset works with: the opened source, and the tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sickbay.core.tool import Call


class Caller(Protocol):
    """Runs a tool of the toolset as an assistant's call would, to its last page."""

    async def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """The structured result.

        Raises:
            SickbayError: The result is an error.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the command line hands to a command of a toolset.

    Attributes:
        source: The toolset's, opened.
        call: Runs what blocks in a thread.
        result: What a tool of the toolset, named without prefix, answers.
        width: Of the terminal, in columns.
        colour: Whether the terminal shows colours.
    """

    source: Any
    call: Call
    result: Caller
    width: int = 100
    colour: bool = False
