"""``sickbay buildkite retry``, ``unblock`` and ``issue``: they change something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format, shown
from sickbay.core.errors import BadRequest
from sickbay.toolsets.buildkite.render.change import change_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.core.desk import Desk

Yes = Annotated[bool, Parameter(negative="")]
Many = Annotated[tuple[str, ...], Parameter(negative="")]

_DONE = frozenset({"ok", "already_done", "started"})


async def retry(
    job: str,
    /,
    *,
    yes: Yes = False,
    write: bool | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Run a job again, once you agreed.

    Args:
        job: Its address, or a handle such as buildkite:vllm/ci/123/JOB-ID.
        yes: Agree now; in a terminal you are asked all the same.
        write: Allow changes, which are off by default.
        format: How to print.
        desk: Buildkite.
    """
    del write  # the server round the command was made with it
    return await _changed("retry_job", desk, format, job=job, confirm=yes)


async def unblock(  # noqa: PLR0913 - one for each option
    job: str,
    /,
    *,
    field: Many = (),
    yes: Yes = False,
    write: bool | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Let a build go on at a step that waits, once you agreed.

    Args:
        job: The address of the step, or its handle.
        field: What the step asks for, as KEY=VALUE; may be given many times.
        yes: Agree now; in a terminal you are asked all the same.
        write: Allow changes, which are off by default.
        format: How to print.
        desk: Buildkite.
    """
    del write  # see retry
    given = {"job": job, "fields": _fields(field), "confirm": yes}
    return await _changed("unblock_job", desk, format, **given)


async def issue(  # noqa: PLR0913 - one for each option
    scan: str,
    cause: str,
    /,
    *,
    title: str | None = None,
    body: str | None = None,
    label: Many = (),
    yes: Yes = False,
    write: bool | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Open an issue about a cause, unless there is one, once you agreed to its text.

    Args:
        scan: The scan_id of a scan.
        cause: The cause_id of one of its causes.
        title: Instead of the one made from the scan.
        body: Markdown instead of that made from the scan.
        label: Besides that of CI failures; may be given many times.
        yes: Agree now; in a terminal you are asked all the same.
        write: Allow changes, which are off by default.
        format: How to print.
        desk: Buildkite.
    """
    del write  # see retry
    text = {"title": title, "body": body, "labels": list(label) or None}
    given = {"scan": scan, "cause_id": cause, **text, "confirm": yes}
    return await _changed("create_issue", desk, format, **given)


async def _changed(
    tool: str,
    desk: Desk,
    form: Format,
    **given: Any,  # noqa: ANN401 - any JSON
) -> int:
    found = await desk.result(tool, **given)
    shown(found, change_page(found), form, desk)
    return DONE if found["outcome"] in _DONE else FOUND


def _fields(given: Sequence[str]) -> dict[str, str] | None:
    found = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not (sign and key):
            raise BadRequest(f"--field {text}: no field", hint="give KEY=VALUE")
        found[key] = value
    return found or None
