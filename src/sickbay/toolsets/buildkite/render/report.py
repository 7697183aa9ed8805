"""A scan as text, in the form that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.toolsets.buildkite.render.findings import comment, daily_findings
from sickbay.toolsets.buildkite.render.issue import issue_of
from sickbay.toolsets.buildkite.render.slack import slack_post
from sickbay.toolsets.buildkite.render.standup import standup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sickbay.toolsets.buildkite.models.scan import CauseRow, Format, ScanReport


_FORMS: Mapping[Format, Callable[[ScanReport], str]] = {
    "daily_findings": daily_findings,
    "standup": standup,
    "slack": slack_post,
    "markdown": comment,
}


def report(scan: ScanReport, form: Format, cause: CauseRow | None = None) -> str:
    """The text.

    Args:
        scan: Of a build.
        form: What it is for.
        cause: The one cause that markdown is about: a new issue, its title first.
    """
    if cause is not None and form == "markdown":
        title, body = issue_of(cause, scan)
        return f"{title}\n\n{body}"
    return _FORMS[form](scan)
