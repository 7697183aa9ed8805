"""A toolset of ours with what the suite wants: it goes through the registry."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sickbay.core.errors import Unavailable
from sickbay.core.manifest import Prompt, Resource, Toolset
from sickbay.core.results import Image, Result
from sickbay.core.tool import Call, tool
from tests.conformance.samples import png

PAUSE_S = 0.12
"""Closer reports of progress are put together."""


@dataclass(frozen=True, kw_only=True)
class Text(Result):
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture(Result):
    images: tuple[Image, ...] = ()


@tool()
def simple_text(_source: None, _call: Call) -> Text:
    """Answer with a text."""
    return Text(text="A short text.")


@tool()
def image_content(_source: None, _call: Call) -> Picture:
    """Answer with images: one red dot."""
    dot = Image(title="a dot", mime_type="image/png", data=png())
    return Picture(images=(dot,))


@tool()
def error_handling(_source: None, _call: Call) -> Text:
    """Fail, so that there is no text."""
    raise Unavailable("this tool always fails", hint="expect it")


@tool()
def tool_with_logging(_source: None, call: Call) -> Text:
    """Say three things to the user; text says that it is done."""
    for message in ("begins", "goes on", "ends"):
        call.say(message)
    return Text(text="Said three things.")


@tool()
def logging_tool(_source: None, call: Call) -> Text:
    """Speak to users who asked to hear; text says that it is done."""
    call.say("for those who listen")
    return Text(text="Said one thing.")


@tool()
def tool_with_progress(_source: None, call: Call) -> Text:
    """Tell how far it is; text says that it is done."""
    for done in (0, 50, 100):
        call.progress(done, 100)
        time.sleep(PAUSE_S)
    return Text(text="Told it three times.")


TOOLS = (
    simple_text,
    image_content,
    error_handling,
    tool_with_logging,
    logging_tool,
    tool_with_progress,
)


@asynccontextmanager
async def opened(_settings: object, _services: object) -> AsyncIterator[None]:
    """There is nothing to open."""
    yield None


async def static_text(_source: None) -> str:
    return "A text that never changes."


async def static_binary(_source: None) -> bytes:
    return png()


async def template(_source: None, id: str) -> str:  # noqa: A002 - the suite's own name
    return f'{{"id": "{id}"}}'


def candidates(_source: None, _argument: str, value: str) -> list[str]:
    return [word for word in ("test", "tester", "other") if value in word]


HERE = __name__
TOOLSET = Toolset(
    name="test",
    summary="What the conformance suite calls.",
    tools=f"{HERE}:TOOLS",
    source=f"{HERE}:opened",
    complete=f"{HERE}:candidates",
    resources=(
        Resource(
            uri="test://static-text",
            name="text",
            description="A text.",
            read=f"{HERE}:static_text",
        ),
        Resource(
            uri="test://static-binary",
            name="binary",
            description="A picture.",
            read=f"{HERE}:static_binary",
            mime_type="image/png",
        ),
        Resource(
            uri="test://template/{id}/data",
            name="template",
            description="Whatever is asked for.",
            read=f"{HERE}:template",
            mime_type="application/json",
        ),
    ),
    prompts=(
        Prompt(
            name="test_simple_prompt",
            title="Simple",
            description="Takes no arguments.",
            text="A prompt without arguments.",
        ),
        Prompt(
            name="test_prompt_with_arguments",
            title="With arguments",
            description="Takes two.",
            text="The first is {arg1}, the second {arg2}.",
            arguments={"arg1": "the first", "arg2": "the second"},
        ),
    ),
)
