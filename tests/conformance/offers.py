"""What the suite wants and our tools never do: other kinds of content, odd schemas."""

import json
from typing import Annotated, Any

from fastmcp import Context
from fastmcp.prompts import Message
from fastmcp.server.providers import LocalProvider
from fastmcp.tools import Tool, ToolResult
from pydantic import Field

from tests.conformance.samples import embedded, image, said, sound

offers = LocalProvider()


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


@offers.tool(name="test_reconnection")
async def reconnection(ctx: Context) -> ToolResult:
    """Hangs up before it answers, where a client could come back for the rest."""
    await ctx.close_sse_stream()
    return ToolResult(content=[said("Still here.")])


def x_mcp_header(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
) -> ToolResult:
    """Takes an argument that the HTTP headers repeat."""
    return ToolResult(content=[said(f"Region: {region}")])


HEADED = Tool.from_function(x_mcp_header, name="test_x_mcp_header")
offers.add_tool(HEADED)


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


@offers.resource("test://watched-resource", mime_type="text/plain")
def watched() -> str:
    """What a client may subscribe to."""
    return "A text to watch."


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
