"""The build or job that a caller means, in this Buildkite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.references import BuildRef, build_reference, job_or_step
from sickbay.core.errors import BadRequest
from sickbay.logs.pattern import Pattern
from sickbay.toolsets.buildkite.settings import WEB_URL

if TYPE_CHECKING:
    from sickbay.ci.references import JobRef
    from sickbay.toolsets.buildkite.source import Buildkite

SHOWN = 80
"""Characters of a wrong name that are repeated."""

_SLUG = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"
_PIPELINE = Pattern(rf"(?:({_SLUG})/)?({_SLUG})")


def meant_build(source: Buildkite, text: str) -> BuildRef:
    """The build of a number, an address, a handle or a path.

    Raises:
        BadRequest: It names none, or one that is elsewhere.
    """
    return build_reference(text, usual=source.usual(), addresses=_own(source))


async def meant_job(
    source: Buildkite, text: str, *, of: BuildRef | None = None
) -> JobRef:
    """The job of a handle or an address; of an id alone where the build is known.

    Raises:
        BadRequest: It names none, or one that is elsewhere.
        NotFound: It names a step, and that has not exactly one job.
    """
    usual = of or source.usual()
    named = job_or_step(text, usual=usual, addresses=_own(source))
    return await source.client.job_of(named)


def meant_pipeline(source: Buildkite, text: str | None) -> tuple[str, str]:
    """Organization and pipeline of ``name`` or ``organization/name``.

    Raises:
        BadRequest: It is neither.
    """
    usual = source.usual()
    if not text:
        return usual.organization, usual.pipeline
    found = _PIPELINE.fullmatch(text.strip())
    if found is None:
        raise BadRequest(
            f"{text[:SHOWN]} is no pipeline",
            hint="write its name as in its address, or <organization>/<name>",
        )
    return found[1] or usual.organization, found[2]


def _own(source: Buildkite) -> list[str]:
    """The operator's addresses; one may lie below the other, and goes before it."""
    settings = source.settings
    addresses = (settings.base_url, settings.web_url or WEB_URL)
    return sorted(addresses, key=len, reverse=True)
