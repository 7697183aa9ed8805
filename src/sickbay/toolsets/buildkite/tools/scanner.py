"""Scans a build: gathers all that is known of its failures, and has it judged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sickbay.ci.references import BuildRef
from sickbay.core.gaps import Gaps
from sickbay.toolsets.buildkite.analysis.builds import build_info, job_counts
from sickbay.toolsets.buildkite.analysis.rows import retried, rows, without_lines
from sickbay.toolsets.buildkite.models.scan import ScanReport
from sickbay.toolsets.buildkite.source.readings import Readings
from sickbay.toolsets.buildkite.tools.archive import keep, scan_id
from sickbay.toolsets.buildkite.tools.background import Background
from sickbay.toolsets.buildkite.tools.hub import Hub
from sickbay.toolsets.buildkite.tools.ownership import NO_CHECKOUT, Ownership
from sickbay.toolsets.buildkite.tools.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.builds import Build
    from sickbay.ci.scan.models import Cause, FailedJob, Issue, PastBuild
    from sickbay.core.tool import Call
    from sickbay.toolsets.buildkite.source import Buildkite


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A build that was scanned.

    Attributes:
        causes: Of its failures, with their owners.
        report: The whole of it, for people.
    """

    build: Build
    causes: tuple[Cause, ...]
    report: ScanReport


def ref_of(build: Build) -> BuildRef:
    """What names a build."""
    return BuildRef(build.organization, build.pipeline, build.number)


class Scanner:
    """Scans builds; one that is finished is scanned once a minute at most.

    Args:
        source: Buildkite, GitHub and git.
        call: Is told how far it is.
        issues: Look failures up on GitHub.
    """

    def __init__(self, source: Buildkite, call: Call, *, issues: bool = True) -> None:
        self._source = source
        self._call = call
        self._issues = issues
        self.targets = Targets(source)

    async def scan(self, ref: BuildRef) -> Scan:
        """Scan a build.

        Raises:
            SickbayError: Not even the build and its jobs are to be had.
        """
        key = f"{ref}:{self._issues}"
        build = await self._source.client.build(ref)
        known: Scan | None = self._source.recent.get(key)
        if known is not None and known.build is build:  # no retry changed it since
            return known
        scan = await self._scanned(build)
        await self._call.thread(keep, self._source, scan.report)
        if build.finished:
            self._source.recent[key] = scan
        return scan

    async def _scanned(self, build: Build) -> Scan:
        gaps, hub = Gaps(), Hub()
        readings = Readings(self._source, self._call, gaps)
        background = Background(self._source, self.targets, gaps, hub, self._call)
        ownership = Ownership(self._source, build, gaps, hub)
        failed, past, tracked, _ = await asyncio.gather(
            readings.of(build),
            background.past(build),
            self._tracked(background),
            ownership.prepare(),
        )
        issues = None
        if self._issues:
            issues = await background.issues(failed, tracked)
        found = await self._call.thread(self._judged, build, failed, past, issues)
        causes = await ownership.owned(without_lines(found, readings.cut))
        hub.note(gaps)
        coverage = gaps.coverage(readings.examined, readings.total)
        report = self._report(build, causes)
        return Scan(
            build=build, causes=causes, report=replace(report, coverage=coverage)
        )

    async def _tracked(self, background: Background) -> tuple[Issue, ...] | None:
        return await background.tracked() if self._issues else None

    def _judged(
        self,
        build: Build,
        failed: Sequence[FailedJob],
        past: Sequence[PastBuild] | None,
        issues: Sequence[Issue] | None,
    ) -> tuple[Cause, ...]:
        from sickbay.ci.scan.scan import scan  # noqa: PLC0415 - brings the log engine

        now = self._source.now()
        return scan(build, failed, past=past, issues=issues, now=now)

    def _report(self, build: Build, causes: Sequence[Cause]) -> ScanReport:
        now = self._source.now()
        info = build_info(build, nightly=self.targets.kinds)
        found = rows(causes)
        categories: dict[str, int] = {}
        for row in found:
            categories[row.category] = categories.get(row.category, 0) + 1
        return ScanReport(
            scan_id=scan_id(info, now),
            build_info=info,
            jobs=job_counts(build),
            categories=categories,
            unique_failures=len(found),
            causes=found,
            passed_on_retry=retried(causes),
            notes=tuple(self._notes(build, causes)),
            scanned_at=now,
        )

    def _notes(self, build: Build, causes: Sequence[Cause]) -> list[str]:
        """What would make the answer better, and how to get it."""
        notes = []
        if not build.finished:
            notes.append(
                f"build {build.number} is {build.state or 'not finished'}: jobs that "
                "have not ended yet are not in this scan"
            )
        if build.why:
            notes.append(build.why)
        if causes and self._source.git is None:
            notes.append(NO_CHECKOUT)
        return notes
