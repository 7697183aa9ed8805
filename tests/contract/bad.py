"""Tools that each break one rule, to see that the contract finds it."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

from mcp_types import TextContent
from pydantic import BaseModel, SecretStr

from sickbay.core.consent import NeedsInput
from sickbay.core.errors import Unavailable
from sickbay.core.manifest import Toolset
from sickbay.core.results import (
    Change,
    Coverage,
    Effect,
    Listing,
    Missing,
    Result,
    Skipped,
)
from sickbay.core.tool import Call, Identifier, Tool, tool
from tests.contract.cases import Case, Contract

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from fastmcp import Context
    from fastmcp.tools.base import ToolResult

    from tests.contract.walk import Walk

CANARY = "canary-90aa31-bad"


@dataclass(slots=True)
class Cellar:
    """What is changed behind everybody's back."""

    changes: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


CELLAR = Cellar()


class Settings(BaseModel):
    """Holds a secret."""

    token: SecretStr = SecretStr(CANARY)


@asynccontextmanager
async def opened(_settings: Any, _services: Any) -> AsyncIterator[Cellar]:  # noqa: ANN401 - any
    yield CELLAR
    for task in CELLAR.tasks:
        task.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A tool, the rule that it breaks, and how to break it where the server would not.

    Attributes:
        says: Part of what the contract has to say about it.
        also: Rules that cannot but break with it.
        mangled: Changes the structured content.
        shown: Changes the result as a whole.
        exposed: Whether a server without writes has it all the same.
        lax: Whether its schema takes arguments that there are not.
    """

    rule: str
    tool: Tool
    says: str
    cases: tuple[Case, ...]
    also: tuple[str, ...] = ()
    mangled: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    shown: Callable[[ToolResult], ToolResult] | None = None
    exposed: bool = False
    lax: bool = False


@dataclass(frozen=True, kw_only=True)
class Box(Result):
    text: str = ""
    things: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Boxes(Listing):
    boxes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Loss(Change):
    boxes_left: int | None = None


BAD: list[Bad] = []


def broken(rule: str, says: str, **how: Any) -> Callable[[Tool], Tool]:  # noqa: ANN401 - fields of Bad
    """Add a tool that breaks one rule."""
    cases = how.pop("cases", ({},))

    def added(made: Tool) -> Tool:
        named = tuple(
            replace(case, tool=f"bad_{made.name}")
            if isinstance(case, Case)
            else Case(tool=f"bad_{made.name}", arguments=case)
            for case in cases
        )
        BAD.append(Bad(rule=rule, tool=made, says=says, cases=named, **how))
        return made

    return added


def fails(**arguments: Any) -> Case:  # noqa: ANN401 - any JSON
    return Case(tool="", arguments=arguments, outcome="error")


def asks(**arguments: Any) -> Case:  # noqa: ANN401 - any JSON
    return Case(tool="", arguments=arguments, outcome="confirmation_required")


@broken("R1", "does not name text")
@tool()
def silent_box(_: Cellar, __: Call) -> Box:
    """Look into a box: gives some things."""
    return Box()


@broken("R1", "argument size has no description", cases=({}, fails(size="x")))
@tool()
def unsized_box(_: Cellar, __: Call, *, size: int = 3) -> Box:  # noqa: ARG001 - every tool gets it
    """Look into a box: gives text and things."""
    return Box()


@broken("R2", "does not take both", cases=({}, fails(box_id=[])))
@tool()
def strict_box(_: Cellar, __: Call, *, box_id: Annotated[str, "which box"] = "") -> Box:
    """Look into a box: gives text and things."""
    return Box(text=box_id)


@broken("R2", "differ", cases=({"box_id": "007"}, fails(box_id=[])))
@tool()
def typed_box(
    _: Cellar, __: Call, *, box_id: Annotated[str, Identifier(), "which box"] = ""
) -> Box:
    """Look into a box: gives text and things."""
    return Box(text=f"{len(box_id)} digits")


def _two_lines(document: dict[str, Any]) -> dict[str, Any]:
    error = document["error"]
    lines = error and {**error, "message": "one line\nand one more"}
    return {**document, "error": lines}


@broken("R3", "of several lines", mangled=_two_lines, cases=({}, fails(broken=True)))
@tool()
def long_error(_: Cellar, __: Call, *, broken: Annotated[bool, "fail"] = False) -> Box:
    """Look into a box: gives text and things."""
    if broken:
        raise Unavailable("it does not open")
    return Box()


@broken("R4", "the key id does not say")
@tool()
def bare_id(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box(things=({"id": 7},))


@broken("R4", "thing_id is str, and int in")
@tool()
def other_id(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box(things=({"thing_id": 7}, {"thing_id": "7"}))


def _no_echo(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "size": 99}


@broken("R5", "is echoed as 99", mangled=_no_echo, cases=({"size": 4}, fails(size=-1)))
@tool()
def echo(_: Cellar, __: Call, *, size: Annotated[int, "of the box"] = 3) -> Box:
    """Look into a box: gives text and things."""
    if size < 0:
        raise Unavailable("too small")
    return Box()


@broken("R6", "text is JSON in a text")
@tool()
def wrapped(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box(text=json.dumps({"boxes": 3}))


@broken("R7", "a bug", cases=({}, fails(size=0)))
@tool()
def division(_: Cellar, __: Call, *, size: Annotated[int, "of the box"] = 3) -> Box:
    """Look into a box: gives text and things."""
    return Box(text=str(1 / size))


def _short(document: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k != "text" or not document["error"]}


@broken(
    "R8",
    "text only now and then",
    mangled=_short,
    cases=({}, fails(size=0)),
    also=("R25",),
)
@tool()
def other_keys(_: Cellar, __: Call, *, size: Annotated[int, "of the box"] = 3) -> Box:
    """Look into a box: gives text and things."""
    if not size:
        raise Unavailable("too small")
    return Box()


def _plan(_: Cellar, __: Call) -> Effect:
    return Effect(target="the box", action="spoil", consequences=("it smells",))


def _hasty_plan(cellar: Cellar, _: Call) -> Effect:
    cellar.changes += 1
    return Effect(target="the box", action="spoil", consequences=("it smells",))


@broken("R9", "before anybody agreed", cases=(asks(),))
@tool(plan=_hasty_plan, idempotent=False)
def hasty(cellar: Cellar, __: Call, _effect: Effect) -> Loss:
    """Spoil a box. Ask the user first. Gives boxes_left."""
    cellar.changes += 1
    return Loss()


@broken("R10", "does not say to ask", cases=(asks(),))
@tool(plan=_plan, idempotent=False)
def rude(cellar: Cellar, __: Call, _effect: Effect) -> Loss:
    """Spoil a box at once. Gives boxes_left."""
    cellar.changes += 1
    return Loss()


def _unsaid(result: ToolResult) -> ToolResult:
    result.content[:] = result.content[-1:]
    return result


@broken("R10", "does not begin with", cases=(asks(),), shown=_unsaid)
@tool(plan=_plan, idempotent=False)
def quiet(cellar: Cellar, __: Call, _effect: Effect) -> Loss:
    """Spoil a box. Ask the user first. Gives boxes_left."""
    cellar.changes += 1
    return Loss()


@broken("R10", "the follow-up call does not work", cases=(asks(),))
@tool(plan=_plan)
def idle(_: Cellar, __: Call, _effect: Effect) -> Loss:
    """Spoil a box. Ask the user first. Gives boxes_left."""
    return Loss()


def _curious_plan(
    _: Cellar, __: Call, *, colour: Annotated[str | None, "of the box"] = None
) -> Effect:
    if colour is None:
        raise NeedsInput(Missing(argument="color", why=""))
    return Effect(target="the box", action="paint", consequences=(colour,))


@broken(
    "R13",
    "asks for color, no argument",
    cases=(asks(colour="red"), Case(tool="", outcome="needs_input")),
)
@tool(plan=_curious_plan, idempotent=False)
def curious(cellar: Cellar, __: Call, _effect: Effect) -> Loss:
    """Paint a box. Ask the user first. Gives boxes_left."""
    cellar.changes += 1
    return Loss()


@broken(
    "R14", "4 arguments are required", cases=({"a": 1, "b": 1, "c": 1, "d": 1}, fails())
)
@tool()
def demanding(
    _: Cellar,
    __: Call,
    *,
    a: Annotated[int, "one"],  # noqa: ARG001 - see above
    b: Annotated[int, "two"],  # noqa: ARG001 - see above
    c: Annotated[int, "three"],  # noqa: ARG001 - see above
    d: Annotated[int, "four"],  # noqa: ARG001 - see above
) -> Box:
    """Look into a box: gives text and things."""
    return Box()


@broken("R15", "says twice")
@tool()
def bad_box_tool(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box()


@broken("R16", "which tool tells", cases=(Case(tool="", outcome="started"),))
@tool()
def begun(_: Cellar, __: Call) -> Loss:
    """Look into a box: gives boxes_left."""
    return Loss(outcome="started", message="wait")


@broken("R17", "wrote to stdout")
@tool()
def loud(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    sys.stdout.write("here I am\n")
    return Box()


@broken("R18", "what was skipped and why", cases=(Case(tool="", outcome="partial"),))
@tool()
def secretive(_: Cellar, __: Call) -> Boxes:
    """Look into all boxes: gives boxes."""
    return Boxes(boxes=("1",), coverage=Coverage(1, 2, (Skipped("", ""),)))


@broken("R19", "a server without writes lists it", cases=(asks(),), exposed=True)
@tool(plan=_plan, idempotent=False)
def exposed(cellar: Cellar, __: Call, _effect: Effect) -> Loss:
    """Spoil a box. Ask the user first. Gives boxes_left."""
    cellar.changes += 1
    return Loss()


def _padded(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "text": "x" * 8_001}


@broken("R20", "and its budget is 8000", mangled=_padded)
@tool()
def wide(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box()


def _forgetful(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "boxes": document["boxes"][1:]}


@broken("R20", "items in pages, not 1000", mangled=_forgetful)
@tool(items="boxes")
def forgetful(_: Cellar, __: Call) -> Boxes:
    """Look into all boxes: gives boxes."""
    return Boxes(boxes=tuple(f"box {number}" for number in range(1000)))


def _leaky(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "text": f"the token is {CANARY}"}


@broken("R21", "a secret in the answer", mangled=_leaky)
@tool()
def gossip(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box()


@broken("R22", "progress ends at 3.0 of 4.0")
@tool()
def slack(_: Cellar, call: Call) -> Box:
    """Look into a box: gives text and things."""
    call.progress(3, 4)
    return Box()


@broken("R23", "changes something again", cases=(asks(),))
@tool(plan=_plan, idempotent=True)
def twice(cellar: Cellar, __: Call, _effect: Effect) -> Loss:
    """Spoil a box. Ask the user first. Gives boxes_left."""
    cellar.changes += 1
    return Loss()


@broken("R24", "says that it reads only")
@tool()
def sneaky(cellar: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    cellar.changes += 1
    return Box()


def _untyped(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "things": None}


@broken("R25", "None is not of type 'array'", mangled=_untyped)
@tool()
def untyped(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box()


@broken("R26", "left a task behind")
@tool()
async def littering(cellar: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    await asyncio.sleep(0)
    cellar.tasks.add(asyncio.create_task(asyncio.sleep(30)))
    return Box()


@broken("R26", "left a thread behind", cases=(Case(tool="", outcome="cancelled"),))
@tool()
def stubborn(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    threading.Event().wait(6)
    return Box()


def _other_text(result: ToolResult) -> ToolResult:
    result.content[:] = [TextContent(type="text", text="see the structured content")]
    return result


@broken("text", "text and structured content differ", shown=_other_text)
@tool()
def summary(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box()


def _fine(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "outcome": "fine"}


@broken("outcome", "outcome 'fine'", mangled=_fine, also=("R25",))
@tool()
def fine(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box()


@broken("schema", "takes unknown arguments", lax=True)
@tool()
def lax(_: Cellar, __: Call) -> Box:
    """Look into a box: gives text and things."""
    return Box()


@broken("cases", "no case that fails")
@tool()
def untried(_: Cellar, __: Call, *, size: Annotated[int, "of the box"] = 3) -> Box:  # noqa: ARG001 - every tool gets it
    """Look into a box: gives text and things."""
    return Box()


TOOLS = tuple(bad.tool for bad in BAD)

TOOLSET = Toolset(
    name="bad",
    summary="breaks all rules",
    tools=f"{__name__}:TOOLS",
    source=f"{__name__}:opened",
    settings=f"{__name__}:Settings",
)

CONTRACT = Contract(
    cases=tuple(case for bad in BAD for case in bad.cases),
    state=lambda: CELLAR.changes,
    canaries=(CANARY,),
)


def spoil(walk: Walk) -> None:
    """Break what the server would not let a tool break."""
    for bad in BAD:
        name = f"bad_{bad.tool.name}"
        wired = walk.server.catalogue.tools[name]
        wired._runner = _Spoilt(wired._runner, bad).run  # noqa: SLF001 - on purpose
        if bad.lax:
            wired.parameters = {**wired.parameters, "additionalProperties": True}
        if bad.exposed:
            walk.closed.catalogue.tools[name] = wired


@dataclass(frozen=True, slots=True)
class _Spoilt:
    runner: Callable[..., Awaitable[ToolResult]]
    bad: Bad

    async def run(self, given: dict[str, Any], context: Context | None) -> ToolResult:
        result = await self.runner(given, context)
        if self.bad.mangled is not None:
            document = self.bad.mangled(result.structured_content or {})
            result.structured_content = document
            result.content[-1:] = [TextContent(type="text", text=json.dumps(document))]
        return self.bad.shown(result) if self.bad.shown else result
