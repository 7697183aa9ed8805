"""What a toolset says of itself: its folder's manifest holds one ``Toolset``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An old name that still works: callable, not listed.

    Attributes:
        name: The old name.
        tool: Our tool, without the toolset's prefix.
        arguments: Old argument name to ours, or to a function from the old value to
            a mapping of ours; an argument that is not named here keeps its name.
        joined: Several old arguments that mean something together, to a function from
            their values, None for one that was not given, to a mapping of ours.
        fixed: Our arguments that the old tool implied.
        ignored: Old arguments that mean nothing any more.
        result: Makes the old keys from our result; they are added to it.
        budget_bytes: Size of its answers, where the old keys need more than the tool.
        when: Which arguments make the name ours, where two toolsets share it.
    """

    name: str
    tool: str
    arguments: Mapping[str, str | Callable[[Any], Mapping[str, Any]]] = field(
        default_factory=dict
    )
    joined: Mapping[tuple[str, ...], Callable[..., Mapping[str, Any]]] = field(
        default_factory=dict
    )
    fixed: Mapping[str, Any] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    result: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    budget_bytes: int | None = None
    when: Callable[[Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A way to begin, offered to the user by name.

    Attributes:
        arguments: Name to description; all of them are optional where ``optional``
            names them.
        text: The message, with ``{name}`` where an argument goes.
    """

    name: str
    title: str
    description: str
    text: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something to read under a ``sickbay://`` address, template parameters in braces.

    Attributes:
        read: ``module:function`` of ``(source, **parameters) -> str | bytes``.
    """

    uri: str
    name: str
    description: str
    read: str
    mime_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolset:
    """One toolset. What is named ``module:attribute`` is imported when first needed.

    Attributes:
        name: Also the prefix of its tools.
        summary: One line: what it answers.
        guide: A page for a model that wants to use it well.
        tools: ``module:attribute`` of a tuple of ``Tool``.
        source: ``module:attribute`` of ``(settings, services) -> async context
            manager`` of the object that the tools get as their first argument.
        settings: ``module:attribute`` of a pydantic model; its section is ``name``.
        extra: The extra of the package that it needs, and ``requires`` the modules
            that the extra brings.
        configured: Whether the settings say that the outside system is there; a
            toolset without is on by default.
        provides: Protocols that its source fulfils: see ``core.services``.
        wants: Protocols that its commands ask other toolsets for: those that provide
            one, and are on by default, are on for the commands.
        complete: ``module:function`` of ``(source, argument, value) -> list[str]``.
        commands: ``module:attribute`` of a cyclopts ``App``: what people type behind
            ``sickbay <name>``. A command that has an argument ``desk`` gets a
            ``core.desk.Desk`` there.
    """

    name: str
    summary: str
    tools: str
    source: str
    guide: str = ""
    settings: str | None = None
    extra: str | None = None
    requires: tuple[str, ...] = ()
    configured: Callable[[Any], bool] | None = None
    named_only: bool = False
    aliases: tuple[Alias, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    resources: tuple[Resource, ...] = ()
    complete: str | None = None
    commands: str | None = None
    provides: tuple[type, ...] = ()
    wants: tuple[type, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that users have already, to the setting that each stands for."""
    questions: tuple[str, ...] = ()
    """Three questions to try, for a newcomer."""
