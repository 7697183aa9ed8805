"""Old names of tools: translated, answered by ours, and never listed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import BadRequest
from sickbay.server.components import WiredTool
from sickbay.server.request import chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fastmcp import Context
    from fastmcp.tools.base import ToolResult

    from sickbay.core.manifest import Alias
    from sickbay.server.tool import BoundTool

    Refusal = Callable[[str, BadRequest, Context | None], ToolResult]


@dataclass(frozen=True, slots=True)
class Claim:
    """One toolset's claim to an old name."""

    alias: Alias
    bound: BoundTool

    def fits(self, given: Mapping[str, Any]) -> bool:
        """Whether a call with these arguments is meant for it."""
        wanted = chosen()
        if wanted is not None and self.bound.toolset not in wanted:
            return False
        return self.alias.when is None or self.alias.when(given)

    def translated(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Old arguments as ours; an old one that was not set is left out.

        Raises:
            BadRequest: An old argument is not of the kind that it was.
        """
        ours: dict[str, Any] = dict(self.alias.fixed)
        done = set(self.alias.ignored)
        for names, meaning in self.alias.joined.items():
            done.update(names)
            values = [given.get(name) for name in names]
            if any(value is not None for value in values):
                ours.update(_meant(" and ".join(names), values, meaning))
        for name, value in given.items():
            if name in done or value is None:
                continue
            renamed = self.alias.arguments.get(name, name)
            if isinstance(renamed, str):
                ours[renamed] = value
            else:
                ours.update(_meant(name, [value], renamed))
        return ours


def _meant(
    name: str, values: Sequence[object], meaning: Callable[..., Mapping[str, Any]]
) -> Mapping[str, Any]:
    try:
        return meaning(*values)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        kinds = " and ".join(type(value).__name__ for value in values)
        raise BadRequest(f"argument {name}: {kinds} means nothing here") from None


def old_tools(claims: Iterable[Claim], refuse: Refusal) -> list[WiredTool]:
    """A tool for every old name.

    Raises:
        BadRequest: Two toolsets claim a name, and no argument decides between them.
    """
    by_name: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_name[claim.alias.name].append(claim)
    return [_tool(name, by_name[name], refuse) for name in sorted(by_name)]


def _tool(name: str, claims: Sequence[Claim], refuse: Refusal) -> WiredTool:
    if len(claims) > 1 and any(claim.alias.when is None for claim in claims):
        owners = " and ".join(claim.bound.name for claim in claims)
        raise BadRequest(
            f"the old name {name} is claimed by {owners}",
            hint="let the aliases say which arguments make it theirs (when)",
        )
    first = claims[0].bound

    async def runner(given: dict[str, Any], context: Context | None) -> ToolResult:
        for claim in claims:
            if claim.fits(given):
                try:
                    ours = claim.translated(given)
                except BadRequest as exc:
                    return refuse(name, exc, context)
                return await claim.bound.run(ours, context, alias=claim.alias)
        why = f"{name} is an old name, and these arguments fit none of its meanings"
        new = ", ".join(claim.bound.name for claim in claims)
        return refuse(name, BadRequest(why, hint=f"call {new}"), context)

    return WiredTool.of(
        toolset=first.toolset if len(claims) == 1 else "",
        name=name,
        description=f"Old name of {first.name}.",
        parameters={"type": "object"},
        runner=runner,
    )
