"""The tool that compares two builds."""

from __future__ import annotations

from typing import Annotated

from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, Identifier, tool
from sickbay.toolsets.buildkite.analysis.changes import change_counts, change_rows
from sickbay.toolsets.buildkite.models.scan import BuildName, ComparedBuilds
from sickbay.toolsets.buildkite.source import Buildkite
from sickbay.toolsets.buildkite.tools.reference import meant_build
from sickbay.toolsets.buildkite.tools.scanner import Scan, Scanner, ref_of

TIMEOUT_S = 900.0


@tool(
    title="Compare two builds",
    items="changes",
    untrusted=("build_info", "base_info", "changes", "notes"),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def compare_builds(
    source: Buildkite,
    call: Call,
    *,
    build: BuildName,
    base: Annotated[
        str | None, Identifier(), "the finished one of its kind before it"
    ] = None,
) -> ComparedBuilds:
    """Say what is new, still failing or fixed in a build against an earlier one.

    Gives `changes` (new, still_failing, fixed, or not_run where the job did not run
    and nobody knows; job with its log, category), their `counts`, `build_info`,
    `base_info`, `notes` and the ids of both `scans`.
    """
    scanner = Scanner(source, call)
    one = await scanner.scan(meant_build(source, build))
    if base is None:
        other_ref = ref_of(await scanner.targets.before(one.build))
    else:
        other_ref = meant_build(source, base)
    other = await Scanner(source, call, issues=False).scan(other_ref)
    found: ComparedBuilds = await call.thread(_compared, one, other)
    return found


def _compared(one: Scan, other: Scan) -> ComparedBuilds:
    from sickbay.ci.compare import compared  # noqa: PLC0415 - brings the log engine

    found = change_rows(compared(one.causes, other.causes, one.build, other.build))
    gaps = Gaps()
    for scan in (one, other):
        for skipped in scan.report.coverage.skipped:
            gaps.note(f"build {scan.build.number}: {skipped.what}", skipped.why)
    read = [scan.report.coverage for scan in (one, other)]
    return ComparedBuilds(
        build_info=one.report.build_info,
        base_info=other.report.build_info,
        counts=change_counts(found),
        changes=found,
        scans=tuple(str(scan.report.scan_id) for scan in (one, other)),
        notes=tuple(dict.fromkeys((*one.report.notes, *other.report.notes))),
        coverage=gaps.coverage(
            sum(part.examined for part in read), sum(part.of for part in read)
        ),
    )
