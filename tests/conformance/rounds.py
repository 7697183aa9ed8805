"""Tools that answer with a question and are called again: 2026-07-28 only."""

import json

from fastmcp import Context
from fastmcp.server.providers import LocalProvider
from fastmcp.tools import ToolResult
from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
)

from tests.conformance.questions import form
from tests.conformance.samples import said

rounds = LocalProvider()


def _asks(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema = form({field: {"type": kind}})
    return ElicitRequest(
        params=ElicitRequestFormParams(message=message, requested_schema=schema)
    )


def _samples(prompt: str) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=said(prompt))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=100)
    )


def _required(state: str | None = None, **asked: InputRequest) -> InputRequiredResult:
    return InputRequiredResult(input_requests=asked, request_state=state)


def _answer(ctx: Context, name: str, field: str) -> object:
    """What the user accepted, None where nothing was answered."""
    answer = (ctx.input_responses or {}).get(name)
    if not isinstance(answer, ElicitResult) or answer.action != "accept":
        return None
    return (answer.content or {}).get(field)


def _done(text: str) -> ToolResult:
    return ToolResult(content=[said(text)])


@rounds.tool(name="test_input_required_result_elicitation")
def elicitation(ctx: Context) -> ToolResult | InputRequiredResult:
    """Asks for a name, and again until there is one."""
    name = _answer(ctx, "user_name", "name")
    if name is None:
        return _required(user_name=_asks("What is your name?", "name"))
    return _done(f"Hello, {name}!")


@rounds.tool(name="test_input_required_result_sampling")
def sampling(ctx: Context) -> ToolResult | InputRequiredResult:
    """Asks the client's model."""
    if "capital_question" not in (ctx.input_responses or {}):
        return _required(capital_question=_samples("What is the capital of France?"))
    return _done("The model answered.")


@rounds.tool(name="test_input_required_result_list_roots")
def list_roots(ctx: Context) -> ToolResult | InputRequiredResult:
    """Asks for the client's roots."""
    if "client_roots" not in (ctx.input_responses or {}):
        return _required(client_roots=ListRootsRequest())
    return _done("The client named its roots.")


@rounds.tool(name="test_input_required_result_request_state")
def request_state(ctx: Context) -> ToolResult | InputRequiredResult:
    """Hands the client a state and wants it back."""
    if ctx.request_state is None:
        return _required("first", confirm=_asks("Confirm?", "ok", "boolean"))
    return _done(f"state-ok: {ctx.request_state}")


@rounds.tool(name="test_input_required_result_tampered_state")
def tampered_state(ctx: Context) -> ToolResult | InputRequiredResult:
    """Hands the client a state that nobody may change."""
    if ctx.request_state is None:
        return _required("sealed", confirm=_asks("Confirm?", "ok", "boolean"))
    return _done(f"The state is whole: {ctx.request_state}")


@rounds.tool(name="test_input_required_result_multiple_inputs")
def multiple_inputs(ctx: Context) -> ToolResult | InputRequiredResult:
    """Asks three things of three kinds at once."""
    asked: dict[str, InputRequest] = {
        "user_name": _asks("What is your name?", "name"),
        "greeting": _samples("Write a greeting."),
        "client_roots": ListRootsRequest(),
    }
    if not asked.keys() <= (ctx.input_responses or {}).keys():
        return _required("three", **asked)
    return _done("All three were answered.")


@rounds.tool(name="test_input_required_result_multi_round")
def multi_round(ctx: Context) -> ToolResult | InputRequiredResult:
    """Asks one thing after another, remembering in the state what was said."""
    remembered: dict[str, object] = json.loads(ctx.request_state or "{}")
    name = remembered.get("name") or _answer(ctx, "step1", "name")
    if name is None:
        return _required("{}", step1=_asks("What is your name?", "name"))
    color = _answer(ctx, "step2", "color")
    if color is None:
        return _required(
            json.dumps({"name": name}), step2=_asks("Which color?", "color")
        )
    return _done(f"{name} likes {color}.")


@rounds.tool(name="test_input_required_result_capabilities")
def capabilities(ctx: Context) -> ToolResult | InputRequiredResult:
    """Asks in whichever way the client can answer."""
    declared = ctx.session.client_capabilities
    if declared is not None and declared.elicitation is not None:
        return _required(asked=_asks("What is your name?", "name"))
    if declared is not None and declared.sampling is not None:
        return _required(asked=_samples("Invent a name."))
    return _done("The client answers no questions.")


@rounds.tool(name="test_streaming_elicitation")
async def streaming_elicitation(ctx: Context) -> ToolResult | InputRequiredResult:
    """Tells how far it is, then asks."""
    await ctx.report_progress(1, 2)
    name = _answer(ctx, "user_name", "name")
    if name is None:
        return _required(user_name=_asks("What is your name?", "name"))
    return _done(f"Hello, {name}!")


@rounds.tool(name="test_missing_capability")
def missing_capability(ctx: Context) -> ToolResult:
    """Refuses clients that have no model to lend."""
    declared = ctx.session.client_capabilities
    if declared is None or declared.sampling is None:
        raise MCPError(
            code=MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="This tool needs the client's model.",
            data={"requiredCapabilities": {"sampling": {}}},
        )
    return _done("The client lends its model.")


@rounds.prompt(name="test_input_required_result_prompt")
def prompt(ctx: Context) -> str | InputRequiredResult:
    """Asks what it is about."""
    about = _answer(ctx, "user_context", "context")
    if about is None:
        return _required(user_context=_asks("What is it about?", "context"))
    return f"It is about {about}."
