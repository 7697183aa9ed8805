"""Tests as the HUD's lists and queries tell them, in rows of ours."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sickbay.core.moments import in_utc
from sickbay.render.words import brief
from sickbay.toolsets.hud.models.tests import (
    DisabledDay,
    DisabledTest,
    FlakyTest,
    StatusChange,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.clients.hud import models as listed

JOBS = 3
"""Of a flaky test that are named."""

_WORST = ("failure", "flaky", "skipped")
_TITLE = re.compile(r"(?:DISABLED|UNSTABLE)\s+", re.IGNORECASE)
_PLATFORMS = re.compile(
    r"^platforms:[ \t]*([^\n]{0,300})", re.IGNORECASE | re.MULTILINE
)


def is_like(wanted: Mapping[str, str], row: Mapping[str, Any]) -> bool:
    """Whether each column of a row holds the text that is wanted there."""
    return all(text in str(row.get(column) or "") for column, text in wanted.items())


def flaky_test(row: Mapping[str, Any], disabled: Mapping[str, int]) -> FlakyTest:
    """A row of the query for tests that passed when they were run again.

    Args:
        row: As ClickHouse gives it.
        disabled: Issues by what they disable: ``test_x (__main__.TestY)``.
    """
    green, red = count(row.get("numGreen")), count(row.get("numRed"))
    jobs = tuple(dict.fromkeys(map(str, row.get("jobNames") or ())))
    job_ids = row.get("jobIds") or ()
    test, suite = str(row.get("name") or ""), str(row.get("suite") or "")
    return FlakyTest(
        test=test,
        suite=suite,
        file=str(row.get("file") or row.get("invoking_file") or ""),
        green=green,
        red=red,
        red_share=round(red / (green + red), 3) if green + red else None,
        jobs=jobs[:JOBS],
        jobs_total=len(jobs),
        job_id=count(job_ids[0]) if job_ids else None,
        traceback=_end(str(row.get("sampleTraceback") or "")) or None,
        disabled_by=disabled.get(f"{test} (__main__.{suite})")
        or disabled.get(f"{test} ({suite})"),
    )


def count(value: Any) -> int:  # noqa: ANN401 - any JSON
    """A number that ClickHouse may send as a text."""
    return int(value or 0)


def issues_by_test(names: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The number of the issue of every disabled test."""
    return {name: int(issue) for name, issue in names if issue.isdecimal()}


def from_row(row: Mapping[str, Any], *, now: datetime) -> DisabledTest:
    """A row of the query for disabled tests."""
    updated = moment(row.get("updated_at"))
    return DisabledTest(
        name=str(row.get("name") or ""),
        issue=count(row.get("number")) or None,
        url=str(row.get("html_url") or "") or None,
        platforms=platforms_of(str(row.get("body") or "")),
        assignee=str(row.get("assignee") or "") or None,
        labels=tuple(map(str, row.get("labels") or ())),
        updated_at=updated,
        quiet_days=(now - updated).days if updated else None,
    )


def from_list(item: listed.DisabledTest) -> DisabledTest:
    """What the runners are told of a disabled test."""
    return DisabledTest(
        name=item.name,
        issue=int(item.issue) if item.issue.isdecimal() else None,
        url=item.url or None,
        platforms=tuple(word.lower() for word in item.platforms),
    )


def from_issue(issue: listed.Issue, *, now: datetime) -> DisabledTest:
    """An issue that calls a job unstable, or disables a test."""
    updated = in_utc(issue.updated_at)
    return DisabledTest(
        name=_TITLE.sub("", issue.title, count=1).strip(),
        issue=issue.number,
        url=issue.html_url or None,
        platforms=platforms_of(issue.body),
        labels=issue.labels,
        updated_at=updated,
        quiet_days=(now - updated).days if updated else None,
    )


def status_change(found: listed.StatusChange) -> StatusChange:
    """A test with the outcomes that it had on two commits."""
    job = " / ".join(filter(None, (found.workflow_name, found.job_name)))
    return StatusChange(
        test=found.name,
        suite=found.classname,
        file=found.invoking_file,
        job=job,
        before=found.prev_status,
        after=found.new_status,
    )


def platforms_of(body: str) -> tuple[str, ...]:
    """The platforms that the body of an issue names; none means all."""
    found = _PLATFORMS.search(body)
    words = (word.strip().lower() for word in found[1].split(",")) if found else ()
    return tuple(word for word in words if word)


def fits(test: DisabledTest, *, text: str, platform: str, triaged: bool | None) -> bool:
    """Whether it is one of those that are asked for."""
    if triaged is not None and triaged != ("triaged" in test.labels):
        return False
    named = not text or text.lower() in f"{test.name} #{test.issue}".lower()
    there = not platform or not test.platforms or platform.lower() in test.platforms
    return named and there


def disabled_day(row: Mapping[str, Any]) -> DisabledDay:
    """A row of the history of disabled tests."""
    return DisabledDay(
        day=date.fromisoformat(str(row.get("day") or "1970-01-01")[:10]),
        count=count(row.get("count")),
        new=count(row.get("new")),
        deleted=count(row.get("deleted")),
    )


def worst_first(change: StatusChange) -> tuple[int, bool, str, str]:
    """Tests that fail now come first, of those the ones that ran before."""
    rank = _WORST.index(change.after) if change.after in _WORST else len(_WORST)
    return (rank, not change.before, change.test, change.job)


def transitions(changes: Iterable[StatusChange]) -> dict[str, int]:
    """How many tests went from which outcome to which, most first."""
    found = Counter(
        f"{change.before or 'not run'} -> {change.after or 'not run'}"
        for change in changes
    )
    return dict(found.most_common())


def moment(text: Any) -> datetime | None:  # noqa: ANN401 - any JSON
    """A time of ClickHouse in UTC; the beginning of the epoch stands for none."""
    try:
        found = in_utc(datetime.fromisoformat(str(text or "")))
    except ValueError:
        return None
    return found if found and found.timestamp() > 0 else None


def _end(traceback: str) -> str:
    """The last line of a traceback, which says what was raised."""
    lines = [line for line in traceback.splitlines() if line.strip()]
    return brief(lines[-1].strip()) if lines else ""
