"""The issues about failures of the trunk, and some that only look like it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.people import PEOPLE
from sickbay.simulators.buildkite.steps import title
from sickbay.simulators.buildkite.suites import ways_of
from sickbay.simulators.chance import chance
from sickbay.simulators.github.facts import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.simulators.buildkite.plots import Plot
    from sickbay.simulators.github.facts import Commit

LABEL = "ci-failure"
FIRST = 20_000
TRAP = 0.3  # of the regressions have an issue of each kind that misleads
REOPENED = 0.25


@dataclass(frozen=True, slots=True)
class Filed:
    """An issue and the plot that it is really about, if there is one."""

    issue: Issue
    plot: str | None = None


def filed(
    seed: int, plots: Sequence[Plot], commits: Sequence[Commit], now: datetime
) -> tuple[Filed, ...]:
    """All issues, numbered as they came."""
    found = sorted(
        _all(seed, plots, commits, now), key=lambda item: item.issue.created_at
    )
    return tuple(
        replace(item, issue=replace(item.issue, number=FIRST + 7 * place))
        for place, item in enumerate(found)
    )


def _all(
    seed: int, plots: Sequence[Plot], commits: Sequence[Commit], now: datetime
) -> Iterator[Filed]:
    for plot in plots:
        if plot.trouble == "known_issue" and plot.first < len(commits):
            yield Filed(_known(seed, plot, commits, now), plot.key)
        elif plot.trouble == "regression" and plot.first < len(commits):
            began = commits[plot.first].date
            for issue in _misleading(seed, plot, began, now):
                yield Filed(issue)


def _about(plot: Plot) -> tuple[tuple[str, ...], str]:
    """The tests that a plot breaks, or its suite, and what the first of them says."""
    way = ways_of(plot.suites[0])[plot.way]
    return way.tests or (plot.suites[0],), way.said(plot.seed)


def _known(seed: int, plot: Plot, commits: Sequence[Commit], now: datetime) -> Issue:
    draw = chance("issue", seed, plot.key)
    tests, message = _about(plot)
    created = min(
        commits[plot.first].date + timedelta(hours=14), now - timedelta(hours=3)
    )
    fixed = plot.fixed < len(commits)
    closed = commits[plot.fixed].date if fixed else None
    person = draw.choice(PEOPLE)
    return _issue(
        f"[CI Failure]: {title(plot.suites[0])} - {tests[0]}",
        _body(tests, message),
        draw.choice(PEOPLE).login,
        created,
        closed_at=max(closed, created) if closed else None,
        labels=(LABEL, "bug"),
        reopened=not fixed and draw.random() < REOPENED,
        assignees=(person.login,) if draw.random() < 1 / 2 else (),
    )


def _misleading(
    seed: int, plot: Plot, began: datetime, now: datetime
) -> Iterator[Issue]:
    draw = chance("misleading", seed, plot.key)
    tests, message = _about(plot)
    test = tests[0]
    name = title(plot.suites[0])
    author = draw.choice(PEOPLE).login
    longer = f"{test.partition('[')[0]}_legacy"
    if draw.random() < TRAP:
        other = "RuntimeError: the legacy path was removed"
        created = began - timedelta(days=draw.randint(3, 30))
        text = _body((longer,), other)
        subject = f"[CI Failure]: {name} - {longer}"
        yield _issue(subject, text, author, created, labels=(LABEL,))
    subject = f"[CI Failure]: {name} - {test}"
    for draws, ago in ((draw.random(), (4, 20)), (draw.random(), (60, 200))):
        if draws < TRAP:
            closed = min(began, now) - timedelta(days=draw.randint(*ago))
            created = closed - timedelta(days=draw.randint(2, 9))
            yield _issue(
                subject, _body(tests, message), author, created,
                closed_at=closed, labels=(LABEL,),
            )  # fmt: skip
    if draw.random() < TRAP:
        function = test.rpartition("::")[2].partition("[")[0]
        created = began - timedelta(days=draw.randint(1, 9))
        text = f"On my workstation `{function}` does not pass. Is that known?"
        yield _issue(f"[Usage]: {function} on WSL", text, author, created)


def _issue(  # noqa: PLR0913 - the fields of an issue
    subject: str,
    body: str,
    author: str,
    created_at: datetime,
    *,
    closed_at: datetime | None = None,
    labels: tuple[str, ...] = (),
    reopened: bool = False,
    assignees: tuple[str, ...] = (),
) -> Issue:
    created = created_at.astimezone(UTC).replace(microsecond=0)
    return Issue(
        number=0,
        title=subject,
        body=body,
        author=author,
        created_at=created,
        updated_at=closed_at or created,
        closed_at=closed_at,
        labels=labels,
        reopened=reopened,
        assignees=assignees,
    )


def _body(tests: Sequence[str], message: str) -> str:
    names = "\n".join(f"`{test}`" for test in tests)
    return (
        "### Name of failing test\n\n"
        f"{names}\n\n"
        "### Basic information\n\n- [ ] Flaky test\n- [x] Can reproduce locally\n\n"
        f"### Describe the failing test\n\n```\n{message}\n```\n"
    )
