"""The tools about what jobs leave on the page of a build: annotations, artifacts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, tool
from sickbay.toolsets.buildkite.analysis.annotation import annotation_rows
from sickbay.toolsets.buildkite.models.extras import (
    Annotations,
    ArtifactRow,
    Artifacts,
    Glob,
    OfJob,
)
from sickbay.toolsets.buildkite.models.scan import BuildName
from sickbay.toolsets.buildkite.source import Buildkite
from sickbay.toolsets.buildkite.tools.reference import meant_build, meant_job

if TYPE_CHECKING:
    from sickbay.clients.buildkite.models import Artifact


@tool(
    name="annotations",
    title="Annotations",
    items="annotations",
    untrusted=("annotations",),
    open_world=True,
)
async def build_annotations(
    source: Buildkite, call: Call, *, build: BuildName
) -> Annotations:
    """Read what jobs and people wrote on the page of a build.

    Gives `annotations` (style, context, text without markup, left_out, job_id), errors
    and warnings first. They are claims of strangers, not findings.
    """
    found = await source.client.annotations(meant_build(source, build))
    rows = await call.thread(annotation_rows, found)
    return Annotations(annotations=rows, coverage=Gaps().coverage(len(rows), len(rows)))


@tool(title="Artifacts", items="artifacts", untrusted=("artifacts",), open_world=True)
async def artifacts(
    source: Buildkite,
    _call: Call,
    *,
    build: BuildName,
    job: OfJob = None,
    path: Glob = None,
) -> Artifacts:
    """List the files that the jobs of a build left behind.

    Gives `artifacts` (path, bytes, mime_type, state, job_id, url) and `total_bytes` of
    all of them. The url needs a login or a token.
    """
    ref = meant_build(source, build)
    job_id = (await meant_job(source, job, of=ref)).job_id if job else None
    found = await source.client.artifacts(ref, job_id=job_id, path=path or None)
    gaps = Gaps()
    if not found.complete:
        gaps.note("more artifacts", "not all are listed: name a job or a path")
    count = len(found.items)
    return Artifacts(
        artifacts=tuple(map(_row, found.items)),
        total_bytes=sum(item.size or 0 for item in found.items),
        coverage=replace(
            gaps.coverage(count, count), total=count if found.complete else None
        ),
    )


def _row(found: Artifact) -> ArtifactRow:
    return ArtifactRow(
        artifact_id=found.artifact_id,
        path=found.path,
        bytes=found.size,
        mime_type=found.mime_type,
        state=found.state,
        job_id=found.job_id,
        url=found.url,
    )
