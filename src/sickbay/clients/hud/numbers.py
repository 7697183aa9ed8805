"""Named queries, machines and what jobs used of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.clients.hud.models import (
    Artifact,
    BenchmarkArtifact,
    JobUtilization,
    Runners,
    UtilizationReports,
    UtilizationSeries,
)
from sickbay.clients.hud.reads import Reads, decoder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sickbay.clients.hud.places import Value

from msgspec import Struct

Row = dict[str, Any]


class _Listing(Struct):
    metadata_list: tuple[JobUtilization, ...] = ()


class _Files(Struct):
    files: tuple[BenchmarkArtifact, ...] = ()


_ROWS = decoder(list[Row])
_ARTIFACTS = decoder(tuple[Artifact, ...])
_USED = decoder(_Listing)
_SERIES = decoder(UtilizationSeries)
_REPORTS = decoder(UtilizationReports)
_RUNNERS = decoder(Runners)
_FILES = decoder(_Files)


class Numbers(Reads):
    """Reads numbers."""

    async def query(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        refresh: bool = False,
    ) -> list[Row]:
        """The rows of one of HUD's named queries.

        Args:
            name: Such as ``master_commit_red`` or ``flaky_tests/ind_info``.
            parameters: By name; a moment goes in UTC, and names that the query does
                not know, HUD passes over.
            refresh: Past the cache.

        Raises:
            SickbayError: It is not to be had.
        """
        url = self._places.query(name, parameters or {})
        rows = await self._got(url, _ROWS, refresh=refresh)
        return [dict(row) for row in rows]  # the cache keeps those

    async def artifacts(self, run_id: int | str) -> tuple[Artifact, ...]:
        """The files that a run left behind, by the id of the run, not of a job.

        Raises:
            SickbayError: They are not to be had.
        """
        return await self._got(self._places.api("artifacts", "s3", run_id), _ARTIFACTS)

    async def benchmark_artifacts(
        self,
        *,
        repo: str = "vllm-project/vllm",
        days: int = 30,
        model: str | None = None,
        device_type: str | None = None,
        device: str | None = None,
    ) -> tuple[BenchmarkArtifact, ...]:
        """The files that the profiler of benchmarks left behind.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "artifacts",
            repository=repo,
            lookbackDays=days,
            modelName=model,
            deviceType=device_type,
            deviceName=device,
        )
        return (await self._got(url, _FILES)).files

    async def utilization(
        self, run_id: int | str, *, repo: str | None = None
    ) -> tuple[JobUtilization, ...]:
        """How much of their machines the jobs of a run used; few jobs are measured.

        Raises:
            SickbayError: It is not to be had.
        """
        url = self._places.api(
            "list_utilization_metadata_info", run_id, repo=repo, includes_stats=True
        )
        return (await self._got(url, _USED)).metadata_list

    async def job_utilization(
        self, run_id: int, job_id: int, attempt: int
    ) -> UtilizationSeries:
        """How much of its machine a job used over time; HUD wants a person for that.

        Raises:
            SickbayError: It is not to be had.
        """
        url = self._places.api("job_utilization", run_id, job_id, attempt)
        return await self._got(url, _SERIES)

    async def utilization_reports(  # noqa: PLR0913 - three have a default
        self,
        group_by: str,
        *,
        start: datetime,
        end: datetime,
        granularity: str = "day",
        parent: str | None = None,
        repo: str | None = None,
    ) -> UtilizationReports:
        """How much workflows or jobs used over weeks.

        Args:
            group_by: ``workflow_name`` or ``job_name``.
            start: From when.
            end: Until when.
            granularity: ``day``, ``week``, ``month`` or ``all``.
            parent: The workflow whose jobs are wanted.
            repo: As ``owner/name``.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "list_util_reports",
            group_by,
            repo=repo or self.repo,
            granularity=granularity,
            start_time=start.date().isoformat(),
            end_time=end.date().isoformat(),
            parent_group=parent,
        )
        return await self._got(url, _REPORTS)

    async def runners(self, org: str = "pytorch") -> Runners:
        """The machines of an organisation: ``pytorch`` or ``meta-pytorch``.

        Raises:
            SickbayError: They are not to be had.
        """
        return await self._got(self._places.api("runners", org), _RUNNERS)

    async def benchmark(self, what: str, /, **parameters: Value) -> Any:  # noqa: ANN401 - any JSON
        """An endpoint of the benchmarks, as HUD sends it.

        Args:
            what: ``list_commits``, ``list_metadata``, ``get_time_series``,
                ``list_regression_summary_reports``,
                ``get_regression_summary_report`` or ``group_data``.
            parameters: What it takes.

        Raises:
            SickbayError: It is not to be had.
        """
        if what == "group_data":
            return await self._raw(self._places.api("benchmark", what, **parameters))
        return await self._raw(
            self._places.api("benchmark", what, parameters=parameters)
        )

    async def crcr(self, what: str, /, **parameters: Value) -> Any:  # noqa: ANN401 - any JSON
        """CI that runs across repositories, as HUD sends it.

        Args:
            what: ``allowlist``; ``commit-info`` of ``repo`` and ``shas``; or
                ``pr-info`` of ``repo`` and ``prs``.
            parameters: What it takes.

        Raises:
            SickbayError: It is not to be had.
        """
        return await self._raw(self._places.api("crcr", what, **parameters))
