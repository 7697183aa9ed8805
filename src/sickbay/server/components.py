"""Tools, resources and prompts as fastmcp wants them, each owned by a toolset."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from fastmcp.exceptions import ValidationError
from fastmcp.prompts.base import Message, Prompt, PromptArgument
from fastmcp.resources.base import Resource, ResourceContent, ResourceResult
from fastmcp.resources.template import ResourceTemplate
from fastmcp.server.dependencies import get_context
from fastmcp.tools.base import InputRequiredToolResult, Tool, ToolResult
from fastmcp.utilities.components import FastMCPComponent
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, ToolAnnotations
from mcp_types import Tool as ListedTool
from pydantic import AnyUrl, PrivateAttr

from sickbay.server.consent import AskClientError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastmcp import Context

    from sickbay.core import manifest
    from sickbay.core import tool as declared

    Runner = Callable[[dict[str, Any], Context | None], Awaitable[ToolResult]]
    Reader = Callable[[dict[str, Any]], Awaitable[list[str | bytes]]]


class _NothingThereError(MCPError):
    """What a caller reads is not there, which is no news to the operator."""


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], _NothingThereError))


# fastmcp would log each with its traceback: any caller could fill the log with them
logging.getLogger("fastmcp.server.server").addFilter(_is_news)


class _Bare(FastMCPComponent):
    """Sends no metadata of fastmcp's own."""

    KEY_PREFIX: ClassVar[str] = "bare"

    def get_meta(self) -> Any:  # noqa: ANN401 - fastmcp wants its own, we want none
        """None: tags and the like are of no use to a client."""
        return None


class WiredTool(Tool):
    """A tool of ours: everything happens in its runner."""

    _toolset: str = PrivateAttr()
    _runner: Any = PrivateAttr()

    @classmethod
    def of(  # noqa: PLR0913 - what a client sees of it, and what runs
        cls,
        *,
        toolset: str,
        name: str,
        description: str,
        parameters: dict[str, Any],
        runner: Runner,
        title: str | None = None,
        annotations: ToolAnnotations | None = None,
        output_schema: dict[str, Any] | None = None,
    ) -> WiredTool:
        """Make one."""
        wired = cls(
            name=name,
            title=title,
            description=description,
            parameters=parameters,
            annotations=annotations,
            output_schema=output_schema,
        )
        wired._toolset = toolset
        wired._runner = runner
        return wired

    @property
    def toolset(self) -> str:
        """Whose it is."""
        return self._toolset

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Run it for the client of the current request."""
        try:
            result: ToolResult = await self._runner(arguments, _context())
        except AskClientError as asks:
            return InputRequiredToolResult(asks.required)
        return result

    def to_mcp_tool(self, **_overrides: Any) -> ListedTool:  # noqa: ANN401 - fastmcp's
        """What tools/list says: nothing that the client does not need."""
        return ListedTool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.parameters,
            output_schema=self.output_schema,
            annotations=self.annotations,
        )


class WiredResource(Resource, _Bare):
    """A resource at a fixed address."""

    _toolset: str = PrivateAttr(default="")
    _reader: Any = PrivateAttr()

    @property
    def toolset(self) -> str:
        """Whose it is; empty for the server's own."""
        return self._toolset

    async def _read(self) -> ResourceResult:
        found = await _read(str(self.uri), self._reader, {})
        return _content(found, self.mime_type)


class WiredTemplate(ResourceTemplate, _Bare):
    """Resources at addresses with parameters."""

    _toolset: str = PrivateAttr(default="")
    _reader: Any = PrivateAttr()

    @property
    def toolset(self) -> str:
        """Whose it is; empty for the server's own."""
        return self._toolset

    async def _read(self, uri: str, params: dict[str, Any]) -> ResourceResult:
        return _content(await _read(uri, self._reader, params), self.mime_type)


class WiredPrompt(Prompt, _Bare):
    """A prompt made from a text with places for its arguments."""

    _toolset: str = PrivateAttr(default="")
    _maker: Any = PrivateAttr()

    @property
    def toolset(self) -> str:
        """Whose it is; empty for the server's own."""
        return self._toolset

    async def render(
        self, arguments: dict[str, Any] | None = None
    ) -> list[Message | str]:
        """The one message that it consists of.

        Raises:
            ValidationError: An argument that it needs is missing.
        """
        given = arguments or {}
        required = (item.name for item in self.arguments or () if item.required)
        if missing := [name for name in required if not given.get(name)]:
            said = f"{self.name} needs {', '.join(missing)}"
            raise ValidationError(said, log_level=logging.DEBUG)  # no news, either
        return [Message(self._maker(given))]


def resource(
    declared: manifest.Resource, *, toolset: str, reader: Reader
) -> WiredResource | WiredTemplate:
    """A resource, or a template where the address has parameters in braces."""
    said: dict[str, Any] = {
        "name": declared.name,
        "description": declared.description,
        "mime_type": declared.mime_type,
    }
    made: WiredResource | WiredTemplate
    if "{" in declared.uri:
        made = WiredTemplate(uri_template=declared.uri, parameters={}, **said)
    else:
        made = WiredResource(uri=AnyUrl(declared.uri), **said)
    made._toolset = toolset  # noqa: SLF001 - made here
    made._reader = reader  # noqa: SLF001 - made here
    return made


def prompt(declared: manifest.Prompt, *, toolset: str) -> WiredPrompt:
    """A prompt."""
    arguments = [
        PromptArgument(
            name=name, description=text, required=name not in declared.optional
        )
        for name, text in declared.arguments.items()
    ]
    made = WiredPrompt(
        name=declared.name,
        title=declared.title,
        description=declared.description,
        arguments=arguments,
    )
    made._toolset = toolset  # noqa: SLF001 - made here
    made._maker = partial(_filled, declared)  # noqa: SLF001 - made here
    return made


def _filled(declared: manifest.Prompt, given: dict[str, Any]) -> str:
    known = {name: str(given.get(name) or "") for name in declared.arguments}
    return declared.text.format_map(known)


def hints(tool: declared.Tool) -> ToolAnnotations:
    """What a client may tell its user beforehand (spec, ToolAnnotations)."""
    if tool.read_only:
        return ToolAnnotations(
            read_only_hint=True, open_world_hint=None if tool.open_world else False
        )
    return ToolAnnotations(
        read_only_hint=False,
        destructive_hint=tool.destructive,
        idempotent_hint=tool.idempotent,
        open_world_hint=tool.open_world,
    )


async def _read(uri: str, reader: Reader, given: dict[str, Any]) -> list[str | bytes]:
    """Read, and name the address where there is nothing to read (spec, resources)."""
    try:
        return await reader(given)
    except ValidationError as exc:
        raise _NothingThereError(INVALID_PARAMS, str(exc), {"uri": uri}) from None


def _content(parts: list[str | bytes], mime_type: str | None) -> ResourceResult:
    contents = [ResourceContent(content=part, mime_type=mime_type) for part in parts]
    return ResourceResult(contents=contents)


def _context() -> Context | None:
    try:
        return get_context()
    except RuntimeError:
        return None
