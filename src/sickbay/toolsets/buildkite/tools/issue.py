"""The tool that opens an issue about a cause, unless there is one already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sickbay.core.errors import BadRequest, SickbayError
from sickbay.core.results import Effect
from sickbay.core.tool import MAX_BUDGET_BYTES, Call, tool
from sickbay.core.untrusted import visible
from sickbay.logs.pattern import Pattern
from sickbay.toolsets.buildkite.models.changes import (
    Body,
    CauseId,
    Labels,
    NewIssue,
    ScanId,
    Title,
)
from sickbay.toolsets.buildkite.source import Buildkite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.scan.models import Match
    from sickbay.toolsets.buildkite.models.scan import CauseRow

MAX_TITLE = 256
"""GitHub takes no longer one."""

MAX_BODY = 8_000
"""Characters of a body that a caller gives: all of it is shown before."""

MAX_LABELS = 10
MAX_MENTIONED = 10

_MENTION = Pattern(r"(?:^|[^\w`@])(@[\w-]{1,39}(?:/[\w.-]{1,100})?)")


async def _plan(  # noqa: PLR0913 - each is a part of the issue
    source: Buildkite,
    call: Call,
    *,
    scan: ScanId,
    cause_id: CauseId,
    title: Title = None,
    body: Body = None,
    labels: Labels = None,
) -> Effect | NewIssue:
    from sickbay.ci.scan.issues import KNOWN  # noqa: PLC0415 - rare
    from sickbay.toolsets.buildkite.render.issue import issue_of  # noqa: PLC0415 - rare
    from sickbay.toolsets.buildkite.tools.archive import cause_of, kept  # noqa: PLC0415 - see above

    whole = await call.thread(kept, source, scan)
    cause: CauseRow = cause_of(whole, cause_id)
    made_title, made_body = issue_of(cause, whole)
    text = {
        "title": _title(title) if title else made_title,
        "body": _body(body) if body else made_body,
        "labels": _labels(source, labels),
    }
    try:
        match = await _match(source, cause, str(text["title"]))
    except SickbayError as exc:
        return _effect(source, text, f"there may be one already: {exc.message}")
    if match is None:
        return _effect(source, text, "no open issue is about this")
    if match.score < KNOWN:
        return _effect(source, text, f"{_said(match)} may be about this: {match.how}")
    return NewIssue(
        outcome="already_done",
        target=source.settings.repo,
        number=match.issue.number,
        url=match.issue.url,
        message=f"{_said(match)} is open, and about this: {match.how}.",
    )


def _said(match: Match) -> str:
    return f"issue {match.issue.number} ({match.issue.url})"


def _effect(source: Buildkite, text: dict[str, Any], known: str) -> Effect:
    called = dict.fromkeys(one[1] for one in _MENTION.finditer(str(text["body"])))
    more = ", ..." if len(called) > MAX_MENTIONED else ""
    named = f"it mentions {', '.join(list(called)[:MAX_MENTIONED])}{more}"
    return Effect(
        target=source.settings.repo,
        action="open an issue on GitHub",
        consequences=(
            f"anybody can read it, and it notifies who watches the repository; {known}",
            *([named] if called else ()),
            f"title: {text['title']}",
            f"labels: {', '.join(text['labels'])}",
            f"body: {text['body'].rstrip()}",
        ),
        data=text,
    )


@tool(
    title="Open an issue",
    plan=_plan,
    untrusted=("consequences",),
    budget_bytes=MAX_BUDGET_BYTES,
    open_world=True,
)
async def create_issue(source: Buildkite, _call: Call, effect: Effect) -> NewIssue:
    """Open an issue about a cause that a scan found. Ask the user first.

    Gives `number` and `url` of it, or of the open one that is about this already.
    Without confirm it shows the whole text.
    """
    text = cast("dict[str, Any]", effect.data or {})
    made = await source.github.create_issue(
        str(text["title"]), str(text["body"]), tuple(text["labels"])
    )
    return NewIssue(
        number=made.number, url=made.url, message=f"Issue {made.number} is open."
    )


async def _match(source: Buildkite, cause: CauseRow, title: str) -> Match | None:
    """The open issue that is nearest to this, as GitHub has them now."""
    from sickbay.ci.scan.issues import best_match  # noqa: PLC0415 - rare
    from sickbay.ci.scan.models import Match  # noqa: PLC0415 - see above

    found = await source.github.issues(label=source.settings.issue_label, refresh=True)
    issues = [issue for issue in found if issue.open]
    for issue in issues:
        if issue.title.casefold() == title.casefold():
            return Match(issue=issue, score=1.0, how="the same title")
    return best_match(
        [test.test_id for test in cause.tests],
        texts=[cause.message],
        signatures=_signatures(cause),
        job_names=[job.name for job in cause.jobs],
        issues=issues,
        now=source.now(),
    )


def _signatures(cause: CauseRow) -> Sequence[str]:
    named = [cause.signature, *(test.signature for test in cause.tests)]
    return [signature for signature in dict.fromkeys(named) if signature]


def _title(text: str) -> str:
    title = " ".join(visible(text).split())
    if not title or len(title) > MAX_TITLE:
        raise BadRequest(
            f"the title has {len(title)} characters",
            hint=f"give 1 to {MAX_TITLE}",
        )
    return title


def _body(text: str) -> str:
    body = visible(text).strip()
    if len(body) > MAX_BODY:
        raise BadRequest(
            f"the body has {len(body):,} characters",
            hint=f"at most {MAX_BODY:,}: link to the log for more",
        )
    return f"{body}\n"


def _labels(source: Buildkite, given: Sequence[str] | None) -> tuple[str, ...]:
    named = (" ".join(visible(label).split()) for label in given or ())
    labels = dict.fromkeys([source.settings.issue_label, *filter(None, named)])
    if len(labels) > MAX_LABELS:
        raise BadRequest(f"{len(labels)} labels", hint=f"give at most {MAX_LABELS}")
    return tuple(labels)
