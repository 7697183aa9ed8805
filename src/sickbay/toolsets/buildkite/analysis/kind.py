"""What kind of build one is: the nightly, a scheduled one of that title, or any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.ci.builds import Build
    from sickbay.logs.needle import Needle

NIGHTLY = "nightly"
TITLE = 200
"""Characters of a title that are looked at."""

_SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class Kinds:
    """Tells builds of one kind from others.

    Args:
        nightly: Finds the titles of nightly builds.
    """

    nightly: Needle

    def search(self, title: str) -> bool:
        """Whether it is the title of a nightly build."""
        return self.nightly.find(title[:TITLE].encode("utf-8", "replace")) >= 0

    def is_nightly(self, build: Build) -> bool:
        """Whether it is one of the nightly builds, and not just like them."""
        return self.search(build.title)

    def of(self, build: Build) -> str:
        """What kind of build it is: two of one kind run the same jobs."""
        if self.is_nightly(build):
            return NIGHTLY
        return build.title if build.source == _SCHEDULE else ""


def kinds(pattern: str) -> Kinds:
    """What tells kinds of builds apart.

    Args:
        pattern: RE2, of the titles of nightly builds.

    Raises:
        BadRequest: The pattern is wrong.
    """
    from sickbay.logs.needle import needle  # noqa: PLC0415 - brings RE2

    return Kinds(needle(pattern))
