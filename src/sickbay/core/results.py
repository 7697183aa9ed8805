"""What every tool answers with: one object, the same keys however it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal[
    "ok",
    "empty",
    "partial",
    "already_done",
    "confirmation_required",
    "needs_input",
    "declined",
    "cancelled",
    "started",
    "unknown",
    "error",
]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not looked at, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was looked at; for a log, in lines. ``total`` is None where unknown."""

    examined: int = 0
    total: int | None = 0
    skipped: tuple[Skipped, ...] = ()

    @property
    def of(self) -> int:
        """The total, or what was examined where nobody knows the total."""
        return self.examined if self.total is None else self.total


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a tool did not do what was asked; kinds are those of ``core.errors``."""

    kind: str
    message: str
    retryable: bool = False
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """Base of what tools return.

    Every field of a subclass has a default, and the defaults together are what the
    caller sees when the tool failed: empty collections, zero counts, None.
    """

    outcome: Outcome = "ok"
    error: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Listing(Result):
    """A result with many items, given page by page.

    The tool returns all items that it has; the server cuts them to the size budget.
    """

    coverage: Coverage = Coverage()
    next_cursor: str | None = None

    @property
    def nothing(self) -> bool | None:
        """Whether nothing was found; None where the list that comes in pages tells."""
        return None

    @property
    def paged(self) -> str | None:
        """The list that comes in pages; None where it is the one of the tool."""
        return None


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture: clients get those in a result's ``images`` as image blocks."""

    title: str
    mime_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An argument that has to be known first, and what it may be."""

    argument: str
    why: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a change would do: shown to the user before it is done.

    Two effects that differ in anything are different effects: after consent the plan
    is made again, and a changed one is refused.
    """

    target: str
    action: str
    consequences: tuple[str, ...] = ()
    data: dict[str, object] | None = None
    """What ``apply`` needs besides; not shown."""


@dataclass(frozen=True, kw_only=True)
class NextCall:
    """A call that the client can repeat word for word."""

    tool: str
    arguments: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Change(Result):
    """Base of what tools that change something return."""

    message: str | None = None
    target: str | None = None
    action: str | None = None
    consequences: tuple[str, ...] = ()
    confirm_with: NextCall | None = None
    missing: tuple[Missing, ...] = ()
