"""Builds of public pipelines, by pages that need no token and that nobody promised."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, NoReturn, TypeVar
from urllib.parse import urlsplit

import httpx2

from sickbay.ci.states import FAILED, buildkite_state
from sickbay.clients.buildkite import wire
from sickbay.clients.buildkite.answer import TOKEN_HINT, decoded, is_page, refused
from sickbay.clients.buildkite.logs import INSTEAD, Log, Logs
from sickbay.clients.buildkite.way import Found
from sickbay.clients.patience import AgainError, BrokenOffError
from sickbay.clients.refusal import retry_after_s
from sickbay.clients.tolerant import CutError, Tolerant
from sickbay.core.errors import Denied, Malformed, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from sickbay.ci.references import BuildRef, JobRef
    from sickbay.clients.buildkite.models import Artifact, LogTail
    from sickbay.clients.buildkite.places import Web
    from sickbay.clients.buildkite.way import Listed, Wish
    from sickbay.clients.http import Http
    from sickbay.clients.reply import Reply

T = TypeVar("T")

MAX_PAGES = 100
MAX_ANSWER = 64 << 20

_JSON = {"Accept": "application/json, */*;q=0.5"}
_FACTS = Tolerant(wire.PublicBuild)
_JOBS = Tolerant(wire.PublicJobs)


class Public:
    """Asks the pages of a build for what its browser asks.

    Args:
        http: Makes the requests.
        places: Where the pages are.
        max_log_bytes: Of a log.
    """

    def __init__(self, http: Http, places: Web, *, max_log_bytes: int) -> None:
        self._http = http
        self._places = places
        self._logs = Logs(http, max_bytes=max_log_bytes)
        self._cookies: dict[str, str] = {}

    async def build(self, ref: BuildRef) -> Found:
        """A build with what its pages tell of its jobs."""
        facts = await self._opened(ref)
        jobs, complete = await self._jobs(ref)
        why = [] if complete else ["not all of its jobs are listed"]
        if facts is None:
            facts = _guessed(jobs)
            why.append("its branch, commit and message are unknown")
        facts.jobs = [as_api(job) for job in jobs]
        if jobs and not any(job.agent for job in jobs):
            why.append("the machines of its jobs are unknown")
        facts.branch = facts.branch or facts.branch_name
        facts.commit = facts.commit or facts.commit_id
        facts.author = facts.author or _person(facts.author_name)
        facts.creator = facts.creator or _person(facts.creator_name)
        said = f"read without a token: {'; '.join(why)}" if why else None
        return Found(facts, said)

    def pages(self, wish: Wish) -> AsyncGenerator[Listed]:
        """Nothing: the pages list no builds."""
        _absent(f"list of the builds of {wish.organization}/{wish.pipeline}")

    async def job(self, ref: JobRef) -> wire.Job:
        """One job, of all of its build."""
        found = (await self.build(ref.build)).build.jobs or []
        for job in found:
            if job.id == ref.job_id:
                return job
        raise NotFound(f"there is no job {ref.job_id} in build {ref.build}")

    async def log(self, ref: JobRef) -> AsyncGenerator[bytes]:
        """The log of a job."""
        log = await self._log(ref)
        try:
            async for part in self._logs.whole(log):
                yield part
        except BrokenOffError as exc:
            self._cookies.clear()
            if INSTEAD not in exc.message:
                raise
            raise Denied(exc.message, hint=TOKEN_HINT) from exc

    async def log_size(self, ref: JobRef) -> int | None:
        """Bytes of a log."""
        return await self._logs.size(await self._log(ref))

    async def log_tail(self, ref: JobRef, max_bytes: int) -> LogTail:
        """The end of a log."""
        return await self._logs.tail(await self._log(ref), max_bytes)

    async def annotations(self, ref: BuildRef, scope: str) -> Sequence[wire.Annotation]:
        """Nothing: they need a token."""
        _absent(f"list of annotations ({scope}) of build {ref}")

    async def artifacts(
        self, ref: BuildRef, job_id: str | None, path: str | None
    ) -> tuple[Sequence[wire.Artifact], bool]:
        """Nothing: they need a token."""
        _absent(f"list of artifacts of {job_id or path or 'build'} {ref}")

    async def artifact(self, found: Artifact, max_bytes: int) -> bytes:
        """Nothing: it needs a token."""
        _absent(f"artifact {found.path} of at most {max_bytes:,} bytes")

    async def _opened(self, ref: BuildRef) -> wire.PublicBuild | None:
        """What the page of a build says as data, if it does; it opens a session."""
        url, what = self._places.build(ref), f"build {ref}"

        async def read(reply: Reply) -> wire.PublicBuild | None:
            _admitted(reply, url, what)
            self._cookies |= _set(reply)
            if is_page(reply):
                return None
            return await _value(_FACTS, reply, what)

        headers = {**_JSON, **self._session}
        return await self._http.read(url, read, headers=headers, max_bytes=MAX_ANSWER)

    async def _jobs(self, ref: BuildRef) -> tuple[list[wire.PublicJob], bool]:
        """The jobs, and whether these are all."""
        jobs: dict[str | None, wire.PublicJob] = {}
        for number in range(1, MAX_PAGES + 1):
            page = await self._page(ref, number)
            known = len(jobs)
            jobs |= {job.id: job for job in page.records}
            if not page.has_next_page:
                return list(jobs.values()), True
            if len(jobs) == known:
                break
        return list(jobs.values()), False

    async def _page(self, ref: BuildRef, number: int) -> wire.PublicJobs:
        asked = {"page": number} if number > 1 else {}
        url = self._places.build(ref, "data", "jobs", **asked)
        what = f"jobs of build {ref}"

        async def read(reply: Reply) -> wire.PublicJobs:
            _admitted(reply, url, what)
            return await _value(_JOBS, reply, what)

        headers = {**_JSON, **self._session}
        return await self._http.read(url, read, headers=headers, max_bytes=MAX_ANSWER)

    async def _log(self, ref: JobRef) -> Log:
        if not self._cookies:
            await self._opened(ref.build)
        what = f"log of job {ref.job_id} of build {ref.build}"
        url = self._places.log(ref)
        return Log(url=url, what=what, token=False, headers=self._session)

    @property
    def _session(self) -> dict[str, str]:
        pairs = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": pairs} if pairs else {}


def _absent(what: str) -> NoReturn:
    raise Denied(f"without a token there is no {what}", hint=TOKEN_HINT)


def _admitted(reply: Reply, url: str, what: str) -> None:
    """Refuse what is no answer to the question.

    Raises:
        AgainError: It may be had later.
        SickbayError: It is not to be had.
    """
    there, here = urlsplit(reply.url), urlsplit(url)
    if there.netloc == here.netloc and there.path != here.path:
        raise Denied(f"{what} is not public", hint=TOKEN_HINT)
    if reply.success:
        return
    error = refused(reply, what, scope="read_builds", token=False)
    if isinstance(error, Unavailable):
        raise AgainError(error, retry_after_s(reply))
    raise error


async def _value(decode: Tolerant[T], reply: Reply, what: str) -> T:
    if is_page(reply):
        raise Malformed(f"{what}: a web page came instead of data", hint=TOKEN_HINT)
    try:
        return await decoded(decode, reply.body)
    except Malformed as exc:
        error = Malformed(f"{what}: {exc.message}", hint=TOKEN_HINT)
        raise (AgainError(error) if isinstance(exc, CutError) else error) from exc


def _set(reply: Reply) -> dict[str, str]:
    """The cookies of an answer."""
    found: dict[str, str] = {}
    for line in httpx2.Headers(reply.headers).get_list("set-cookie"):
        try:
            read = SimpleCookie(line)
        except CookieError:
            continue
        found |= {name: morsel.coded_value for name, morsel in read.items()}
    return found


def as_api(job: wire.PublicJob) -> wire.PublicJob:
    """The job in the API's words."""
    if job.step_uuid:
        job.step = wire.Step(id=job.step_uuid)
    job.retried_in_job_id = job.retried_in_job_id or job.retried_in_job_uuid
    if job.finished_at and job.state in {None, "finished"} and job.passed is not None:
        job.state = "passed" if job.passed else "failed"
    return job


def _guessed(jobs: Sequence[wire.PublicJob]) -> wire.PublicBuild:
    """What the jobs tell of a build whose page tells nothing."""
    jobs = [as_api(job) for job in jobs if job.type == "script"]
    states = {job.id: buildkite_state(job.state) for job in jobs}
    if not jobs or not {"queued", "pending"}.isdisjoint(states.values()):
        return wire.PublicBuild()
    bad = [
        job
        for job in jobs
        if states[job.id] in FAILED and not (job.soft_failed or job.retried)
    ]
    ends = [job.finished_at for job in jobs if job.finished_at]
    state = "failed" if bad else "passed"
    return wire.PublicBuild(state=state, finished_at=max(ends, default=None))


def _person(name: str | None) -> wire.Person | None:
    return wire.Person(name=name) if name else None
