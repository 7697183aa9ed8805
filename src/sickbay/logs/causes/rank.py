"""The causes of a log, best first."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from sickbay.logs.causes.candidates import candidates
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


def causes(log: Log, sessions: Sequence[Session]) -> tuple[Cause, ...]:
    """The spans that a person would point at, best first."""
    found = scopes(log)
    part = candidates(log, found, sessions)
    described = features(log, found, part)
    best = order(described, WEIGHTS)[:MAX_CAUSES]
    return tuple(
        _cause(log, part[index], rank, score(described[index], WEIGHTS))
        for rank, index in enumerate(best, 1)
    )


def order(
    described: Sequence[Iterable[str]], weights: Mapping[str, float]
) -> list[int]:
    """Indices of the candidates, best first; of equals, the first in the log."""
    scores = [score(names, weights) for names in described]
    return sorted(range(len(scores)), key=lambda index: -scores[index])


def score(names: Iterable[str], weights: Mapping[str, float]) -> float:
    """What a candidate's features weigh together."""
    return sum(weights.get(name, 0.0) for name in names)


def _cause(log: Log, candidate: Candidate, rank: int, weight: float) -> Cause:
    lines = [text for _, text in log.lines.between(candidate.first, candidate.last)]
    best = max(candidate.hits, key=lambda hit: hit.rule.weight, default=None)
    return Cause(
        rank=rank,
        line_start=candidate.first,
        line_end=candidate.last,
        text="\n".join(lines),
        rule=best.rule.name if best else None,
        captures=best.captures if best else (),
        score=round(1 / (1 + exp(-weight)), 3),
        evidence=(),
    )
