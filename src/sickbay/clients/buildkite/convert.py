"""Buildkite's builds and jobs as ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args
from urllib.parse import urlsplit

from sickbay.ci.builds import Attempt, Build, Kind
from sickbay.ci.references import BuildRef, JobRef, is_job_id
from sickbay.ci.states import FAILED, PASSED, UNFINISHED, buildkite_state
from sickbay.clients.buildkite.models import Annotation, Artifact
from sickbay.clients.number import whole_number
from sickbay.core.moments import in_utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sickbay.clients.buildkite import wire

_KINDS = frozenset(get_args(Kind))
_RAN = (FAILED | PASSED) - {"startup_failure"}


def build(
    found: wire.Build, ref: BuildRef, *, web_url: str, why: str | None = None
) -> Build:
    """A build as ours; jobs without an id, of which nothing can be told, are left out.

    Args:
        found: As the API has it.
        ref: Which it is.
        web_url: Where people look at it, if it does not say so itself.
        why: What is missing of it.
    """
    page = f"{web_url}/{ref.organization}/{ref.pipeline}/builds/{ref.number}"
    url = http_url(found.web_url) or page
    every = [
        attempt(job, ref, sha=found.commit or "", branch=found.branch, url=url)
        for job in found.jobs or ()
    ]
    attempts = tuple(one for one in every if one.job_id or one.kind != "script")
    if lost := len(every) - len(attempts):
        why = "; ".join(filter(None, (why, f"{lost} of its jobs have no id")))
    return Build(
        organization=ref.organization,
        pipeline=ref.pipeline,
        number=ref.number,
        url=url,
        branch=found.branch or "",
        sha=found.commit or "",
        message=found.message or "",
        state=found.state or "",
        source=found.source,
        author=_person(found.author),
        creator=_person(found.creator),
        pull_request=_number(found.pull_request),
        created_at=in_utc(found.created_at),
        started_at=in_utc(found.started_at),
        finished_at=in_utc(found.finished_at),
        attempts=attempts,
        why=why,
    )


def attempt(
    found: wire.Job,
    ref: BuildRef,
    *,
    sha: str = "",
    branch: str | None = None,
    url: str = "",
) -> Attempt:
    """An attempt of a job as ours."""
    kind = cast("Kind", found.type) if found.type in _KINDS else "script"
    state = buildkite_state(found.state)
    source, agent = found.retry_source, found.agent
    started_at, finished_at = in_utc(found.started_at), in_utc(found.finished_at)
    job_id = _id(found.id)
    page = f"{url}#{job_id}" if url and job_id else url or None
    has_log = kind == "script" and job_id and (started_at or state in _RAN)
    return Attempt(
        name=found.name or found.label or found.step_key or _UNNAMED[kind],
        sha=sha,
        state=state,
        job_id=job_id,
        run_id=ref.number,
        conclusion=None if state in UNFINISHED else found.state,
        status=found.state,
        url=http_url(found.web_url) or page,
        log=JobRef(ref, str(job_id)).handle if has_log else None,
        started_at=started_at,
        finished_at=finished_at,
        duration_s=_between(started_at, finished_at),
        queue_s=_between(in_utc(found.runnable_at or found.created_at), started_at),
        runner=agent.name if agent else None,
        host=agent.hostname if agent else None,
        branch=branch,
        kind=kind,
        step_key=found.step_key,
        group=found.group_key,
        shard=found.parallel_group_index,
        shards=found.parallel_group_total,
        exit_status=found.exit_status,
        signal=found.signal,
        signal_reason=found.signal_reason,
        soft_failed=bool(found.soft_failed),
        retried=bool(found.retried),
        retried_in=_id(found.retried_in_job_id),
        retry_of=_id(source.job_id) if source else None,
        retry_type=source.retry_type if source else found.retry_type,
        queue=_queue(found),
        command=found.command,
    )


_UNNAMED: dict[Kind, str] = {
    "script": "command",
    "manual": "block",
    "waiter": "wait",
    "trigger": "trigger",
}
"""What a step without a name is called after what it does."""


def annotation(found: wire.Annotation) -> Annotation:
    """An annotation as ours."""
    return Annotation(
        annotation_id=found.id or "",
        context=found.context or "",
        style=found.style or "info",
        html=found.body_html or "",
        priority=found.priority,
        job_id=found.job_id,
        created_at=in_utc(found.created_at),
        updated_at=in_utc(found.updated_at),
    )


def artifact(found: wire.Artifact) -> Artifact:
    """An artifact as ours."""
    return Artifact(
        artifact_id=found.id or "",
        job_id=found.job_id,
        path=found.path or found.filename or "",
        size=found.file_size,
        mime_type=found.mime_type,
        sha1=found.sha1sum,
        state=found.state,
        url=found.download_url,
    )


def place(found: wire.Build, usual: BuildRef) -> BuildRef:
    """Which build it is, as it says itself; what it does not say is as usual."""
    parts = _url_path(found.web_url or "").strip("/").split("/")
    told = parts[-4:-2] if parts[-2:-1] == ["builds"] else []
    organization = told[0] if len(told) > 1 else usual.organization
    pipeline = told[1] if len(told) > 1 else usual.pipeline
    if found.pipeline and found.pipeline.slug:
        pipeline = found.pipeline.slug
    return BuildRef(organization, pipeline, found.number or usual.number)


def http_url(text: str | None) -> str | None:
    """A URL that a page may link to; strangers may have written another kind."""
    return text if (text or "").startswith(("https://", "http://")) else None


def _url_path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:  # such as of a bracket that is never closed
        return ""


def _id(text: str | None) -> str | None:
    """The id of a job; None where it would lead elsewhere in a path or an address."""
    return text if text and is_job_id(text) else None


def _person(found: wire.Person | None) -> str | None:
    if found is None:
        return None
    name = found.name or found.username
    return f"{name} <{found.email}>" if name and found.email else name or found.email


def _number(found: wire.Pull | None) -> int | None:
    return whole_number(str(found.id)) if found else None


def _queue(found: wire.Job) -> str | None:
    """The queue that it ran in, or else the one that it asked for."""
    agent = found.agent.meta_data if found.agent else None
    return _value(agent or ()) or _value(found.agent_query_rules or ())


def _value(rules: Iterable[str]) -> str | None:
    named = (rule.partition("=")[2] for rule in rules if rule.startswith("queue="))
    return next(named, None) or None


def _between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds, where both are known."""
    return max(0.0, (end - start).total_seconds()) if start and end else None
