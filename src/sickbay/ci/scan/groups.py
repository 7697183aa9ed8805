"""Groups: the failures that have one cause, over all tests and jobs of a build."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sickbay.ci.joins import joined
from sickbay.ci.scan.deaths import death
from sickbay.ci.scan.families import canonical, file_of, function_of, host_of
from sickbay.ci.scan.occurrences import read
from sickbay.logs.cluster import near
from sickbay.logs.pattern import Pattern
from sickbay.logs.signature import is_generic, is_symptom, masked_line

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from sickbay.ci.scan.models import FailedJob, Occurrence
    from sickbay.logs.report import Report

MOST = 0.8
"""Share of a session that has to fail for it to be the session that failed."""
FEW = 5
"""So many tests have to fail for that."""
_FILES = 3
_NAME = Pattern(r"['\"`](?=\w*_)\w{6,}['\"`]")
_ASSERTIONS = frozenset({"", "AssertionError", "Failed", "AssertFailed"})

Key = tuple[str, ...]


def grouped(
    occurrences: Sequence[Occurrence], failed: Iterable[FailedJob]
) -> list[tuple[Occurrence, ...]]:
    """Failures of one cause together, in the order of their first ones.

    Args:
        occurrences: All failures of the build.
        failed: The attempts that they are of.
    """
    cascades = set(_cascades(failed))
    usual = _usual(occurrences)
    keys = [[*_keys(seen), *_cascade(seen, cascades, usual)] for seen in occurrences]
    links = [
        *_near(occurrences),
        *_same_test(occurrences),
        *_together(occurrences),
    ]
    root = joined([*keys, *links])
    groups: defaultdict[Hashable, list[Occurrence]] = defaultdict(list)
    for seen, own in zip(occurrences, keys, strict=True):
        groups[root[own[0]]].append(seen)
    return [tuple(group) for group in groups.values()]


def cascaded(report: Report) -> bool:
    """Whether the session failed as a whole, rather than tests in it."""
    counts = report.tests.counts
    ran = counts.passed + counts.bad
    failed = {function_of(test.test_id) for test in report.tests.failed}
    return len(failed) >= FEW and counts.bad > MOST * ran


def _keys(seen: Occurrence) -> Iterator[Key]:
    """What two failures of one cause share one of."""
    yield ("signature", seen.signature)
    said, host = read(seen), host_of(seen.attempt)
    if seen.test_id:
        # A test that meets a sick machine and then a fault of its own fails of two.
        kind = "machine" if said and said.machine else "test"
        yield ("place", str(id(seen.job)), canonical(seen.test_id), kind)
        if is_generic(masked_line(seen.message)):
            yield ("function", str(id(seen.job)), function_of(seen.test_id))
    if said and said.machine and host:
        yield ("host", host, said.trouble or said.rule)
    if said and said.machine and said.service:
        yield ("service", said.service)
    died = None if seen.test_id else death(seen.attempt)
    if died and died.machine and host:
        yield ("death", host, died.words)


def _usual(occurrences: Sequence[Occurrence]) -> set[tuple[str, str]]:
    """For each attempt the signatures that belong to it as a whole.

    These are the most frequent one, and those that no other attempt shows: what fails
    elsewhere too does not fail for what this session failed of.
    """
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    attempts: defaultdict[str, set[str]] = defaultdict(set)
    for seen in occurrences:
        attempt = str(seen.attempt.job_id)
        counted[attempt][seen.signature] += 1
        attempts[seen.signature].add(attempt)
    return {
        (attempt, name)
        for attempt, names in counted.items()
        for name, count in names.items()
        if len(attempts[name]) == 1 or count == max(names.values())
    }


def _cascade(
    seen: Occurrence, cascades: set[Key], usual: set[tuple[str, str]]
) -> Iterator[Key]:
    attempt = str(seen.attempt.job_id)
    if (attempt, seen.signature) not in usual:
        return
    kind = (seen.exception or "").rpartition(".")[2]
    for key in (("session", attempt), ("session", attempt, kind)):
        if key in cascades and seen.test_id:
            yield key


def _cascades(failed: Iterable[FailedJob]) -> Iterator[Key]:
    """Sessions that failed as a whole, and exceptions that most of one failed of."""
    for item in failed:
        if item.report is None:
            continue
        attempt = str(item.attempt.job_id)
        if cascaded(item.report):
            yield ("session", attempt)
        elif kind := _dominating(item.report):
            yield ("session", attempt, kind)


def _dominating(report: Report) -> str | None:
    """The exception, if one is in nearly all failures and these are in many files."""
    tests = report.tests.failed
    kinds = Counter((test.exception or "").rpartition(".")[2] for test in tests)
    for kind, count in kinds.most_common(1):
        files = {
            file_of(test.test_id)
            for test in tests
            if (test.exception or "").rpartition(".")[2] == kind
        }
        most = count >= FEW and count > MOST * len(tests) and len(files) >= _FILES
        return kind if most and kind not in _ASSERTIONS else None
    return None


def _near(occurrences: Sequence[Occurrence]) -> Iterator[list[Key]]:
    """Signatures whose messages say the same in slightly other words."""
    saying: dict[tuple[str, str], str] = {}
    for seen in occurrences:
        masked = masked_line(seen.message)
        symptom = is_symptom(seen.exception, seen.message)
        own = seen.test_id or seen.line is not None
        kind = (seen.exception or "").rpartition(".")[2]
        if own and not symptom and _is_telling(kind, masked):
            first = saying.setdefault((kind, masked), seen.signature)
            if first != seen.signature:
                yield [("signature", first), ("signature", seen.signature)]
    for one, other in near(saying):
        yield [("signature", saying[one]), ("signature", saying[other])]


def _is_telling(kind: str, masked: str) -> bool:
    """Whether the same words elsewhere are of the same cause.

    The name that an exception is about tells as much as a sentence.
    """
    named = kind not in _ASSERTIONS and _NAME.search(masked)
    return bool(named) or not is_generic(masked)


def _same_test(occurrences: Sequence[Occurrence]) -> Iterator[list[Key]]:
    """A test whose message says little fails of what it fails of elsewhere.

    Where it fails of several things elsewhere, nobody can tell of which; and what a
    machine did to it elsewhere says nothing.
    """
    tests: defaultdict[tuple[str, str], list[Occurrence]] = defaultdict(list)
    for seen in occurrences:
        said = read(seen)
        if seen.test_id and not (said and said.machine):
            kind = (seen.exception or "").rpartition(".")[2]
            tests[canonical(seen.test_id), kind].append(seen)
    for found in tests.values():
        names = {True: set[str](), False: set[str]()}
        for seen in found:
            names[is_generic(masked_line(seen.message))].add(seen.signature)
        if names[True] and len(names[False]) <= 1:
            every = names[True] | names[False]
            yield [("signature", name) for name in sorted(every)]


def _together(occurrences: Sequence[Occurrence]) -> Iterator[list[Key]]:
    """Failures of one file that several attempts show all of, and no other any of."""
    attempts: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for seen in occurrences:
        said = read(seen)
        if seen.test_id and not (said and said.machine):
            place = file_of(seen.test_id), seen.signature
            attempts[place].add(str(seen.attempt.job_id))
    groups: defaultdict[tuple[str, frozenset[str]], list[Key]] = defaultdict(list)
    for (path, name), shown in attempts.items():
        groups[path, frozenset(shown)].append(("signature", name))
    for (_, together), names in groups.items():
        if len(together) > 1:
            yield names
