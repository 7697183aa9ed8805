"""How a tool is written: one typed function; the server adds everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sickbay.core.results import Effect, Result

BUDGET_BYTES = 8_000
"""Size of a tool's answer by default."""

MAX_BUDGET_BYTES = 40_000
"""No tool may ask for more."""

TIMEOUT_S = 60.0


class Call(Protocol):
    """What a tool may do while it runs, besides returning.

    None of it ever fails the tool, and all of it may be called from a worker thread.
    """

    @property
    def call_id(self) -> str:
        """Names this call in the audit log and in error messages."""

    def progress(self, done: float, total: float | None = None) -> None:
        """Tell the user how far it is."""

    def say(self, message: str) -> None:
        """Tell the user one short sentence."""

    def check(self) -> None:
        """Raise when the caller has given up: for long loops in a worker thread."""

    async def thread(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - whatever it returns
        """Run a blocking function in a worker thread."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Marks an argument whose value is never echoed, audited or logged."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """Marks a string argument that may also be given as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool of a toolset, as its function and the decorator describe it.

    Attributes:
        function: ``(source, call, *, arguments) -> Result``; plain ones run in a
            worker thread. For a write tool: ``(source, call, effect) -> Change``.
        plan: Only of a write tool: ``(source, call, *, arguments) -> Effect``, or a
            ``Change`` where there is nothing to do. Reads only.
        title: What clients call it before their user; its name where it has none.
        items: Dotted path of the list in the result that is given in pages.
        untrusted: Dotted paths of what strangers wrote, such as the lines of a log.
    """

    name: str
    function: Callable[..., Awaitable[Result] | Result]
    plan: Callable[..., Awaitable[Effect | Result] | Effect | Result] | None = None
    title: str | None = None
    timeout_s: float = TIMEOUT_S
    budget_bytes: int = BUDGET_BYTES
    items: str | None = None
    untrusted: tuple[str, ...] = ()
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = False

    @property
    def read_only(self) -> bool:
        """Whether it changes nothing."""
        return self.plan is None


def tool(  # noqa: PLR0913 - one for each property of a tool
    *,
    name: str | None = None,
    plan: Callable[..., Any] | None = None,
    title: str | None = None,
    timeout_s: float = TIMEOUT_S,
    budget_bytes: int = BUDGET_BYTES,
    items: str | None = None,
    untrusted: tuple[str, ...] = (),
    destructive: bool = False,
    idempotent: bool = True,
    open_world: bool = False,
) -> Callable[[Callable[..., Any]], Tool]:
    """Make a tool of a function; see ``Tool`` for what the arguments mean.

    The function's docstring is the tool's description, a plain string in
    ``Annotated`` an argument's, and its name, behind the toolset's, the tool's.
    """

    def made(function: Callable[..., Any]) -> Tool:
        return Tool(
            name=name or function.__name__,
            function=function,
            plan=plan,
            title=title,
            timeout_s=timeout_s,
            budget_bytes=budget_bytes,
            items=items,
            untrusted=untrusted,
            destructive=destructive,
            idempotent=idempotent,
            open_world=open_world,
        )

    return made
