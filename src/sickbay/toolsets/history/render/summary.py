"""A test's verdict as markdown that one can paste into Slack or an issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.render.link import link, literal, plain
from sickbay.render.words import share
from sickbay.toolsets.history.render.place import GITHUB, SHORT, commit_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.history.models import Assessment, BuildPoint, Line

TITLE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the builds are of: their line, and the repository if it is known."""

    line: Line
    repo: str | None = None
    web: str = GITHUB

    @property
    def named(self) -> str:
        """The line in words."""
        pipeline = self.line.pipeline or "all pipelines"
        return f"{self.line.branch or 'all branches'} of {pipeline}"


def summary(test_id: str, found: Assessment, place: Place) -> str:
    """The verdict: what it is, how sure, since which build, and what speaks for it.

    Args:
        test_id: The test.
        found: The verdict.
        place: Where its builds are.
    """
    rows = [f"# {literal(test_id)}", "", _verdict(found, place)]
    rows += [f"- {row}" for row in _ends(found, place)]
    rows += [f"- {plain(note)}" for note in found.notes]
    return "\n".join(rows) + "\n"


def _verdict(found: Assessment, place: Place) -> str:
    sure = f"confidence {found.level}, {share(found.confidence)}"
    return f"**{found.classification}** ({sure}) on {literal(place.named)}"


def _ends(found: Assessment, place: Place) -> Iterator[str]:
    change = found.change
    if change is None or found.transition is None:
        return
    newest, oldest = (
        ("First bad", "Last good") if change.rising else ("First good", "Last bad")
    )
    yield f"{newest}: {build_words(change.after, place)}"
    yield f"{oldest}: {build_words(change.before, place)}"


def build_words(build: BuildPoint, place: Place) -> str:
    """A build with its commit, each with its link."""
    words = f"build {link(build.number, build.url)}"
    if build.sha:
        commit = link(build.sha[:SHORT], commit_url(build.sha, place.repo, place.web))
        words += f", commit {commit}"
    if build.title:
        words += f" {plain(build.title[:TITLE])}"
    return f"{words} by {plain(build.author)}" if build.author else words
