"""The tools about single tests: flaky, disabled, or with another outcome now."""

from __future__ import annotations

import asyncio
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Annotated, Literal

from sickbay.core.errors import BadRequest, NotFound
from sickbay.core.gaps import Gaps
from sickbay.core.results import Coverage
from sickbay.core.timerange import time_range as stretch
from sickbay.core.tool import Call, tool
from sickbay.toolsets.hud.analysis.likeness import newest, occurrence
from sickbay.toolsets.hud.analysis.reference import commit_sha
from sickbay.toolsets.hud.analysis.suites import (
    disabled_day,
    fits,
    flaky_test,
    from_issue,
    from_list,
    from_row,
    is_like,
    issues_by_test,
    status_change,
    transitions,
    worst_first,
)
from sickbay.toolsets.hud.models.tests import (
    DisabledDay,
    DisabledTest,
    DisabledTests,
    FlakyTests,
    StatusChanges,
)
from sickbay.toolsets.hud.source import Hud

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sickbay.ci.models import Job

FLAKY = "flaky_tests/in_subprocess"
DISABLED = "disabled_tests"
HISTORY = "disabled_test_historical"

HOUR_S = 3600

LATEST = 10
"""Failures of a test that are shown."""

MOST = 200
"""Changes that the HUD gives, whatever there are."""

SHA = 40
"""Digits of a whole sha."""

Label = Literal["skipped", "unstable"]


@tool(
    title="Flaky tests",
    items="flaky",
    untrusted=("flaky", "failures"),
    open_world=True,
)
async def flaky_tests(
    source: Hud,
    _call: Call,
    *,
    name: Annotated[str, "part of a test's name; the whole for its failures"] = "",
    suite: Annotated[str, "part of its class"] = "",
    file: Annotated[str, "part of its file"] = "",
    time_range: Annotated[str, "up to now: 24h, 3d"] = "24h",
) -> FlakyTests:
    """List tests that failed and passed when run again in the same job, on the trunk.

    Gives `flaky` (test, suite, file, green and red runs, jobs, disabled_by issue);
    of one test named in full also its latest `failures` in jobs of any branch, of
    `failures_total`.
    """
    hours = _hours(time_range, source)
    wanted = {"name": name, "suite": suite, "file": file}
    gaps = Gaps()
    asked = {"numHours": hours, **{key: f"%{wanted[key]}%" for key in wanted}}
    rows, disabled, failures = await asyncio.gather(
        gaps.tried("flaky", source.client.query(FLAKY, asked)),
        gaps.tried("disabled_by", source.client.disabled_tests()),
        _failures(source, gaps, wanted),
    )
    if rows is None and not failures and gaps.first:
        raise gaps.first
    issues = issues_by_test((item.name, item.issue) for item in disabled or ())
    like = (row for row in rows or () if is_like(wanted, row))
    found = gaps.rows(FLAKY, like, partial(flaky_test, disabled=issues))
    found.sort(key=lambda test: (-test.red, test.test))
    return FlakyTests(
        flaky=tuple(found),
        failures_total=len(failures),
        failures=tuple(map(occurrence, newest(failures)[:LATEST])),
        coverage=gaps.coverage(len(found), len(found)),
    )


def _hours(time_range: str, source: Hud) -> int:
    now = source.now()
    asked = stretch(time_range, now=now)
    if (now - asked.stop).total_seconds() > HOUR_S:
        raise BadRequest(
            f"time_range {time_range[:60]} ends before now, and the HUD knows flaky "
            "tests of the last hours only",
            hint="write 24h, 3d",
        )
    return max(ceil((asked.stop - asked.start).total_seconds() / HOUR_S), 1)


async def _failures(
    source: Hud, gaps: Gaps, wanted: Mapping[str, str]
) -> Sequence[Job]:
    """Where a test failed, if the one that is meant is plain."""
    name = wanted["name"]
    if not name:
        return ()
    asked = source.client.flaky_tests(
        name=name, suite=wanted["suite"], file=wanted["file"]
    )
    page = await gaps.tried("failures", asked)
    named = {
        (test.name, test.classname, test.file)
        for test in (page.tests if page else ())
        if test.name == name
    }
    if len(named) != 1:
        return ()
    ((test, suite, file),) = named
    exact = source.client.flaky_test_failures(name=test, suite=suite, file=file)
    return await gaps.tried("failures", exact) or ()


@tool(
    title="Disabled tests",
    items="disabled",
    untrusted=("disabled",),
    open_world=True,
)
async def disabled_tests(  # noqa: PLR0913 - each narrows the list
    source: Hud,
    _call: Call,
    *,
    text: Annotated[str, "part of a name, or #issue"] = "",
    platform: Annotated[str, "such as rocm, linux"] = "",
    label: Annotated[Label, "tests that are skipped, or unstable jobs"] = "skipped",
    triaged: Annotated[bool | None, "whether somebody looked at it"] = None,
    history: Annotated[str, "time range: counts by day, too"] = "",
) -> DisabledTests:
    """List tests that open issues disable, or jobs that they call unstable.

    Gives `disabled` (name, issue, platforms or none for all, assignee, quiet_days since
    the issue changed), the `total`, and `days` (count, new, deleted).
    """
    gaps = Gaps()
    flag = {True: "yes", False: "no", None: ""}[triaged]
    narrowed = {"label": label, "platform": platform, "triaged": flag}
    named, days = await asyncio.gather(
        _skipped(source, gaps) if label == "skipped" else _unstable(source, gaps),
        _days(source, gaps, history, narrowed),
    )
    if named is None and not days and gaps.first:
        raise gaps.first
    found = [
        test
        for test in named or ()
        if fits(test, text=text, platform=platform, triaged=triaged)
    ]
    return DisabledTests(
        total=len(found),
        disabled=tuple(found),
        days=days,
        coverage=gaps.coverage(len(found), len(named or ())),
    )


async def _skipped(source: Hud, gaps: Gaps) -> list[DisabledTest] | None:
    """Disabled tests; without the query at least what the runners read."""
    any_of = {"label": "skipped", "platform": "", "state": "open", "triaged": ""}
    asked = source.client.query(DISABLED, {**any_of, "repo": source.repo})
    rows = await gaps.tried("assignee and age of issues", asked)
    if rows is not None:
        return gaps.rows(DISABLED, rows, partial(from_row, now=source.now()))
    listed = await gaps.tried("disabled", source.client.disabled_tests())
    return None if listed is None else [from_list(item) for item in listed]


async def _unstable(source: Hud, gaps: Gaps) -> list[DisabledTest] | None:
    issues = await gaps.tried("disabled", source.client.issues("unstable"))
    if issues is None:
        return None
    now = source.now()
    return [from_issue(issue, now=now) for issue in issues if issue.state != "closed"]


async def _days(
    source: Hud, gaps: Gaps, history: str, narrowed: Mapping[str, str]
) -> tuple[DisabledDay, ...]:
    if not history:
        return ()
    asked = stretch(history, now=source.now())
    query = source.client.query(HISTORY, {**narrowed, **asked.clickhouse()})
    rows = await gaps.tried("days", query)
    return tuple(gaps.rows(HISTORY, rows or (), disabled_day))


async def _whole(source: Hud, text: str) -> str:
    """The whole sha: HUD compares tests by nothing less."""
    sha = commit_sha(text)
    if len(sha) == SHA:
        return sha
    page = await source.client.page(sha, repo=source.repo, per_page=1)
    if not page.rows:
        raise NotFound(f"there is no commit {sha}", hint="give its full sha")
    return page.rows[0].commit.sha


@tool(
    name="test_status_changes",
    title="Tests that changed",
    items="changes",
    untrusted=("changes", "counts"),
    open_world=True,
)
async def status_changes(  # noqa: PLR0913 - each narrows the list
    source: Hud,
    _call: Call,
    *,
    sha1: Annotated[str, "the older commit"],
    sha2: Annotated[str, "the newer one"],
    files: Annotated[list[str] | None, "only tests of these files"] = None,
    jobs: Annotated[list[str] | None, "workflow / job, without shards"] = None,
    fuzzy: Annotated[bool, "where a job did not run, a near commit"] = False,
) -> StatusChanges:
    """Compare tests on two commits: what broke, what was skipped.

    Gives `changes` (test, job, before, after: success, skipped, flaky, failure, or ''
    for not run), some 200 at most, and `counts` of each kind.
    """
    older, newer = await asyncio.gather(_whole(source, sha1), _whole(source, sha2))
    found = await source.client.test_status_changes(
        older, newer, files=files or (), jobs=jobs or (), fuzzy=fuzzy
    )
    changes = tuple(sorted(map(status_change, found), key=worst_first))
    return StatusChanges(
        counts=transitions(changes),
        changes=changes,
        coverage=Coverage(len(changes), None if len(changes) >= MOST else len(changes)),
    )
