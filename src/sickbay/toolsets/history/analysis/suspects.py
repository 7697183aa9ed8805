"""Commits as suspects: their changes, weights and probabilities as rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sickbay.toolsets.history.analysis.verdict import DIGITS
from sickbay.toolsets.history.models.culprit import ChanceRow, ProbeRow, SuspectRow
from sickbay.toolsets.history.models.window import build_fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.ci.authors import CommitInfo
    from sickbay.ci.history.culprit import Culprit
    from sickbay.ci.history.models import BuildPoint
    from sickbay.ci.history.planner import Plan
    from sickbay.ci.history.priors import Weight

FRAMES = 20

LEAST = 0.001
"""Probability below which a commit is not listed."""

_PULL = re.compile(r"\(#([0-9]{1,7})\)\s*$")
_PATH = re.compile(
    r"(?<![\w/.-])((?:[\w.+-]{1,100}/){0,12}[\w+-]{1,100}\.[a-z]{1,4})"
    r"(?=[\"']?(?::|,? line |\()[0-9 ]{0,2}[0-9]{1,6})"
)


def frames_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The files that tracebacks name, the innermost first."""
    found = [path for text in texts for path in _PATH.findall(text)[::-1]]
    return tuple(dict.fromkeys(found))[:FRAMES]


def suspect_rows(
    found: Culprit,
    commits: Sequence[CommitInfo],
    weights: Sequence[Weight],
    builds: Mapping[str, BuildPoint],
    urls: Mapping[str, str | None],
) -> tuple[SuspectRow, ...]:
    """The commits of a range, the likeliest first.

    Args:
        found: What is known of each, the oldest first.
        commits: The same commits.
        weights: And why they are suspicious.
        builds: By the sha of their commit.
        urls: Of commits.
    """
    rows = []
    credible = set(found.credible)
    for suspect, commit, weight in zip(found.suspects, commits, weights, strict=True):
        built = builds.get(commit.sha)
        rows.append(
            SuspectRow(
                commit=commit.sha,
                title=commit.title,
                author=commit.author.shown or None,
                pull_request=pull_of(commit.title),
                url=commit.url or urls.get(commit.sha),
                committed_at=commit.time,
                probability=round(suspect.probability, DIGITS),
                prior=round(suspect.prior, DIGITS),
                credible=suspect.place in credible,
                build=build_fact(built) if built else None,
                files=len(commit.files) or None,
                runs=suspect.why,
                reasons=weight.reasons,
            )
        )
    # The newest of several that are as likely is the easiest to revert.
    likely = [row for row in rows if row.credible or row.probability >= LEAST]
    likely.reverse()
    return tuple(sorted(likely, key=lambda row: -row.probability))


def probe_row(plan: Plan, commits: Sequence[CommitInfo]) -> ProbeRow | None:
    """The commit to test next."""
    probe = plan.probe
    if probe is None:
        return None
    return ProbeRow(
        commit=probe.sha,
        title=commits[probe.place].title,
        fails=round(probe.fails, DIGITS),
        information_bits=round(probe.information, DIGITS),
        repeats=probe.repeats,
        probes_left=None if plan.left is None else round(plan.left, 1),
        why=probe.why,
    )


def chance_row(found: Culprit) -> ChanceRow:
    """How often the test fails by chance."""
    return ChanceRow(
        rate=round(found.flake_rate, DIGITS),
        low=round(found.flake_low, DIGITS),
        high=round(found.flake_high, DIGITS),
    )


def pull_of(title: str) -> int | None:
    """The pull request that a commit's title names."""
    found = _PULL.search(title)
    return int(found[1]) if found else None
