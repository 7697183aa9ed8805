"""HUD's answers as they are sent: for scripts that were written for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.clients.hud.reads import Reads
from sickbay.core.errors import Malformed

if TYPE_CHECKING:
    from datetime import datetime


class Plain(Reads):
    """Reads plain objects."""

    async def page_json(
        self,
        ref: str = "main",
        *,
        repo: str | None = None,
        page: int = 1,
        per_page: int = 50,
        merge_ephemeral: bool = False,
    ) -> dict[str, Any]:
        """One page of the grid, each job with the name of its place.

        Raises:
            SickbayError: It is not to be had.
        """
        wishes = {"mergeEphemeralLF": merge_ephemeral}
        url = self._page_url(
            ref, wishes, repo=repo or self.repo, page=page, per_page=per_page
        )
        return _named(await self._raw(url))

    async def search_json(  # noqa: PLR0913 - as its typed twin
        self,
        failure: str,
        *,
        start: datetime,
        end: datetime,
        workflow: str = "",
        branch: str = "",
        min_score: float = 1.0,
    ) -> dict[str, Any]:
        """Jobs whose failure line is most like a text; at most 20, best first.

        Raises:
            SickbayError: They are not to be had.
        """
        found: dict[str, Any] = await self._raw(
            self._places.api(
                "search",
                failure=failure,
                startDate=start,
                endDate=end,
                workflowName=workflow,
                branchName=branch,
                minScore=min_score,
            )
        )
        return found

    async def artifacts_json(self, run_id: int | str, *, provider: str = "s3") -> Any:  # noqa: ANN401 - any JSON
        """The files that a run left behind.

        Raises:
            SickbayError: They are not to be had.
        """
        return await self._raw(self._places.api("artifacts", provider, run_id))


def _named(found: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """The grid, and in each of its jobs the name of its place."""
    if not isinstance(found, dict):
        raise Malformed("the data is no page of the grid")
    names = _listed(found.get("jobNames"))
    for commit in _listed(found.get("shaGrid")):
        jobs = _listed(commit.get("jobs")) if isinstance(commit, dict) else []
        for name, job in zip(names, jobs, strict=False):
            if isinstance(job, dict) and job:
                job["name"] = name
    return found


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return value if isinstance(value, list) else []
