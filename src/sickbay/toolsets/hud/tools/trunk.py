"""The tools about the trunk: its commits, what fails on it, and since when."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from annotated_types import Ge, Le

from sickbay.core.results import Coverage
from sickbay.core.tool import Call, tool
from sickbay.toolsets.hud.analysis.branch import place
from sickbay.toolsets.hud.models.jobs import Repo
from sickbay.toolsets.hud.models.trunk import (
    Branch,
    Commits,
    Detail,
    JobFilter,
    Kind,
    Streaks,
    Strict,
    TrunkStatus,
    Window,
)
from sickbay.toolsets.hud.source import Hud

if TYPE_CHECKING:
    from sickbay.ci.models import Grid, Row
    from sickbay.ci.streaks import Streak
    from sickbay.toolsets.hud.analysis.choice import Choice

_SAID = ("causes", "since", "newest", "complete")


@tool(
    title="Recent commits",
    items="commits",
    untrusted=("commits", "jobs"),
    open_world=True,
)
async def recent_commits(  # noqa: PLR0913 - one for each thing to choose
    source: Hud,
    call: Call,
    *,
    branch: Branch = None,
    repo: Repo = None,
    per_page: Annotated[int, Ge(1), Le(100), "commits"] = 10,
    page: Annotated[int, Ge(1), "1 is the newest"] = 1,
    detail: Annotated[Detail, "failures: jobs with lines"] = "summary",
    job_filter: JobFilter = None,
    failure_filter: Annotated[str | None, "the same on failure lines"] = None,
    viable_strict: Strict = False,
    only: Annotated[list[Kind] | None, "jobs that ended so"] = None,
) -> Commits:
    """Start here: commits of a branch, newest first, with the outcomes of their jobs.

    Gives `commits` (status, counts, failing jobs with a line), or with another detail
    their `jobs`. Flaky and unstable jobs make none red. Next: hud_trunk_status.
    """
    from sickbay.toolsets.hud.analysis.choice import choice  # noqa: PLC0415 - brings RE2

    chosen = choice(job_filter, failure_filter, strict=viable_strict)
    where, named = place(branch, repo, usual=(source.repo, source.branch))
    found = await source.client.page(named, repo=where, page=page, per_page=per_page)
    names = chosen.names(found.job_names)
    rows = [chosen.row(row, names) for row in found.rows]
    kinds = ["failed"] if detail == "failures" else (only or [])
    address = f"{source.settings.base_url}/{where}/commit"
    answer: Commits = await call.thread(_commits, rows, chosen, detail, kinds, address)
    return answer


def _commits(
    rows: list[Row], chosen: Choice, detail: Detail, kinds: list[Kind], address: str
) -> Commits:
    from sickbay.toolsets.hud.analysis.commits import (  # noqa: PLC0415 - as above
        commit_rows,
        job_rows,
    )

    coverage = Coverage(len(rows), None)
    if detail == "summary":
        listed = tuple(commit_rows(rows, chosen, address=address))
        return Commits(commits=listed, coverage=coverage)
    jobs = tuple(job_rows(rows, chosen, kinds, lines=detail == "failures"))
    return Commits(jobs=jobs, coverage=coverage)


@tool(title="Failure streaks", items="streaks", untrusted=("streaks",), open_world=True)
async def streaks(  # noqa: PLR0913 - one for each thing to choose
    source: Hud,
    call: Call,
    *,
    branch: Branch = None,
    repo: Repo = None,
    commits: Window = 50,
    job_filter: JobFilter = None,
    min_length: Annotated[int, Ge(1), "failures"] = 1,
    by_shard: Annotated[bool, "each shard by itself"] = False,
    viable_strict: Strict = False,
) -> Streaks:
    """List the jobs that fail now, and since when each of them does.

    Gives `streaks`: length, first_bad, last_good, suspects (commits between), clipped
    (maybe older: ask for more commits), pending, line.
    """
    from sickbay.ci.streaks import streaks as failing  # noqa: PLC0415 - the engine
    from sickbay.toolsets.hud.analysis.choice import choice  # noqa: PLC0415 - brings RE2
    from sickbay.toolsets.hud.analysis.state import streak_row  # noqa: PLC0415 - as above

    chosen = choice(job_filter, strict=viable_strict)
    where, named = place(branch, repo, usual=(source.repo, source.branch))
    grid, coverage = await source.client.trunk(named, repo=where, commits=commits)
    names = chosen.names(grid.job_names)
    look = partial(failing, grid, fold=not by_shard, names=names, min_length=min_length)
    found: list[Streak] = await call.thread(look)
    return Streaks(streaks=tuple(map(streak_row, found)), coverage=coverage)


@tool(title="State of the trunk", items="causes", untrusted=_SAID, open_world=True)
async def trunk_status(
    source: Hud,
    call: Call,
    *,
    branch: Branch = None,
    repo: Repo = None,
    commits: Window = 60,
) -> TrunkStatus:
    """Is the trunk red now, since when, of what, and whose is it: one call.

    Gives `health` (red, degraded, green), `reason`, `since` (lasts_s; clipped: maybe
    older), `newest`, `complete`, `unfinished` commits, `hud_url`, `verdicts`, `causes`:
    line, category, verdict (ongoing, new, fixed, flaky), why, jobs, tests, culprit or
    suspects, fix. Next: hud_explain_job.
    """
    where, named = place(branch, repo, usual=(source.repo, source.branch))
    grid, coverage = await source.client.trunk(named, repo=where, commits=commits)
    answer: TrunkStatus = await call.thread(_trunk_status, source, call, grid, coverage)
    shown = f"{source.settings.base_url}/hud/{where}/{quote(named, safe='')}"
    return replace(answer, hud_url=shown)


def _trunk_status(
    source: Hud, call: Call, grid: Grid, coverage: Coverage
) -> TrunkStatus:
    from sickbay.ci.faults import by_rules  # noqa: PLC0415 - brings the engine
    from sickbay.ci.trunk import trunk  # noqa: PLC0415 - as above
    from sickbay.toolsets.hud.analysis.state import trunk_status as told  # noqa: PLC0415 - as above

    fault = by_rules(source.rulebook.wanted(call))
    return told(trunk(grid, source.now(), fault=fault), coverage)
