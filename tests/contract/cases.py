"""What a toolset's tests say of its tools, so that the contract can be checked."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call of a tool.

    Attributes:
        tool: Full name.
        outcome: What the answer must say; of a change: before it is confirmed.
        steady: Whether a second call gives the same answer.
    """

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "ok"
    steady: bool = True


def _nothing(_folder: Path) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """How to call the tools of one toolset: ``CONTRACT`` in its ``contract`` module.

    Each tool needs a case that works and one that does not; a tool with pages one of
    several pages; a tool with a list in its answer one that finds nothing.

    Attributes:
        prepare: Makes files in the working directory, and gives the settings.
        state: A picture of the outside system, to tell whether it was changed.
        canaries: Secrets that the outside system holds or the settings give.
    """

    cases: tuple[Case, ...]
    prepare: Callable[[Path], Mapping[str, Any]] = _nothing
    state: Callable[[], object] = tuple
    canaries: tuple[str, ...] = ()

    def of(self, tool: str) -> list[Case]:
        """The cases of one tool."""
        return [case for case in self.cases if case.tool == tool]


def contract_of(toolset: str) -> Contract:
    """The contract of a toolset, by its name."""
    module = importlib.import_module(f"tests.toolsets.{toolset}.contract")
    found: Contract = module.CONTRACT
    return found
