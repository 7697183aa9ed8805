"""Builds of Buildkite for whoever keeps a history of them."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sickbay.ci.matching import matcher
from sickbay.ci.records import BuildRecord
from sickbay.ci.references import BUILDKITE
from sickbay.ci.services import FoundBuild
from sickbay.core.errors import BadRequest
from sickbay.core.gaps import Gaps
from sickbay.core.results import Skipped
from sickbay.toolsets.buildkite.source.readings import Readings, Wishes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sickbay.ci.builds import Build
    from sickbay.ci.scan.models import FailedJob
    from sickbay.ci.services import BuildsWanted, Depth
    from sickbay.core.tool import Call
    from sickbay.toolsets.buildkite.source import Buildkite

PAGE = 30
"""Builds that are asked for at once, with all their jobs."""

ANY = "*"

OVERLAP = timedelta(seconds=1)
"""By which a page reaches into the one before: builds may share a moment."""

_PIPELINE = re.compile(r"(?:([\w.-]+)/)?([\w.-]+)")


def pipeline_of(source: Buildkite, named: str | None) -> tuple[str, str]:
    """Organization and pipeline that a name means; None is the usual one.

    Raises:
        BadRequest: It is no such name.
    """
    settings = source.settings
    if named is None:
        return settings.organization, settings.pipeline
    found = _PIPELINE.fullmatch(named)
    if found is None:
        raise BadRequest(
            f"{named[:80]!r} is no pipeline", hint="write organization/pipeline"
        )
    return found[1] or settings.organization, found[2]


async def builds_of(
    source: Buildkite, wanted: BuildsWanted
) -> AsyncIterator[FoundBuild]:
    """Builds that are over, the newest first; see ``ci.services.BuildSource``."""
    organization, name = pipeline_of(source, wanted.pipeline)
    branch = wanted.branch or source.settings.branch
    matches = matcher(wanted.message)
    until, seen, given = wanted.until, set[int](), 0
    while True:
        page = await source.client.builds(
            organization=organization,
            pipeline=name,
            branch=None if branch == ANY else branch,
            created_from=wanted.since,
            created_to=until,
            limit=PAGE,
            jobs=True,
            pages=1,
        )
        fresh = [build for build in page.builds if build.number not in seen]
        for build in fresh:
            seen.add(build.number)
            if build.finished and matches(build.message):
                yield FoundBuild(
                    record=record_of(build), read=partial(_read, source, build)
                )
                given += 1
            if given == wanted.most:
                return
        oldest = min((b.created_at for b in fresh if b.created_at), default=None)
        if page.complete or oldest is None:
            return
        until = oldest + OVERLAP


def record_of(build: Build) -> BuildRecord:
    """What a history keeps of a build before its logs are read."""
    from sickbay.ci.recording import job_records  # noqa: PLC0415 - brings the engine

    place = f"{build.organization}/{build.pipeline}"
    return BuildRecord(
        build_id=f"{BUILDKITE}:{place}/{build.number}",
        source="buildkite",
        pipeline=place,
        number=str(build.number),
        branch=build.branch,
        sha=build.sha,
        title=build.title,
        author=build.author or build.creator,
        state=build.state,
        url=build.url,
        pull_request=build.pull_request,
        created_at=build.created_at or build.started_at or _ended(build),
        finished_at=build.finished_at,
        jobs=job_records(build),
        missing=(Skipped("jobs", build.why),) if build.why else (),
    )


def _ended(build: Build) -> datetime:
    if build.finished_at is None:
        raise BadRequest(f"build {build.number} is not over")
    return build.finished_at


async def _read(
    source: Buildkite, build: Build, depth: Depth, call: Call
) -> BuildRecord:
    """The build with what its jobs say."""
    gaps = Gaps()
    wishes = Wishes(
        most=depth.logs,
        said=f"only {depth.logs:,} were asked for",
        job=matcher(depth.job),
        passed=depth.passed_logs,
        all_tests=True,
    )
    readings = Readings(source, call, gaps, wishes)
    items = await readings.of(build)
    made: BuildRecord = await call.thread(_made, source, build, depth, readings, items)
    return replace(made, missing=(*made.missing, *dict.fromkeys(gaps.skipped)))


def _made(
    source: Buildkite,
    build: Build,
    depth: Depth,
    readings: Readings,
    items: Sequence[FailedJob],
) -> BuildRecord:
    from sickbay.ci.hearing import Heard  # noqa: PLC0415 - brings the engine
    from sickbay.ci.recording import JobReading, recorded  # noqa: PLC0415 - same

    record = record_of(build)
    record = replace(
        record,
        jobs=tuple(
            replace(job, log=None) if job.job_id in readings.gone else job
            for job in record.jobs
        ),
    )
    read = []
    for item in items:
        job_id = str(item.attempt.job_id)
        heard = readings.heard.get(job_id, Heard(listing="failed"))
        cut = job_id in readings.cut
        read.append(JobReading(item=item, heard=heard, cut=cut))
    now, room = source.now(), depth.excerpt_bytes
    return recorded(record, build, read, now=now, excerpt_bytes=room)
