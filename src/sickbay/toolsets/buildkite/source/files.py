"""JUnit files of attempts: the tests that their logs do not name."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from sickbay.ci.references import BuildRef

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sickbay.ci.builds import Build
    from sickbay.ci.hearing import Heard
    from sickbay.ci.junit import JunitResults
    from sickbay.ci.scan.models import FailedJob
    from sickbay.clients.buildkite.models import Artifact
    from sickbay.core.gaps import Gaps
    from sickbay.core.tool import Call
    from sickbay.toolsets.buildkite.source import Buildkite

JUNIT = "*.xml"
FEW, MANY = 20, 200
"""Files of a build that are read: for what failed, and for every test."""

MAX_JUNIT = 8 << 20
"""Bytes of a JUnit file: it is held and read at once, and whoever tests wrote it."""

AT_ONCE = 4

_SHOWN = 200


class Files:
    """Reads the JUnit files that attempts left behind.

    Args:
        source: Buildkite.
        call: Has worker threads.
        gaps: Where it goes what was not to be had.
        all_tests: Those that passed are wanted, too.
    """

    def __init__(
        self, source: Buildkite, call: Call, gaps: Gaps, *, all_tests: bool
    ) -> None:
        self._source = source
        self._call = call
        self._gaps = gaps
        self._all_tests = all_tests
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def added(
        self, build: Build, read: tuple[FailedJob, ...], heard: Mapping[str, Heard]
    ) -> tuple[tuple[FailedJob, ...], Mapping[str, Heard]]:
        """What logs say, with what files say of tests that the logs do not name.

        Args:
            build: Whose attempts they are.
            read: The attempts, with reports on their logs.
            heard: What the logs say besides, by the id of the attempt.
        """
        lacking = {
            str(one.attempt.job_id)
            for one in read
            if self._lacks(one, heard.get(str(one.attempt.job_id)))
        }
        files = await self._listed(build, lacking) if lacking else ()
        most = MANY if self._all_tests else FEW
        if len(files) > most:
            said = f"only {most} are read"
            self._gaps.note(f"{len(files) - most:,} more JUnit files", said)
        results = await asyncio.gather(*map(self._read, files[:most]))
        of_job: dict[str, list[JunitResults]] = {}
        for item, found in zip(files, results, strict=False):
            if found is not None and found.why is None:
                of_job.setdefault(str(item.job_id), []).append(found)
        if not of_job:
            return read, heard
        if self._all_tests:
            whole = {job for job in of_job if _all_of(job, files, of_job[job])}
            more = await self._call.thread(_joined, heard, of_job, whole)
            heard = {**heard, **more}
        made: tuple[FailedJob, ...] = await self._call.thread(_reconciled, read, of_job)
        return made, heard

    def _lacks(self, one: FailedJob, heard: Heard | None) -> bool:
        """Whether its log leaves tests out that JUnit files may name."""
        ended = one.attempt.exit_status
        if one.job.last is not one.attempt or ended is None or ended < 0:
            return False
        named = heard is not None and heard.listing == "all"
        if self._all_tests and not named:
            return True
        told = one.report is not None and one.report.tests.failed
        return one.attempt.failed and not told

    async def _listed(self, build: Build, jobs: Collection[str]) -> Sequence[Artifact]:
        ref = BuildRef(build.organization, build.pipeline, build.number)
        asked = self._source.client.artifacts(ref, path=JUNIT)
        listed = await self._gaps.tried("JUnit files", asked)
        return [one for one in listed.items if one.job_id in jobs] if listed else ()

    async def _read(self, item: Artifact) -> JunitResults | None:
        """What a file says."""
        async with self._turns:
            asked = self._source.client.artifact(item, max_bytes=MAX_JUNIT)
            data = await self._gaps.tried(f"JUnit file {item.path[:_SHOWN]}", asked)
            if data is None:
                return None
            found: JunitResults = await self._call.thread(_results, data)
            return found


def _results(data: bytes) -> JunitResults:
    from sickbay.ci.junit import junit_results  # noqa: PLC0415 - seldom

    return junit_results(data)


def _all_of(
    job_id: str, files: Iterable[Artifact], read: Sequence[JunitResults]
) -> bool:
    """Whether every file of a job was read."""
    return len(read) == sum(item.job_id == job_id for item in files)


def _joined(
    logs: Mapping[str, Heard],
    of_job: Mapping[str, Sequence[JunitResults]],
    whole: Collection[str],
) -> dict[str, Heard]:
    """What logs and files say together; some of the files of a job say nothing of all.

    Args:
        logs: What logs say, by the id of the attempt.
        of_job: What files say, by the same.
        whole: Attempts of which every file was read.
    """
    from sickbay.ci.hearing import Heard, joined  # noqa: PLC0415 - seldom

    made = {}
    for job_id, files in of_job.items():
        log = logs.get(job_id, Heard())
        both = joined(log, [one.heard for one in files])
        part = replace(both, listing="failed", complete=log.complete)
        made[job_id] = both if job_id in whole else part
    return made


def _reconciled(
    read: Iterable[FailedJob], of_job: Mapping[str, Sequence[JunitResults]]
) -> tuple[FailedJob, ...]:
    """The same, each with what the files of its job say."""
    from sickbay.ci.junit import reconciled  # noqa: PLC0415 - seldom

    return tuple(
        replace(one, report=reduce(reconciled, found, one.report))
        if one.report and (found := of_job.get(str(one.attempt.job_id)))
        else one
        for one in read
    )
