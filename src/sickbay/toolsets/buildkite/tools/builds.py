"""The tools about builds: which there are, and how the jobs of one ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from sickbay.core.errors import BadRequest
from sickbay.core.gaps import Gaps
from sickbay.core.results import Coverage
from sickbay.core.timerange import time_range as stretch
from sickbay.core.tool import Call, tool
from sickbay.logs.pattern import Pattern
from sickbay.toolsets.buildkite.analysis.builds import build_row, job_counts, job_rows
from sickbay.toolsets.buildkite.analysis.kind import kinds
from sickbay.toolsets.buildkite.models.builds import (
    BuildList,
    BuildReport,
    JobState,
    Limit,
    State,
)
from sickbay.toolsets.buildkite.models.scan import BuildName, Pipeline
from sickbay.toolsets.buildkite.source import Buildkite
from sickbay.toolsets.buildkite.tools.reference import meant_build, meant_pipeline

if TYPE_CHECKING:
    from sickbay.ci.builds import Build

PAGES = 10
"""Pages of builds that are looked through for those that match."""

_SHA = Pattern(r"[0-9a-f]{7,40}")
_WHOLE_SHA = 40


@tool(title="Builds", items="builds", untrusted=("builds",), open_world=True)
async def list_builds(  # noqa: PLR0913 - each is a way to choose
    source: Buildkite,
    _call: Call,
    *,
    pipeline: Pipeline = None,
    branch: Annotated[str | None, "any unless given"] = None,
    state: State = None,
    commit: Annotated[str | None, "sha, or its beginning"] = None,
    message: Annotated[str | None, "part of the message"] = None,
    time_range: Annotated[str | None, "when it began: 7d, 24h or A:B"] = None,
    limit: Limit = 20,
) -> BuildList:
    """List builds of a pipeline, the newest first.

    Gives `builds`: build_number, title, state, branch, commit, author, nightly, times.
    Next: buildkite_scan_build, buildkite_build.
    """
    organization, slug = meant_pipeline(source, pipeline)
    choice = _Choice(_sha(commit), (message or "").casefold())
    when = stretch(time_range, now=source.now()) if time_range else None
    found = await source.client.builds(
        organization=organization,
        pipeline=slug,
        branch=branch or None,
        states=(state,) if state else (),
        commit=choice.whole_sha,
        created_from=when.start if when else None,
        created_to=when.stop if when else None,
        limit=limit,
        match=choice.fits if choice.picky else None,
        pages=PAGES,
    )
    gaps = Gaps()
    if not found.complete and len(found.builds) < limit:
        gaps.note("older builds", f"none of the newest {found.examined} but these fit")
    nightly = kinds(source.settings.nightly)
    return BuildList(
        builds=tuple(build_row(one, nightly=nightly) for one in found.builds),
        coverage=Coverage(
            max(found.examined, len(found.builds)), None, tuple(gaps.skipped)
        ),
    )


@tool(
    title="One build", items="jobs", untrusted=("build_info", "jobs"), open_world=True
)
async def build(
    source: Buildkite,
    _call: Call,
    *,
    build: BuildName,
    state: JobState = None,
    name: Annotated[str | None, "part of the job's name"] = None,
) -> BuildReport:
    """Tell how a build and its jobs ended, the attempts of a job joined.

    Gives `build_info`, `counts` of its jobs and `jobs` (name, ending, exit_status,
    signal, host, queue, log, attempts). Steps that wait for a person are `blocked`.
    Next: buildkite_explain_job, buildkite_job_log.
    """
    ref = meant_build(source, build)
    found = await source.client.build(ref)
    gaps = Gaps()
    if found.why:
        gaps.note(f"build {ref.number}", found.why)
    rows = job_rows(found, state, name or "")
    return BuildReport(
        build_info=build_row(found, nightly=kinds(source.settings.nightly)),
        counts=job_counts(found),
        jobs=rows,
        coverage=gaps.coverage(len(found.jobs), len(found.jobs)),
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """What Buildkite cannot choose by itself: it knows whole shas, and no messages."""

    sha: str
    message: str

    @property
    def whole_sha(self) -> str | None:
        return self.sha if len(self.sha) == _WHOLE_SHA else None

    @property
    def picky(self) -> bool:
        return bool(self.message or (self.sha and not self.whole_sha))

    def fits(self, found: Build) -> bool:
        """Whether a build is meant."""
        told = found.message.casefold()
        return self.message in told and found.sha.startswith(self.sha)


def _sha(text: str | None) -> str:
    sha = (text or "").strip().lower()
    if sha and not _SHA.fullmatch(sha):
        raise BadRequest(
            f"{sha[:80]} is no commit",
            hint="give 7 to 40 hexadecimal digits of its sha",
        )
    return sha
