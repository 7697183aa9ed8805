"""The HUD client for scripts and notebooks: every call waits for its answer."""

from __future__ import annotations

import functools
import threading
import weakref
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from anyio.from_thread import start_blocking_portal

from sickbay.clients.hud import catalogue, environment
from sickbay.clients.hud.client import PATIENCE, AsyncHudClient, utc_now
from sickbay.core.errors import BadRequest
from sickbay.core.timerange import TimeRange, stamp, time_range

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from anyio.from_thread import BlockingPortal

P = ParamSpec("P")
R = TypeVar("R")


def parse_time_range(text: str = "7d") -> tuple[str, str]:
    """The beginning and the end of a range, as HUD's queries take them: in UTC.

    Raises:
        BadRequest: It is none.
    """
    found = time_range(text, now=utc_now())
    return stamp(found.start), stamp(found.stop)


def _waits(
    method: Callable[Concatenate[AsyncHudClient, P], Awaitable[R]],
) -> Callable[Concatenate[HudClient, P], R]:
    """The same method for those who cannot await."""

    @functools.wraps(method)
    def wait(self: HudClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._waited(functools.partial(method, self._client, *args, **kwargs))

    return wait


class HudClient:
    """Reads PyTorch HUD; also where an event loop runs already, such as in Jupyter.

    It has the methods of ``AsyncHudClient``, and those by which older scripts know
    their client: these take and give plain objects.

    Where nothing else is said, the environment does: ``SICKBAY_HUD__URL`` and its
    like, ``HUD_INTERNAL_BOT_TOKEN``, ``SICKBAY_HUD__GITHUB_TOKEN``. Its tokens go to
    its HUD; to use one with another ``base_url``, pass both.

    Args:
        base_url: Of the HUD, with or without ``/api``.
        retry_attempts: How often something is asked for that may come in the end.
        retry_delay: Seconds before the second attempt.
        bot_token: Of a bot that this HUD knows.
        github_token: Of a person with write access to pytorch/pytorch.
        cache: Folder of the user's own for answers.
        repo: The repository meant where none is named.

    Raises:
        SickbayError: An address is none, or a token would go unencrypted.
    """

    def __init__(  # noqa: PLR0913 - all have a default
        self,
        base_url: str | None = None,
        retry_attempts: int = PATIENCE.attempts,
        retry_delay: float = PATIENCE.pause_s,
        *,
        bot_token: str | None = None,
        github_token: str | None = None,
        cache: Path | None = None,
        repo: str = "pytorch/pytorch",
    ) -> None:
        found = environment.places(base_url)
        if not (bot_token or github_token):
            bot_token, github_token = environment.tokens(base_url)
        self._places = found
        self._client = AsyncHudClient(
            found.hud,
            bot_token=bot_token,
            github_token=github_token,
            log_url=found.logs,
            temp_log_url=found.temp_logs,
            stats_url=found.stats,
            cache=cache,
            repo=repo,
            patience=replace(
                PATIENCE, attempts=max(1, retry_attempts), pause_s=retry_delay
            ),
        )
        self._lock = threading.Lock()
        self._stack = ExitStack()
        weakref.finalize(self, self._stack.close)  # while its thread still runs
        self._portal: BlockingPortal | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; nothing can be asked for after that."""
        with self._lock:
            self._portal = None
            self._closed = True
            self._stack.close()

    page = _waits(AsyncHudClient.page)
    trunk = _waits(AsyncHudClient.trunk)
    commit = _waits(AsyncHudClient.commit)
    pull = _waits(AsyncHudClient.pull)
    corresponding_runs = _waits(AsyncHudClient.corresponding_runs)
    query = _waits(AsyncHudClient.query)
    search = _waits(AsyncHudClient.search)
    failure_history = _waits(AsyncHudClient.failure_history)
    flaky_tests = _waits(AsyncHudClient.flaky_tests)
    flaky_test_failures = _waits(AsyncHudClient.flaky_test_failures)
    test_status_changes = _waits(AsyncHudClient.test_status_changes)
    file_report = _waits(AsyncHudClient.file_report)
    issues = _waits(AsyncHudClient.issues)
    advisor_runs = _waits(AsyncHudClient.advisor_runs)
    advisor_badge = _waits(AsyncHudClient.advisor_badge)
    failed_jobs = _waits(AsyncHudClient.failed_jobs)
    job_annotations = _waits(AsyncHudClient.job_annotations)
    artifacts = _waits(AsyncHudClient.artifacts)
    benchmark_artifacts = _waits(AsyncHudClient.benchmark_artifacts)
    utilization = _waits(AsyncHudClient.utilization)
    job_utilization = _waits(AsyncHudClient.job_utilization)
    utilization_reports = _waits(AsyncHudClient.utilization_reports)
    runners = _waits(AsyncHudClient.runners)
    benchmark = _waits(AsyncHudClient.benchmark)
    crcr = _waits(AsyncHudClient.crcr)
    autorevert = _waits(AsyncHudClient.autorevert)
    autorevert_state = _waits(AsyncHudClient.autorevert_state)
    autorevert_metrics = _waits(AsyncHudClient.autorevert_metrics)
    autorevert_false_positives = _waits(AsyncHudClient.autorevert_false_positives)
    flaky_rules = _waits(AsyncHudClient.flaky_rules)
    disabled_tests = _waits(AsyncHudClient.disabled_tests)
    disabled_jobs = _waits(AsyncHudClient.disabled_jobs)
    unstable_jobs = _waits(AsyncHudClient.unstable_jobs)
    disabled_tests_and_jobs = _waits(AsyncHudClient.disabled_tests_and_jobs)
    stats_json = _waits(AsyncHudClient.stats_json)
    log_place = _waits(AsyncHudClient.log_place)
    page_json = _waits(AsyncHudClient.page_json)
    search_json = _waits(AsyncHudClient.search_json)
    artifacts_json = _waits(AsyncHudClient.artifacts_json)

    def log(self, job_id: int | str, *, repo: str | None = None) -> Iterator[bytes]:
        """The log of a job, unpacked, piece by piece.

        Raises:
            SickbayError: It is not to be had.
        """
        parts = self._client.log(job_id, repo=repo)
        try:
            while (part := self._waited(lambda: anext(parts, None))) is not None:
                yield part
        finally:
            self._waited(parts.aclose)

    # The names by which older scripts know these

    def get_hud_data(  # noqa: PLR0913, PLR0917 - as scripts call it
        self,
        repo_owner: str,
        repo_name: str,
        branch_or_commit_sha: str,
        per_page: int | None = None,
        merge_lf: bool | None = None,  # noqa: FBT001 - as scripts call it
        page: int | None = None,
    ) -> dict[str, Any]:
        """A page of the grid as HUD sends it; each job has its ``name``.

        Raises:
            SickbayError: It is not to be had.
        """
        return self.page_json(
            branch_or_commit_sha,
            repo=f"{repo_owner}/{repo_name}",
            page=1 if page is None else page,
            per_page=20 if per_page is None else per_page,
            merge_ephemeral=bool(merge_lf),
        )

    def query_clickhouse(
        self, query_name: str, parameters: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a named query.

        Raises:
            SickbayError: It is not to be had.
        """
        return self.query(query_name, parameters)

    def get_clickhouse_queries(self, use_cache: bool = True) -> list[str]:  # noqa: ARG002, FBT001, FBT002 - as scripts call it
        """The names of all queries; they come with this package."""
        return sorted(query.name for query in catalogue.queries())

    def get_clickhouse_query_parameters(self, query_name: str) -> dict[str, Any]:
        """What a query takes: ``params`` by name and type, and ``defaults``.

        Raises:
            NotFound: There is no such query.
        """
        takes = catalogue.named(query_name).parameters
        return {
            "params": {one.name: one.type for one in takes},
            "defaults": {one.name: one.default for one in takes if not one.required},
        }

    def get_artifacts(self, provider: str, job_id: int | str) -> list[dict[str, Any]]:
        """The files that a run left behind; ``job_id`` is the id of the run.

        Raises:
            SickbayError: They are not to be had.
        """
        found: list[dict[str, Any]] = self.artifacts_json(job_id, provider=provider)
        return found

    def get_s3_log_url(self, job_id: int | str) -> str:
        """Where the log of a job of pytorch/pytorch is, if there is one."""
        return self._places.log(job_id, repo="pytorch/pytorch")

    def download_log(self, job_id: int | str) -> str:
        """The whole log of a job; ``log`` takes less memory.

        Raises:
            SickbayError: It is not to be had.
        """
        return b"".join(self.log(job_id)).decode(errors="replace")

    def find_commits_with_similar_failures(  # noqa: PLR0913, PLR0917 - as scripts call it
        self,
        failure: str,
        repo: str | None = None,  # noqa: ARG002 - HUD cannot tell repositories apart
        workflow_name: str | None = None,
        branch_name: str | None = None,
        start_date: str | datetime | None = None,
        end_date: str | datetime | None = None,
        min_score: float = 1.0,
    ) -> dict[str, Any]:
        """Jobs whose failure line is most like a text; at most 20, best first.

        Args:
            failure: The text.
            repo: HUD searches all of them.
            workflow_name: Only of this workflow.
            branch_name: Only on this branch.
            start_date: Seven days ago by default.
            end_date: Now by default.
            min_score: How like it has to be.

        Raises:
            SickbayError: They are not to be had.
        """
        within = _range(start_date, end_date)
        return self.search_json(
            failure,
            start=within.start,
            end=within.stop,
            workflow=workflow_name or "",
            branch=branch_name or "",
            min_score=min_score,
        )

    search_logs = find_commits_with_similar_failures
    parse_time_range = staticmethod(parse_time_range)

    def _waited(self, work: Callable[[], Awaitable[R]]) -> R:
        """What the work gives, done by the client's own event loop."""
        running = self._open().start_task_soon(work)
        try:
            return running.result()
        except BaseException:  # an impatient user, for one: the request stops, too
            running.cancel()
            raise

    def _open(self) -> BlockingPortal:
        with self._lock:
            if self._closed:
                raise BadRequest("this client is closed", hint="make another one")
            if self._portal is None:
                portal = self._stack.enter_context(start_blocking_portal(name="hud"))
                self._stack.enter_context(
                    portal.wrap_async_context_manager(self._client)
                )
                self._portal = portal
            return self._portal


def _range(start: str | datetime | None, end: str | datetime | None) -> TimeRange:
    """Moments as older scripts name them; what has no zone is in UTC."""
    since = start if isinstance(start, str) else start and start.isoformat()
    until = end if isinstance(end, str) else end and end.isoformat()
    return time_range(f"{since or '7d'}..{until or 'now'}", now=utc_now())
