"""Builds by Buildkite's REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from sickbay.clients.buildkite import wire
from sickbay.clients.buildkite.answer import Answer, Page, Wanted, decoded, refused
from sickbay.clients.buildkite.logs import Log, Logs
from sickbay.clients.buildkite.places import same_list
from sickbay.clients.buildkite.way import Found, Listed
from sickbay.clients.http import unsure
from sickbay.clients.tolerant import Tolerant
from sickbay.core.errors import BadRequest, Malformed, NotFound, SickbayError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from sickbay.ci.references import BuildRef, JobRef
    from sickbay.clients.buildkite.limits import Limits
    from sickbay.clients.buildkite.models import Artifact, LogTail
    from sickbay.clients.buildkite.places import Api
    from sickbay.clients.buildkite.way import Wish
    from sickbay.clients.http import Http

T = TypeVar("T")

PER_PAGE = 100
"""The most that Buildkite gives at a time."""

MAX_PAGES = 50
"""Of the jobs, annotations or artifacts of one build."""

MAX_ANSWER = 256 << 20
"""Bytes of an answer, unpacked."""

_BUILD = Tolerant(wire.Build)
_BUILDS = Tolerant(list[wire.Build])
_JOB = Tolerant(wire.Job)
_JOBS = Tolerant(wire.JobPage)
_ANNOTATIONS = Tolerant(list[wire.Annotation])
_ARTIFACTS = Tolerant(list[wire.Artifact])


class Rest:
    """Asks the API.

    Args:
        http: Makes the requests, with the token if there is one.
        places: Where the API is.
        limits: Hear of refusals.
        token: Whether one is sent.
        max_log_bytes: Of a log.
    """

    def __init__(
        self,
        http: Http,
        places: Api,
        limits: Limits,
        *,
        token: bool,
        max_log_bytes: int,
    ) -> None:
        self._http = http
        self._places = places
        self._limits = limits
        self._token = token
        self._logs = Logs(http, max_bytes=max_log_bytes)

    async def build(self, ref: BuildRef) -> Found:
        """A build; its jobs are asked for alone where it does not have them all."""
        url = self._places.build(ref, include_retried_jobs=True)
        page = await self._asked(Wanted(url, _BUILD, f"build {ref}"))
        build = page.value
        jobs = build.jobs or []
        total = build.job_state_counts.total if build.job_state_counts else None
        if build.jobs is not None and (total is None or len(jobs) >= total):
            return Found(build)
        return await self._completed(ref, build, total)

    async def _completed(
        self, ref: BuildRef, build: wire.Build, total: int | None
    ) -> Found:
        url = self._places.build(
            ref, "jobs", include_retried_jobs=True, per_page=PER_PAGE
        )
        jobs = {job.id: job for job in build.jobs or []}
        why = None
        try:
            async for found in self._job_pages(url, f"jobs of build {ref}"):
                jobs |= {job.id: job for job in found}
        except SickbayError as exc:
            why = f"not all of its jobs are listed: {exc.message}"
        if why is None and total is not None and len(jobs) < total:
            why = f"{total - len(jobs)} of its {total} jobs are not listed"
        build.jobs = list(jobs.values())
        return Found(build, why)

    async def _job_pages(self, url: str, what: str) -> AsyncGenerator[list[wire.Job]]:
        seen: set[str] = set()
        following: str | None = url
        while following and following not in seen:
            seen.add(following)
            page = await self._asked(Wanted(following, _JOBS, what))
            yield page.value.items
            if len(seen) >= MAX_PAGES:
                raise Malformed(f"{what}: more than {MAX_PAGES} pages")
            following = same_list(page.value.links.next, following)

    async def pages(self, wish: Wish) -> AsyncGenerator[Listed]:
        """Builds, page by page."""
        query = {
            "branch": wish.branch,
            "state": list(wish.states) or None,
            "commit": wish.commit,
            "created_from": wish.created_from,
            "created_to": wish.created_to,
            "per_page": wish.per_page,
            "exclude_pipeline": True,
            "include_retried_jobs" if wish.jobs else "exclude_jobs": True,
        }
        url = self._places.builds(wish.organization, wish.pipeline, query)
        what = f"builds of {wish.organization}/{wish.pipeline}"
        async for page in self._listed(Wanted(url, _BUILDS, what)):
            yield Listed(page.value, more=page.next is not None)

    async def job(self, ref: JobRef) -> wire.Job:
        """One job."""
        wanted = Wanted(self._places.job(ref), _JOB, _of(ref))
        return (await self._asked(wanted)).value

    async def log(self, ref: JobRef) -> AsyncGenerator[bytes]:
        """The log of a job."""
        async for part in self._logs.whole(self._log(ref)):
            yield part

    async def log_size(self, ref: JobRef) -> int | None:
        """Bytes of a log."""
        return await self._logs.size(self._log(ref))

    async def log_tail(self, ref: JobRef, max_bytes: int) -> LogTail:
        """The end of a log."""
        return await self._logs.tail(self._log(ref), max_bytes)

    async def annotations(self, ref: BuildRef, scope: str) -> Sequence[wire.Annotation]:
        """What was said about a build."""
        url = self._places.build(ref, "annotations", scope=scope, per_page=PER_PAGE)
        wanted = Wanted(url, _ANNOTATIONS, f"annotations of build {ref}")
        return [item async for page in self._listed(wanted) for item in page.value]

    async def artifacts(
        self, ref: BuildRef, job_id: str | None, path: str | None
    ) -> tuple[Sequence[wire.Artifact], bool]:
        """Files of a build or a job."""
        of_job = ("jobs", job_id) if job_id else ()
        parts = (*of_job, "artifacts")
        url = self._places.build(ref, *parts, path=path, per_page=PER_PAGE)
        what = f"artifacts of build {ref}"
        wanted = Wanted(url, _ARTIFACTS, what, scope="read_artifacts")
        found: list[wire.Artifact] = []
        try:
            async for page in self._listed(wanted):
                found += page.value
        except Malformed:
            if not found:
                raise
            return found, False
        return found, True

    async def artifact(self, found: Artifact, max_bytes: int) -> bytes:
        """The content of a file; the API sends it, or tells where it is."""
        what = f"artifact {found.path}"
        if not found.url:
            raise NotFound(f"{what} says not where it is")
        here = urlsplit(self._places.root)
        if not found.url.startswith(f"{here.scheme}://{here.netloc}/"):
            raise BadRequest(f"{what} is not on {here.netloc}")
        wanted = Wanted(found.url, _JOB, what, scope="read_artifacts")
        answer = Answer(wanted, self._limits, token=self._token)
        return await self._http.read(found.url, answer.content, max_bytes=max_bytes)

    async def change(
        self, ref: JobRef, verb: str, body: Mapping[str, object]
    ) -> wire.Job:
        """Ask for a change of a job.

        Raises:
            SickbayError: It was refused, or nobody knows.
        """
        reply = await self._http.send("PUT", self._places.job(ref, verb), json=body)
        what = f"cannot {verb} {_of(ref)}"
        if not reply.success:
            error = refused(reply, what, scope="write_builds", token=self._token)
            raise unsure(error) if reply.failed_itself else error
        try:
            return await decoded(_JOB, reply.body)
        except Malformed as exc:
            raise unsure(exc) from exc

    async def _listed(self, wanted: Wanted[list[T]]) -> AsyncGenerator[Page[list[T]]]:
        seen: set[str] = set()
        following: str | None = wanted.url
        while following and following not in seen:
            seen.add(following)
            if len(seen) > MAX_PAGES:
                raise Malformed(f"{wanted.what}: more than {MAX_PAGES} pages")
            step = Wanted(following, wanted.decode, wanted.what, wanted.scope)
            page = await self._asked(step)
            yield page
            following = page.next

    async def _asked(self, wanted: Wanted[T]) -> Page[T]:
        answer = Answer(wanted, self._limits, token=self._token)
        return await self._http.read(wanted.url, answer, max_bytes=MAX_ANSWER)

    def _log(self, ref: JobRef) -> Log:
        url = self._places.job(ref, "log")
        return Log(url=url, what=f"log of {_of(ref)}", token=self._token)


def _of(ref: JobRef) -> str:
    return f"job {ref.job_id} of build {ref.build}"
