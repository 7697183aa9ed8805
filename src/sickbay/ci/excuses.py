"""Excuses: what people wrote down of failures that are nobody's change."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sickbay.ci.names import platforms
from sickbay.ci.signs import sign
from sickbay.core.errors import SickbayError
from sickbay.logs.needle import needle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.inputs import DisabledTest, FlakyRule
    from sickbay.ci.models import Job
    from sickbay.logs.needle import Needle

_ANY_FAILURE = (
    "",
    "##[error]Process completed with exit code 1.",
    "##[error]Process completed with exit code 2.",
    "##[error]The operation was canceled.",
    "FAILED [0.1s] test_a.py::TestA::test_a - AssertionError: Error",
)
"""Lines that only say that something failed."""


def fitting(rules: Sequence[FlakyRule], job: Job) -> Iterator[FlakyRule]:
    """The rules that know a job's failure, those included that know any failure."""
    said = (*job.captures, *job.lines)
    for rule in rules:
        known = all(any(_found(part, text) for text in said) for part in rule.captures)
        if rule.captures and known and (not rule.name or _found(rule.name, job.name)):
            yield rule


def fits_anything(rule: FlakyRule) -> bool:
    """Whether a rule tells its failure from no other."""
    return all(
        any(_found(part, text) for text in _ANY_FAILURE) for part in rule.captures
    )


def tests_named(job: Job, tests: Sequence[DisabledTest]) -> Iterator[DisabledTest]:
    """The disabled tests that a job fails in, where they are disabled."""
    failing = set(_tests(job))
    for test in tests if failing else ():
        if (test.name, test.suite.rpartition(".")[2]) not in failing:
            continue
        if not test.platforms or test.platforms & platforms(job.name):
            yield test


def _tests(job: Job) -> Iterator[tuple[str, str]]:
    """Name and suite of each test that the failure names."""
    for test_id in sign(job).tests:
        name, unittest, suite = test_id.rstrip(")").partition(" (")
        if unittest:
            yield name, suite.rpartition(".")[2]
        else:
            parts = test_id.partition("[")[0].split("::")
            yield parts[-1], parts[-2] if len(parts) > 1 else ""


def _found(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is not None and compiled.find(text.encode()) >= 0


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Needle | None:
    """A rule's pattern, or None where it is none: one bad rule spoils no triage."""
    try:
        return needle(pattern)
    except SickbayError:
        return None
