"""Everything the server offers, found by name, and cut to what a request may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from fastmcp import FastMCP
from fastmcp.server.providers.base import Provider
from mcp_types import PromptReference

from sickbay.server.request import WRITE, chosen, scopes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fastmcp.prompts.base import Prompt
    from fastmcp.resources.base import Resource
    from fastmcp.resources.template import ResourceTemplate
    from fastmcp.server.completions import CompletionReference
    from fastmcp.tools.base import Tool
    from fastmcp.utilities.versions import VersionSpec

    from sickbay.server.components import (
        WiredPrompt,
        WiredResource,
        WiredTemplate,
        WiredTool,
    )

Item = TypeVar("Item", "WiredTool", "WiredResource", "WiredTemplate", "WiredPrompt")


class Catalogue(Provider):
    """The components of all toolsets, in a stable order.

    A look-up takes the same time however many tools there are.

    Args:
        unknown: Makes the tool that answers for a name that there is not.
    """

    def __init__(self, unknown: Callable[[str, list[str]], WiredTool]) -> None:
        super().__init__()
        self.tools: dict[str, WiredTool] = {}
        self.hidden: dict[str, WiredTool] = {}
        self.resources: dict[str, WiredResource] = {}
        self.templates: dict[str, WiredTemplate] = {}
        self.prompts: dict[str, WiredPrompt] = {}
        self._unknown = unknown

    async def _list_tools(self) -> Sequence[Tool]:
        may_write = WRITE in scopes()
        return [
            tool
            for tool in _visible(self.tools.values())
            if may_write or tool.annotations is None or tool.annotations.read_only_hint
        ]

    async def _get_tool(
        self,
        name: str,
        version: VersionSpec | None = None,  # noqa: ARG002 - we have one
    ) -> Tool | None:
        return self.named(name)

    def named(self, name: str) -> WiredTool | None:
        """The tool of that name, if the request may see it."""
        found = self.tools.get(name) or self.hidden.get(name)
        return found if found is not None and _may_see(found.toolset) else None

    def stranger(self, name: str) -> WiredTool:
        """What answers where there is no such tool, with the nearest that there are."""
        from rapidfuzz import process  # noqa: PLC0415 - only when it is wrong

        known = [tool.name for tool in _visible(self.tools.values())]
        near = [name for name, _, _ in process.extract(name, known, limit=3)]
        return self._unknown(name, near)

    async def _list_resources(self) -> Sequence[Resource]:
        return list(_visible(self.resources.values()))

    async def _get_resource(
        self,
        uri: str,
        version: VersionSpec | None = None,  # noqa: ARG002 - we have one
    ) -> Resource | None:
        found = self.resources.get(uri)
        return found if found and _may_see(found.toolset) else None

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        return list(_visible(self.templates.values()))

    async def _get_resource_template(
        self,
        uri: str,
        version: VersionSpec | None = None,  # noqa: ARG002 - we have one
    ) -> ResourceTemplate | None:
        for template in _visible(self.templates.values()):
            if template.matches(uri) is not None:
                return template
        return None

    async def _list_prompts(self) -> Sequence[Prompt]:
        return list(_visible(self.prompts.values()))

    async def _get_prompt(
        self,
        name: str,
        version: VersionSpec | None = None,  # noqa: ARG002 - we have one
    ) -> Prompt | None:
        found = self.prompts.get(name)
        return found if found and _may_see(found.toolset) else None

    def completed(
        self, reference: CompletionReference
    ) -> WiredPrompt | WiredTemplate | None:
        """Whose argument is to be completed."""
        owner: WiredPrompt | WiredTemplate | None
        if isinstance(reference, PromptReference):
            owner = self.prompts.get(reference.name)
        else:
            owner = self.templates.get(reference.uri)
        return owner if owner and _may_see(owner.toolset) else None


class Protocol(FastMCP[Any]):
    """FastMCP over one catalogue: a call looks for its tool there first.

    FastMCP's own look-up starts a task for each provider and asks for transforms and
    visibility, which we do not use; that is a tenth of what a call costs.
    """

    def __init__(self, catalogue: Catalogue, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - FastMCP's
        super().__init__(*arguments, providers=[catalogue], **options)
        self._catalogue = catalogue

    async def get_tool(
        self, name: str, version: VersionSpec | None = None
    ) -> Tool | None:
        """The tool that answers to a name; there is always one."""
        found: Tool | None = self._catalogue.named(name)
        if found is None:
            found = await super().get_tool(name, version)
        return found or self._catalogue.stranger(name)


def _visible(items: Iterable[Item]) -> list[Item]:
    wanted = chosen()
    if wanted is None:
        return list(items)
    return [item for item in items if not item.toolset or item.toolset in wanted]


def _may_see(toolset: str) -> bool:
    wanted = chosen()
    return wanted is None or not toolset or toolset in wanted
