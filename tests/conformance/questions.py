"""Tools that ask while they run: handshake era, over the stream of the call."""

import json
from typing import Any

from fastmcp import Context
from fastmcp.server.providers import LocalProvider
from fastmcp.tools import ToolResult
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    SamplingMessage,
)

from tests.conformance.samples import said

questions = LocalProvider()

OPTIONS = ["option1", "option2", "option3"]
TITLED = [
    {"const": "value1", "title": "The first"},
    {"const": "value2", "title": "The second"},
]

WITH_DEFAULTS: dict[str, Any] = {
    "name": {"type": "string", "default": "John Doe"},
    "age": {"type": "integer", "default": 30},
    "score": {"type": "number", "default": 95.5},
    "status": {
        "type": "string",
        "enum": ["active", "inactive", "pending"],
        "default": "active",
    },
    "verified": {"type": "boolean", "default": True},
}
WITH_CHOICES: dict[str, Any] = {
    "untitledSingle": {"type": "string", "enum": OPTIONS},
    "titledSingle": {"type": "string", "oneOf": TITLED},
    "legacyEnum": {
        "type": "string",
        "enum": ["opt1", "opt2"],
        "enumNames": ["Option one", "Option two"],
    },
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": OPTIONS}},
    "titledMulti": {"type": "array", "items": {"anyOf": TITLED}},
}


def form(properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of a form with these fields, all of them required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


async def _elicited(ctx: Context, message: str, fields: dict[str, Any]) -> ToolResult:
    answer = await ctx.session.elicit(
        message, form(fields), related_request_id=ctx.request_id
    )
    content = json.dumps(answer.content)
    return ToolResult(content=[said(f"action={answer.action} content={content}")])


@questions.tool(name="test_elicitation")
async def elicitation(message: str, ctx: Context) -> ToolResult:
    """Asks the user who they are."""
    fields = {"username": {"type": "string"}, "email": {"type": "string"}}
    return await _elicited(ctx, message, fields)


@questions.tool(name="test_elicitation_sep1034_defaults")
async def elicitation_defaults(ctx: Context) -> ToolResult:
    """Asks with an answer filled in for every kind of field."""
    return await _elicited(ctx, "Is this right?", WITH_DEFAULTS)


@questions.tool(name="test_elicitation_sep1330_enums")
async def elicitation_choices(ctx: Context) -> ToolResult:
    """Asks to choose, in each way that a form can offer choices."""
    return await _elicited(ctx, "Choose.", WITH_CHOICES)


@questions.tool(name="test_sampling")
async def sampling(prompt: str, ctx: Context) -> ToolResult:
    """Asks the client's model."""
    message = SamplingMessage(role="user", content=said(prompt))
    params = CreateMessageRequestParams(messages=[message], max_tokens=100)
    answer = await ctx.session.send_request(
        CreateMessageRequest(params=params), CreateMessageResult
    )
    return ToolResult(content=[said(f"It says: {answer.content}")])
