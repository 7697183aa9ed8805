"""The causes of a log, best first."""

from __future__ import annotations

from math import exp, fsum
from typing import TYPE_CHECKING

from sickbay.logs.causes.candidates import candidates
from sickbay.logs.causes.evidence import evidence, key, speaks_of_failure, telling
from sickbay.logs.causes.features import features
from sickbay.logs.causes.scopes import scopes
from sickbay.logs.causes.weights import WEIGHTS
from sickbay.logs.report import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.logs.causes.candidates import Candidate
    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log

MAX_CAUSES = 10
"""Causes named; who has read ten has read enough."""


SURE_CAUSES = 3
"""Causes named however unlikely they are, if there are so many."""

NEGLIGIBLE = 0.01
"""Chance below which a further cause is not worth a look."""

NONE_OF_THEM = 1.0
"""Odds that a person would point at something else: of a candidate that nothing
speaks for or against."""


def causes(log: Log, sessions: Sequence[Session]) -> tuple[Cause, ...]:
    """The spans that a person would point at, best first; none where nothing failed."""
    found = scopes(log)
    part = candidates(log, found, sessions)
    described = features(log, found, part)
    if not speaks_of_failure(log, found, part):
        return ()
    chosen = telling(part, found[-1])
    part, described = [part[i] for i in chosen], [described[i] for i in chosen]
    keys = [key(log, candidate) for candidate in part]
    best = ranked(described, keys, WEIGHTS)
    odds = [exp(score(described[index], WEIGHTS)) for index in best]
    chances = [odd / (NONE_OF_THEM + sum(odds)) for odd in odds]
    named = max(SURE_CAUSES, sum(chance >= NEGLIGIBLE for chance in chances))
    return tuple(
        _cause(
            log,
            part[index],
            rank,
            chances[rank - 1],
            evidence(described[index], part[index], keys.count(keys[index])),
        )
        for rank, index in enumerate(best[: min(named, MAX_CAUSES)], 1)
    )


def ranked(
    described: Sequence[Iterable[str]],
    keys: Sequence[str],
    weights: Mapping[str, float],
) -> list[int]:
    """Indices of the candidates, best first; of those that say the same, the best.

    Args:
        described: The features of each candidate.
        keys: What each candidate says.
        weights: What a feature weighs.
    """
    scores = [score(names, weights) for names in described]
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    seen: set[str] = set()
    distinct = []
    for index in order:
        if keys[index] not in seen:
            seen.add(keys[index])
            distinct.append(index)
    return distinct


def score(names: Iterable[str], weights: Mapping[str, float]) -> float:
    """What a candidate's features weigh together."""
    return fsum(weights.get(name, 0.0) for name in names)  # names are in no order


def _cause(
    log: Log, candidate: Candidate, rank: int, chance: float, why: tuple[str, ...]
) -> Cause:
    lines = [text for _, text in log.lines.between(candidate.first, candidate.last)]
    best = max(candidate.hits, key=lambda hit: hit.rule.weight, default=None)
    return Cause(
        rank=rank,
        line_start=candidate.first,
        line_end=candidate.last,
        text="\n".join(lines),
        rule=best.rule.name if best else None,
        captures=best.captures if best else (),
        score=round(chance, 3),
        evidence=why,
    )
