"""A toolset of a small hospital ward: every kind of tool that the server knows."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr

from sickbay.core.consent import NeedsInput
from sickbay.core.errors import NotFound, Unavailable
from sickbay.core.manifest import Alias, Prompt, Resource, Toolset
from sickbay.core.results import (
    Change,
    Coverage,
    Effect,
    Image,
    Listing,
    Missing,
    Result,
    Skipped,
)
from sickbay.core.tool import Call, Identifier, Secret, tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

CANARY = "canary-4f1c9d-secret"
"""A configured secret: whatever leaves the server must not hold it."""


class Settings(BaseModel):
    """Of the ward."""

    token: SecretStr = SecretStr(CANARY)


@dataclass
class Ward:
    """What the outside system knows, and what was done to it."""

    beds: dict[str, str] = field(
        default_factory=lambda: {f"{n}": f"patient {n}" for n in range(1, 601)}
    )
    rooms: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    on_change: Callable[[], None] = lambda: None
    plans: int = 0
    drift: bool = False
    entered: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)


class _Door:
    """Leads to the ward of the running test."""

    ward = Ward()


def fresh() -> Ward:
    """A new ward, where nothing was done yet."""
    _Door.ward = Ward()
    return _Door.ward


def now() -> Ward:
    """The ward as it is."""
    return _Door.ward


def state() -> object:
    """A picture of the ward, to tell whether anything was done."""
    ward = _Door.ward
    return dict(ward.beds), dict(ward.rooms), list(ward.done)


@asynccontextmanager
async def opened(_settings: Any, _services: Any) -> AsyncIterator[Ward]:  # noqa: ANN401 - any
    yield _Door.ward


@dataclass(frozen=True, kw_only=True)
class Bed(Result):
    patient: str | None = None
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Beds(Listing):
    beds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Discharge(Change):
    beds_left: int | None = None


@tool()
def look(  # noqa: PLR0913 - every kind of argument
    ward: Ward,
    call: Call,
    *,
    bed_id: Annotated[str, Identifier(), "number of the bed"],
    pin: Annotated[str | None, Secret(), "pin of the ward"] = None,  # noqa: ARG001 - see above
    mode: Annotated[Literal["short", "long"], "how much"] = "short",
    picture: Annotated[bool, "with a picture"] = False,
) -> Bed:
    """Look at one bed: gives patient and images."""
    if bed_id not in ward.beds:
        raise NotFound(f"there is no bed {bed_id}", hint="list them with ward_beds")
    call.say(f"looking with {CANARY}\u202e")
    shown = Image(title="bed", mime_type="image/png", data=b"\x89PNG")
    patient = ward.beds[bed_id] * (1 if mode == "short" else 5_000)
    return Bed(patient=patient, images=(shown,) if picture else ())


@tool(items="beds", untrusted=("beds",))
async def beds(
    ward: Ward,
    call: Call,
    *,
    prefix: Annotated[str, "what the bed's number begins with"] = "",
    limit: Annotated[int, Ge(1), Le(1000), "most beds"] = 1000,
) -> Beds:
    """List the beds: gives beds in pages."""
    found = [
        f"{bed}: {who} \x1b[31m\u202eward"
        for bed, who in ward.beds.items()
        if bed.startswith(prefix)
    ]
    for count in range(len(found)):
        call.progress(count + 1, len(found))
        await asyncio.sleep(0)
    return Beds(
        beds=tuple(found[:limit]),
        coverage=Coverage(
            len(found),
            len(found),
            (Skipped("bed 0", "locked"),) if prefix and found else (),
        ),
    )


@tool(timeout_s=0.2)
def snore(
    ward: Ward, call: Call, *, minutes: Annotated[int, Ge(0), "how long"] = 60
) -> Bed:
    """Sleep until somebody wakes us: gives patient and images."""
    ward.entered.set()
    try:
        while minutes:
            call.check()
            threading.Event().wait(0.01)
    finally:
        ward.left.set()
    return Bed()


@tool(timeout_s=30)
async def wait(ward: Ward, call: Call) -> Bed:  # noqa: ARG001 - every tool gets it
    """Wait for ever: gives patient and images."""
    ward.entered.set()
    try:
        await asyncio.Event().wait()
    finally:
        ward.left.set()
    return Bed()


@tool()
def fall(
    ward: Ward,  # noqa: ARG001 - every tool gets it
    call: Call,  # noqa: ARG001 - every tool gets it
    *,
    how: Annotated[Literal["bug", "outage", "secret", "softly"], "in what way"] = "bug",
) -> Bed:
    """Fail in one way or another: gives patient and images."""
    if how == "softly":
        return Bed(patient="unhurt")
    if how == "outage":
        raise Unavailable("the ward does not answer", hint="call the porter")
    if how == "secret":
        raise NotFound(f"no bed for ghp_{'a' * 36} and {CANARY}")
    raise ZeroDivisionError(CANARY)


def _plan_discharge(
    ward: Ward,
    call: Call,  # noqa: ARG001 - every tool gets it
    *,
    bed_id: Annotated[str, Identifier(), "number of the bed"],
    reason: Annotated[str | None, "why; asked for if absent"] = None,
) -> Effect | Discharge:
    ward.plans += 1
    if bed_id not in ward.beds:
        return Discharge(outcome="already_done", message=f"bed {bed_id} is free")
    if reason is None:
        why = Missing(argument="reason", why="goes into the letter", choices=("well",))
        raise NeedsInput(why)
    patient = ward.beds[bed_id] + (f" ({ward.plans})" if ward.drift else "")
    return Effect(
        target=f"bed {bed_id}",
        action="discharge the patient of",
        consequences=(f"{patient} goes home, reason: {reason}",),
        data={"bed_id": bed_id},
    )


@tool(plan=_plan_discharge, destructive=True, idempotent=False)
def discharge(ward: Ward, call: Call, effect: Effect) -> Discharge:  # noqa: ARG001 - every tool gets it
    """Send a patient home. Ask the user first. Gives beds_left."""
    bed_id = str((effect.data or {})["bed_id"])
    ward.on_change()
    del ward.beds[bed_id]
    ward.done.append(bed_id)
    return Discharge(beds_left=len(ward.beds), message="done")


@dataclass(frozen=True, kw_only=True)
class Move(Change):
    room: str | None = None


def _plan_move(
    ward: Ward,
    call: Call,  # noqa: ARG001 - every tool gets it
    *,
    bed_id: Annotated[str, Identifier(), "number of the bed"],
    to: Annotated[str, "the room"] = "hall",
    pin: Annotated[str | None, Secret(), "pin of the ward"] = None,
) -> Effect | Move:
    if bed_id not in ward.beds:
        raise NotFound(f"there is no bed {bed_id}", hint="list them with ward_beds")
    if ward.rooms.get(bed_id) == to:
        return Move(outcome="already_done", message=f"bed {bed_id} is in {to}", room=to)
    data: dict[str, object] = {"bed_id": bed_id, "to": to, "pin": pin}
    return Effect(
        target=f"bed {bed_id}",
        action="move",
        consequences=(f"it stands in {to} then",),
        data=data,
    )


@tool(plan=_plan_move)
async def move(ward: Ward, call: Call, effect: Effect) -> Move:  # noqa: ARG001 - every tool gets it
    """Push a bed to another room. Ask the user first. Gives room."""
    data = effect.data or {}
    ward.rooms[str(data["bed_id"])] = str(data["to"])
    ward.done.append(f"moved {data['bed_id']}")
    return Move(message="done", room=str(data["to"]))


def _plan_scrub(
    ward: Ward,  # noqa: ARG001 - every tool gets it
    call: Call,  # noqa: ARG001 - every tool gets it
    *,
    note: Annotated[str, "for the porter"] = "",  # noqa: ARG001 - it is not shown
) -> Effect:
    return Effect(target="the ward", action="scrub", consequences=("it is wet",))


@tool(plan=_plan_scrub, idempotent=False)
def scrub(ward: Ward, call: Call, effect: Effect) -> Move:  # noqa: ARG001 - every tool gets it
    """Scrub the ward, which takes hours. Ask the user first. Gives room."""
    ward.done.append("scrubbed")
    return Move(outcome="started", message="see with ward_beds whether it is done")


async def read_board(ward: Ward) -> str:
    return f"{len(ward.beds)} beds, {CANARY}\x1b[0m"


def complete(ward: Ward, argument: str, value: str) -> list[str]:
    return [bed for bed in ward.beds if argument == "bed_id" and bed.startswith(value)]


TOOLS = (look, beds, snore, wait, fall, discharge, move, scrub)

TOOLSET = Toolset(
    name="ward",
    commands="tests.cli.rounds:app",
    summary="who lies in which bed",
    guide="Look before you discharge.",
    tools="tests.server.ward:TOOLS",
    source="tests.server.ward:opened",
    settings="tests.server.ward:Settings",
    complete="tests.server.ward:complete",
    aliases=(
        Alias(
            name="get_bed",
            tool="look",
            arguments={
                "number": "bed_id",
                "verbose": lambda v: {"mode": "long"} if v else {},
            },
            ignored=("color",),
            result=lambda ours: {"name": ours["patient"]},
        ),
        Alias(name="find", tool="beds", when=lambda given: "prefix" in given),
    ),
    prompts=(
        Prompt(
            name="visit",
            title="Visit",
            description="Visit a bed.",
            text="Look at bed {bed_id}.",
            arguments={"bed_id": "number of the bed"},
        ),
    ),
    resources=(
        Resource(
            uri="sickbay://ward/board",
            name="board",
            description="The board in the corridor.",
            read="tests.server.ward:read_board",
        ),
    ),
)
