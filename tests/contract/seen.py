"""What was seen of a tool while all its cases were called."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, get_type_hints

from sickbay.core.results import Change, Listing, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_types import CallToolResult

    from sickbay.server.tool import BoundTool
    from tests.contract.cases import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One call, and what came of it."""

    arguments: Mapping[str, Any]
    answer: CallToolResult | None
    case: Case
    trouble: str = ""
    changed: bool = False
    progress: tuple[tuple[float, float | None], ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """The structured content; empty where there is none."""
        return dict((self.answer and self.answer.structured_content) or {})

    @property
    def texts(self) -> list[str]:
        """The text blocks."""
        blocks = self.answer.content if self.answer else []
        return [block.text for block in blocks if block.type == "text"]

    @property
    def outcome(self) -> str | None:
        """How it says that it went."""
        return self.document.get("outcome")


@dataclass(slots=True, kw_only=True)
class Subject:
    """One tool, and everything that was seen of it.

    Attributes:
        listed: Its entry in tools/list.
        calls: The answer to each case.
        twins: Pairs of calls that must come to the same.
        whole: Of each listing in pages: the pages, and the items there are.
        refused: Calls that must not succeed.
        confirmed: Changes with consent, and the same again.
        hidden: What a server without writes said when it was called by name.
        endless: Whether it can only be cancelled.
        left: Tasks and threads that a cancelled call left behind.
        stdout: What went where only the protocol may write.
    """

    bound: BoundTool
    listed: Mapping[str, Any]
    calls: list[Seen] = field(default_factory=list)
    twins: list[tuple[Seen, Seen]] = field(default_factory=list)
    whole: list[tuple[list[Seen], list[Any]]] = field(default_factory=list)
    refused: list[Seen] = field(default_factory=list)
    confirmed: list[tuple[Seen, Seen]] = field(default_factory=list)
    hidden: Seen | None = None
    shown_read_only: bool = False
    endless: bool = False
    left: list[str] = field(default_factory=list)
    stdout: str = ""
    leaks: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Full name of the tool."""
        return self.bound.name

    @property
    def everything(self) -> list[Seen]:
        """Every answer there is."""
        pairs = [*self.twins, *self.confirmed]
        pages = [seen for pages, _ in self.whole for seen in pages]
        paired = [seen for pair in pairs for seen in pair]
        return [*self.calls, *paired, *pages, *self.refused]

    @property
    def own_fields(self) -> list[str]:
        """What its result has besides what all results have."""
        kind = get_type_hints(self.bound.tool.function)["return"]
        shared = {
            item.name for base in (Result, Listing, Change) for item in fields(base)
        }
        return [item.name for item in fields(kind) if item.name not in shared]


def at(document: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON
    """What a dotted path leads to; None where it leads nowhere."""
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def parsed(text: str) -> Any:  # noqa: ANN401 - any JSON
    """The JSON in a text, or None."""
    try:
        return json.loads(text)
    except ValueError:
        return None
