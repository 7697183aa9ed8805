"""Which builds a tool looks at, and how a build is shown in its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

if TYPE_CHECKING:
    from sickbay.ci.history.models import BuildPoint

Pipeline = Annotated[str | None, "such as vllm/ci; the usual one by default"]
Branch = Annotated[str | None, "the trunk by default; * is any"]
TimeRange = Annotated[str, "7d, 24h, A:B"]

ANY_BRANCH = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFact:
    """A build, as short as it can be told.

    Attributes:
        build_number: As the CI shows it; a commit's short name where builds have none.
        created_at: When it began.
    """

    build_number: str
    build_url: str | None = None
    commit: str = ""
    created_at: datetime | None = None


def build_fact(point: BuildPoint) -> BuildFact:
    """A build of a timeline as answers show it."""
    return BuildFact(
        build_number=point.number,
        build_url=point.url,
        commit=point.sha,
        created_at=point.created_at,
    )
