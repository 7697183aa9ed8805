"""Many failures grouped by their cause: 1 cause x 50 tests x 3 jobs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sickbay.logs.pattern import Pattern
from sickbay.logs.signature import (
    fingerprint,
    first_line,
    is_generic,
    is_symptom,
    masked_line,
    of_cause,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sickbay.logs.report import Category, Cause, FailedTest, Report

_FAR = 0.10
"""Edits, as a share of the mean length, up to which two texts say the same."""
_GRAM = 4
_SKETCH = 6
_NEIGHBOURS = 8
_NAMED = Pattern(r"['\"`]([^'\"`]{1,80})['\"`]|([0-9]+)")


@dataclass(frozen=True, slots=True)
class Example:
    """Where to look for one instance of a cluster, and what it says unmasked."""

    source: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Failures with one cause.

    Args:
        signature: Stable name of the cluster: the most frequent signature in it.
        cause: What its failures say, in one line, masked.
        category: Whose fault most of its logs speak of, ``None`` when they do not tell.
        tests: Ids of the tests that fail of it, sorted.
        sources: Names of the logs that have it, sorted.
        count: How many failures; a test counts once per log.
        signatures: All signatures in it, sorted.
        example: One place to look at.
    """

    signature: str
    cause: str
    category: Category | None
    tests: tuple[str, ...]
    sources: tuple[str, ...]
    count: int
    signatures: tuple[str, ...]
    example: Example

    @property
    def headline(self) -> str:
        """Its size in words: ``1 cause x 50 tests x 3 jobs``."""
        tests = f" x {_counted(len(self.tests), 'test')}" if self.tests else ""
        return f"1 cause{tests} x {_counted(len(self.sources), 'job')}"

    def to_dict(self) -> dict[str, Any]:
        """The cluster as JSON-ready data, with its headline."""
        return {"headline": self.headline, **asdict(self)}


@dataclass(frozen=True, slots=True, order=True)
class _Failure:
    """One failure of one log, in an order that does not depend on the reports'."""

    signature: str
    kind: str
    text: str
    source: str
    line: int
    test_id: str
    category: Category
    said: str


def cluster(reports: Sequence[Report]) -> tuple[Cluster, ...]:
    """Group the failures of many logs by their cause, largest group first.

    Failures of one signature belong together, and so do those whose masked texts
    differ by at most a tenth. The order of the reports does not matter.
    """
    failures = sorted({item for report in reports for item in _failures(report)})
    by_signature: defaultdict[str, list[_Failure]] = defaultdict(list)
    for failure in failures:
        by_signature[failure.signature].append(failure)
    groups: defaultdict[str, list[_Failure]] = defaultdict(list)
    for name, root in _joined(by_signature).items():
        groups[root] += by_signature[name]
    clusters = map(_cluster, groups.values())
    return tuple(sorted(clusters, key=_size_first))


def _failures(report: Report) -> Iterator[_Failure]:
    """The named tests of a log; of a log without any, its best cause.

    A test that is only a symptom of another failure counts for the log's root cause.
    """
    root = _root(report.causes)
    for test in report.tests.failed:
        if root is None or test.signature:
            yield _failure(report, (test.exception, test.message), test.line, test)
        else:
            yield _failure(report, said(root), root.line_start, test, of_cause(root))
    if root is not None and not report.tests.failed:
        yield _failure(report, said(root), root.line_start, None, of_cause(root))


def _root(causes: Sequence[Cause]) -> Cause | None:
    """The best cause that is not itself a symptom; failing that, the best."""
    best = sorted(causes, key=lambda cause: cause.rank)
    return next(
        (cause for cause in best if not is_symptom(*said(cause))), None
    ) or next(iter(best), None)


def _failure(
    report: Report,
    says: tuple[str | None, str | None],
    line: int,
    test: FailedTest | None,
    name: str = "",
) -> _Failure:
    exception, message = says
    text = masked_line(message)
    kind = (exception or "").rpartition(".")[2]
    if not text and not kind and test is not None:
        text = f"{test.outcome}, no message"
    return _Failure(
        signature=name
        or (test and test.signature)
        or fingerprint("symptom", kind, text),
        kind=kind,
        text=text,
        source=report.source,
        line=line,
        test_id=test.test_id if test else "",
        category=report.verdict.category,
        said=_joined_words(exception, first_line(message) or text),
    )


def _joined_words(kind: str | None, text: str) -> str:
    return ": ".join(filter(None, (kind, text)))


def _cluster(failures: Sequence[_Failure]) -> Cluster:
    names = Counter(failure.signature for failure in failures)
    main = min(names, key=lambda name: (-names[name], name))
    first = min(failure for failure in failures if failure.signature == main)
    verdicts = {(failure.source, failure.category) for failure in failures}
    blamed = Counter(found for _, found in verdicts if found != "unknown")
    likely = sorted(blamed, key=lambda found: (-blamed[found], found))
    return Cluster(
        signature=main,
        cause=_joined_words(first.kind, first.text),
        category=likely[0] if likely else None,
        tests=tuple(sorted({item.test_id for item in failures} - {""})),
        sources=tuple(sorted({failure.source for failure in failures})),
        count=len(failures),
        signatures=tuple(sorted(names)),
        example=Example(first.source, first.line, first.said),
    )


def _size_first(found: Cluster) -> tuple[int, int, int, str]:
    return (-len(found.tests), -len(found.sources), -found.count, found.signature)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _joined(groups: Mapping[str, Sequence[_Failure]]) -> dict[str, str]:
    """For every signature, the one that stands for all that say the same."""
    root = {name: name for name in groups}

    def found(name: str) -> str:
        while root[name] != name:
            root[name] = name = root[root[name]]
        return name

    saying: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, failures in groups.items():
        first = failures[0]
        if not is_generic(first.text):
            saying[first.kind, first.text].append(name)
    for names in saying.values():
        for name in names[1:]:
            root[found(name)] = found(names[0])
    for one, other in near(saying):
        low, high = sorted((found(saying[one][0]), found(saying[other][0])))
        root[high] = low
    return {name: found(name) for name in root}


Text = tuple[str, str]
"""Exception and masked message."""


def near(texts: Iterable[Text]) -> Iterator[tuple[Text, Text]]:
    """Pairs of texts that say the same in slightly other words."""
    buckets: defaultdict[tuple[object, ...], list[Text]] = defaultdict(list)
    for kind, text in sorted(texts):
        # What is quoted or numbered tells failures apart: no module named 'x'.
        names = tuple(match[1] or match[2] for match in _NAMED.finditer(text))
        for gram in _sketch(text):
            buckets[kind, names, gram].append((kind, text))
    for bucket in buckets.values():
        for index, one in enumerate(bucket):
            for other in bucket[index + 1 : index + 1 + _NEIGHBOURS]:
                if _alike(one[1], other[1]):
                    yield one, other


def _alike(one: str, other: str) -> bool:
    """Whether at most a tenth of one text makes it the other."""
    limit = int(_FAR * (len(one) + len(other)) / 2)
    if abs(len(one) - len(other)) > limit:
        return False
    letters, others = Counter(one), Counter(other)
    if max((letters - others).total(), (others - letters).total()) > limit:
        return False
    # Its import takes longer than all else here, and the look above often suffices.
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - see above

    return Levenshtein.distance(one, other, score_cutoff=limit) <= limit


def _sketch(text: str) -> list[int]:
    """A few of its 4-grams, the same few in texts that share most of them."""
    data = text.encode("utf-8", "replace")
    grams = {crc32(data[at : at + _GRAM]) for at in range(max(len(data) - 3, 1))}
    return sorted(grams)[:_SKETCH]
