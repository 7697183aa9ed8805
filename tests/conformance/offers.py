"""What the suite lists, calls, reads and gets, without asking the user anything."""

import json
from typing import Annotated, Any

from fastmcp import Context
from fastmcp.exceptions import ToolError
from fastmcp.prompts import Message
from fastmcp.server.completions import CompletionReference
from fastmcp.server.providers import LocalProvider
from fastmcp.tools import Tool, ToolResult
from mcp_types import CompletionArgument, CompletionContext
from pydantic import Field

from tests.conformance.samples import embedded, image, png, said, sound

offers = LocalProvider()


@offers.tool(name="test_simple_text")
def simple_text() -> ToolResult:
    """Answers with text."""
    return ToolResult(content=[said("A short text.")])


@offers.tool(name="test_image_content")
def image_content() -> ToolResult:
    """Answers with a picture."""
    return ToolResult(content=[image()])


@offers.tool(name="test_audio_content")
def audio_content() -> ToolResult:
    """Answers with a sound."""
    return ToolResult(content=[sound()])


@offers.tool(name="test_embedded_resource")
def embedded_resource() -> ToolResult:
    """Answers with a resource in full."""
    return ToolResult(content=[embedded("test://embedded-resource", "Its text.")])


@offers.tool(name="test_multiple_content_types")
def multiple_content_types() -> ToolResult:
    """Answers with text, a picture and a resource at once."""
    resource = embedded("test://mixed-content-resource", "{}", "application/json")
    return ToolResult(content=[said("All kinds:"), image(), resource])


@offers.tool(name="test_error_handling")
def error_handling() -> ToolResult:
    """Always fails."""
    raise ToolError("This tool fails, as it should.")


@offers.tool(name="test_tool_with_logging")
async def tool_with_logging(ctx: Context) -> ToolResult:
    """Says three things to the user."""
    for message in ("begins", "goes on", "ends"):
        await ctx.info(message)
    return ToolResult(content=[said("Said three things.")])


@offers.tool(name="test_logging_tool")
async def logging_tool(ctx: Context) -> ToolResult:
    """Speaks to users who asked to hear, and to nobody else."""
    await ctx.info("for those who listen")
    return ToolResult(content=[said("Said one thing.")])


@offers.tool(name="test_tool_with_progress")
async def tool_with_progress(ctx: Context) -> ToolResult:
    """Tells how far it is."""
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100)
    return ToolResult(content=[said("Told it three times.")])


@offers.tool(name="test_reconnection")
async def reconnection(ctx: Context) -> ToolResult:
    """Hangs up before it answers, where a client could come back for the rest."""
    await ctx.close_sse_stream()
    return ToolResult(content=[said("Still here.")])


@offers.tool(name="test_x_mcp_header")
def x_mcp_header(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
) -> ToolResult:
    """Takes an argument that the HTTP headers repeat."""
    return ToolResult(content=[said(f"Region: {region}")])


class SchemaTool(Tool):
    """A tool whose schema uses words that pydantic never writes."""

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Answer with the arguments."""
        return ToolResult(content=[said(json.dumps(arguments))])


ADDRESS = {
    "$anchor": "addressDef",
    "type": "object",
    "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
}
TEXT = {"type": "string"}
CONTACT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": ADDRESS},
    "properties": {
        "name": TEXT,
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": TEXT,
        "email": TEXT,
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {
        "properties": {"contactMethod": {"const": "phone"}},
        "required": ["contactMethod"],
    },
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}

offers.add_tool(
    SchemaTool(
        name="json_schema_2020_12_tool",
        description="Its schema reaches the client word for word.",
        parameters=CONTACT,
    )
)


@offers.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    """A text."""
    return "A text that never changes."


@offers.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """A picture."""
    return png()


@offers.resource("test://watched-resource", mime_type="text/plain")
def watched() -> str:
    """What a client may subscribe to."""
    return "A text to watch."


@offers.resource("test://template/{id}/data", mime_type="application/json")
def template(id: str) -> str:  # noqa: A002 - the suite's own name for it
    """Whatever is asked for."""
    return json.dumps({"id": id, "data": f"What belongs to {id}"})


@offers.prompt(name="test_simple_prompt")
def simple_prompt() -> str:
    """Takes no arguments."""
    return "A prompt without arguments."


@offers.prompt(name="test_prompt_with_arguments")
def prompt_with_arguments(arg1: str, arg2: str) -> str:
    """Takes two arguments."""
    return f"The first is {arg1}, the second {arg2}."


@offers.prompt(name="test_prompt_with_embedded_resource")
def prompt_with_resource(
    resourceUri: str,  # noqa: N803 - the suite's own name for it
) -> list[Message]:
    """Holds a resource."""
    return [Message(embedded(resourceUri, "Its text.")), Message("Read it.")]


@offers.prompt(name="test_prompt_with_image")
def prompt_with_image() -> list[Message]:
    """Holds a picture."""
    return [Message(image()), Message("Look at it.")]


def completion(
    ref: CompletionReference,
    argument: CompletionArgument,
    context: CompletionContext | None,
) -> list[str]:
    """Candidates for the argument of a prompt."""
    del ref, context
    return [word for word in ("test", "tester", "other") if argument.value in word]
