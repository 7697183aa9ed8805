"""Fits how much each feature of a candidate cause counts; ``causes.py`` uses it.

A log gives one question: which of its candidates touches the span that a person
marked? The weights are those under which the right candidates get most of the
probability of a softmax over the log's candidates. They are drawn towards ``PRIOR`` by
``DECAY``, so that no feature counts much that only a few repositories have. Every
repository counts by the square root of its logs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

DECAY = 20.0
PRIOR = {
    "first_test": 3.0,
    "later_test": 1.0,
    "among_tests": -2.0,
    "among_failed_tests": -2.0,
    "rule_high": 1.2,
    "rule_mid": 0.3,
    "rule_low": -0.3,
    "loud": 0.8,
    "first_loud": 0.8,
    "first_failed": 0.4,
    "later_failed": -0.4,
    "before_failure": -0.6,
    "after_failure": -1.2,
    "is_cascade": -2.5,
    "is_retry": -0.5,
    "is_passing": -0.4,
    "is_warning": -0.6,
    "is_log_info": -0.5,
    "is_download": -0.5,
    "quiet": -0.8,
    "ends_process": 0.4,
    "is_diagnostic": 0.5,
    "is_exception": 0.5,
    "is_crash": 0.5,
}
"""Where a weight stays when the labelled logs say nothing about it: they all come from
one CI and have few logs with cascades, services that shut down, or GPU failures."""
STEPS = 200
RATE = 0.05


@dataclass(frozen=True)
class Question:
    """One labelled log: the features of its candidates, and which are right."""

    log: str
    repo: str
    language: str
    candidates: Sequence[frozenset[str]]
    right: Sequence[bool]


def fit(questions: Sequence[Question], decay: float = DECAY) -> dict[str, float]:
    """The weights of all features that occur."""
    useful = [question for question in questions if any(question.right)]
    names = sorted({name for q in useful for c in q.candidates for name in c})
    matrix = _matrix(useful, names)
    right = np.concatenate([q.right for q in useful]).astype(float)
    sizes = [len(q.right) for q in useful]
    starts = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    share = _share(useful)[owner]
    prior = np.array([PRIOR.get(name, 0.0) for name in names])
    weights = prior.copy()
    slow, fast = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        score = matrix @ weights
        chance = np.exp(score - np.maximum.reduceat(score, starts)[owner])
        chance /= np.add.reduceat(chance, starts)[owner]
        good = chance * right
        target = good / np.maximum(np.add.reduceat(good, starts)[owner], 1e-12)
        slope = matrix.T @ ((chance - target) * share)
        slope += decay * (weights - prior) / len(useful)
        slow, fast = 0.9 * slow + 0.1 * slope, 0.999 * fast + 0.001 * slope**2
        scale = np.sqrt(fast / (1 - 0.999**step)) + 1e-8
        weights -= RATE * slow / (1 - 0.9**step) / scale
    return PRIOR | dict(zip(names, weights.round(2).tolist(), strict=True))


def _matrix(questions: Sequence[Question], names: Sequence[str]) -> np.ndarray:
    column = {name: index for index, name in enumerate(names)}
    rows = [candidate for q in questions for candidate in q.candidates]
    matrix = np.zeros((len(rows), len(names)))
    for index, candidate in enumerate(rows):
        matrix[index, [column[name] for name in candidate]] = 1
    return matrix


def _share(questions: Sequence[Question]) -> np.ndarray:
    logs = Counter(question.repo for question in questions)
    share = np.array([logs[question.repo] ** -0.5 for question in questions])
    shares: np.ndarray = share / share.sum()
    return shares
