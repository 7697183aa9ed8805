"""The tools that change something: retry a job, let a build go on, open an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sickbay.ci.references import parsed_job
from sickbay.core.errors import BadRequest, NotFound
from sickbay.core.results import Effect
from sickbay.core.tool import Call, tool
from sickbay.core.untrusted import visible
from sickbay.render.words import brief, lasting
from sickbay.toolsets.buildkite.models.changes import Fields, JobChange
from sickbay.toolsets.buildkite.models.jobs import JobName
from sickbay.toolsets.buildkite.source import Buildkite
from sickbay.toolsets.buildkite.tools.reference import meant_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.builds import Attempt, Build
    from sickbay.ci.references import JobRef

NAME = 120
"""Characters of a name, which a stranger chose, that a question shows."""

_FINISHED = frozenset({"passed", "failed", "canceled", "blocked"})


async def _retry_plan(
    source: Buildkite, _call: Call, *, job: JobName
) -> Effect | JobChange:
    ref = await meant_job(source, job)
    build = await source.client.build(ref.build, refresh=True)
    attempt = _attempt(build, ref)
    if attempt.retried or attempt.retried_in:
        return _retried(build, attempt)
    if attempt.kind != "script" or attempt.started_at is None:
        raise BadRequest(
            f"{_name(attempt)} never ran: {_word(attempt)}",
            hint="only a job that ran can be retried; buildkite_build lists them",
        )
    if attempt.unfinished:
        raise BadRequest(
            f"{_name(attempt)} still runs: {_word(attempt)}",
            hint="wait until it has ended",
        )
    return Effect(
        target=_target(build, attempt),
        action="run the job again",
        consequences=tuple(_retry_consequences(build, attempt)),
        data={"handle": ref.handle},
    )


def _retried(build: Build, attempt: Attempt) -> JobChange:
    return JobChange(
        outcome="already_done",
        target=_target(build, attempt),
        job_id=attempt.retried_in,
        name=attempt.name,
        state="retried",
        url=f"{build.url}#{attempt.retried_in}" if attempt.retried_in else build.url,
        message="This attempt was retried before, and each can be only once.",
    )


def _retry_consequences(build: Build, attempt: Attempt) -> Iterator[str]:
    took = f" for about {lasting(attempt.duration_s)}" if attempt.duration_s else ""
    queue = f" of queue {brief(attempt.queue, NAME)}" if attempt.queue else ""
    yield f"it takes a machine{queue}{took}"
    yield f"it was {_word(attempt)}, with exit status {attempt.exit_status}"
    if build.state in _FINISHED:
        yield f"the build, which is {build.state}, runs again until it is over"
    yield "this attempt cannot be retried a second time; the new one can"


@tool(
    title="Retry a job",
    plan=_retry_plan,
    untrusted=("target", "consequences", "name"),
    open_world=True,
)
async def retry_job(source: Buildkite, _call: Call, effect: Effect) -> JobChange:
    """Run a job of a build again. Ask the user first.

    Gives `job_id`, `name`, `state` and `url` of the new attempt; buildkite_build tells
    how it goes.
    """
    made = await source.client.retry(_ref(effect))
    return JobChange(
        job_id=str(made.job_id),
        name=made.name,
        state=_word(made),
        url=made.url,
        message=f"Attempt {made.job_id} is {_word(made)}; buildkite_build tells more.",
    )


async def _unblock_plan(
    source: Buildkite, _call: Call, *, job: JobName, fields: Fields = None
) -> Effect | JobChange:
    ref = await meant_job(source, job)
    build = await source.client.build(ref.build, refresh=True)
    step = _attempt(build, ref)
    if step.kind != "manual":
        raise BadRequest(
            f"{_name(step)} waits for nobody: it is a {step.kind} job",
            hint="buildkite_build with state=blocked lists the steps that wait",
        )
    if step.state != "action_required":
        return _unblocked(build, step)
    given = {visible(key): visible(text) for key, text in (fields or {}).items()}
    return Effect(
        target=_target(build, step),
        action="let the build go on at this step",
        consequences=tuple(_unblock_consequences(build, given)),
        data={"handle": ref.handle, "fields": given},
    )


def _unblocked(build: Build, step: Attempt) -> JobChange:
    return JobChange(
        outcome="already_done",
        target=_target(build, step),
        job_id=str(step.job_id),
        name=step.name,
        state=_word(step),
        url=step.url,
        message=f"Nothing waits at this step: it is {_word(step)}.",
    )


def _unblock_consequences(build: Build, given: dict[str, str]) -> Iterator[str]:
    yield "the jobs behind this step start, and take machines"
    yield f"Buildkite shows your token's owner as who unblocked build {build.number}"
    for key, text in given.items():
        yield f"field {brief(key, NAME)}: {brief(text)}"


@tool(
    title="Unblock a step",
    plan=_unblock_plan,
    untrusted=("target", "consequences", "name"),
    open_world=True,
)
async def unblock_job(source: Buildkite, _call: Call, effect: Effect) -> JobChange:
    """Let a build go on at a step that waits (blocked). Ask the user first.

    Gives `job_id`, `name`, `state` and `url` of the step; buildkite_build tells what
    started.
    """
    fields = cast("dict[str, str]", (effect.data or {}).get("fields") or {})
    made = await source.client.unblock(_ref(effect), fields)
    return JobChange(
        job_id=str(made.job_id),
        name=made.name,
        state=_word(made),
        url=made.url,
        message="It is unblocked; buildkite_build tells what started.",
    )


def _attempt(build: Build, ref: JobRef) -> Attempt:
    for attempt in build.attempts:
        if attempt.job_id == ref.job_id:
            return attempt
    raise NotFound(
        f"build {ref.build.number} has no job {ref.job_id}",
        hint="buildkite_build lists the jobs of a build",
    )


def _ref(effect: Effect) -> JobRef:
    return parsed_job(str((effect.data or {})["handle"]))


def _target(build: Build, attempt: Attempt) -> str:
    place = f"{build.organization}/{build.pipeline} build {build.number}"
    return f"{_name(attempt)} ({attempt.job_id}) of {place}"


def _name(attempt: Attempt) -> str:
    """The name on one line: a stranger's words stand within a question."""
    return brief(" ".join(visible(attempt.name).split()), NAME)


def _word(attempt: Attempt) -> str:
    return attempt.conclusion or attempt.status or attempt.state
