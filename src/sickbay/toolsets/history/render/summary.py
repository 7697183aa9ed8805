"""A test's verdict as markdown that one can paste into Slack or an issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.render.link import link, literal, plain
from sickbay.render.words import share
from sickbay.toolsets.history.analysis.place import GITHUB, SHORT, commit_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.history.models import Assessment, BuildPoint, Line, Rate

NOTES = 6
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
    """The verdict: what it is, how sure, how often it fails, since which build.

    Args:
        test_id: The test.
        found: The verdict.
        place: Where its builds are.
    """
    rows = [f"# {literal(test_id)}", "", _verdict(found, place)]
    rows += [f"- {row}" for row in (*_rates(found), *_ends(found, place))]
    rows += [f"- {plain(note)}" for note in found.notes[:NOTES]]
    return "\n".join(rows) + "\n"


def _verdict(found: Assessment, place: Place) -> str:
    sure = f"confidence {found.level}, {share(found.confidence)}"
    builds = f"seen in {found.found} of {found.builds} builds"
    where = f"{builds} on {literal(place.named)}"
    return f"**{found.classification}** ({sure}), {where}"


def _rates(found: Assessment) -> Iterator[str]:
    since = "since the change" if found.transition else "in these builds"
    if found.rate_after:
        yield f"Fails in {rate(found.rate_after)} {since}"
    if found.rate_before:
        yield f"Before it in {rate(found.rate_before)}"
    flake = found.flake
    if flake and flake.split.happened:
        split = f"{flake.split.happened} of {flake.split.times} commits"
        yield f"Passed and failed on {split} that ran it twice"


def rate(found: Rate) -> str:
    """A rate in words, with its interval."""
    between = f"{found.low:.0%} to {found.high:.0%}".replace("%", " %")
    return f"{found.happened} of {found.times} builds (90 %: {between})"


def _ends(found: Assessment, place: Place) -> Iterator[str]:
    better = "First good" if found.classification == "FIXED" else "Last good"
    worse = "Last bad" if found.classification == "FIXED" else "First bad"
    ends = ((worse, found.first_bad), (better, found.last_good))
    for name, build in ends:
        if build:
            yield f"{name}: {build_words(build, place)}"


def build_words(build: BuildPoint, place: Place) -> str:
    """A build with its commit, each with its link."""
    words = f"build {link(build.number, build.url)}"
    if build.sha:
        commit = link(build.sha[:SHORT], commit_url(build.sha, place.repo, place.web))
        words += f", commit {commit}"
    if build.title:
        words += f" {plain(build.title[:TITLE])}"
    return f"{words} by {plain(build.author)}" if build.author else words
