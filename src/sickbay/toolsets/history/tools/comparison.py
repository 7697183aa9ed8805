"""The tool that compares builds, branches and periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from sickbay.ci.history.comparison import DifferenceKind, compared
from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, Identifier, tool
from sickbay.toolsets.history.analysis.differences import change_rows, counts
from sickbay.toolsets.history.models.comparison import Comparison
from sickbay.toolsets.history.models.window import Branch, Pipeline
from sickbay.toolsets.history.source import HistorySource
from sickbay.toolsets.history.tools.recent import kept
from sickbay.toolsets.history.tools.sides import Chooser

if TYPE_CHECKING:
    from sickbay.toolsets.history.tools.sides import Builds


@tool(
    title="Compare",
    items="changes",
    untrusted=("new_side", "base_side", "changes", "notes"),
)
async def compare(  # noqa: PLR0913 - each names or narrows what is compared
    source: HistorySource,
    call: Call,
    *,
    one: Annotated[
        str, Identifier(), "a build (number, URL), branch:NAME, or a period (7d, A..B)"
    ],
    other: Annotated[
        str | None,
        Identifier(),
        "the same; by default what was before, the trunk for a branch",
    ] = None,
    change: Annotated[DifferenceKind | None, "only those"] = None,
    pipeline: Pipeline = None,
    branch: Branch = None,
) -> Comparison:
    """Say which tests fare differently in two builds, branches or periods.

    Gives `changes`, the worst and clearest first: rates or seconds on both sides,
    probability, whether it is significant among so many tests, why; their `counts`,
    `tests` on both sides, new_side, base_side, `notes`.
    """

    async def made() -> Comparison:
        chooser = await Chooser.of(source, pipeline, branch)
        new, base = await chooser.pair(one, other)
        return await _compared(source, call, new, base, change)

    return await kept(source, ("compare", one, other, change, pipeline, branch), made)


async def _compared(
    source: HistorySource,
    call: Call,
    new: Builds,
    base: Builds,
    kind: DifferenceKind | None,
) -> Comparison:
    before, since = await source.reading.outcomes(base.ids, new.ids)
    found = await call.thread(compared, before, since)
    gaps = Gaps()
    if found.unseen:
        why = "they did not run on one side, or their machines failed them"
        gaps.note(f"{found.unseen:,} tests", why)
    rows = change_rows(found.differences, kind=kind)
    total = len({*before, *since})
    return Comparison(
        new_side=new.facts,
        base_side=base.facts,
        tests=found.tests,
        counts=counts(found.differences),
        changes=rows,
        notes=(*_shared(new, base), *found.notes),
        coverage=gaps.coverage(total - found.unseen, total),
    )


def _shared(new: Builds, base: Builds) -> list[str]:
    """What spoils a comparison: builds that are on both sides."""
    shared = len({*new.ids} & {*base.ids})
    if not shared:
        return []
    return [f"{shared} of the builds are on both sides: they hide what differs"]
