"""Priors: how suspicious a commit is by what it changes alone."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import exp
from typing import TYPE_CHECKING

from sickbay.ci.models import Commit, Row
from sickbay.ci.owners import paths_of
from sickbay.ci.reverts import reverts
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FLOOR = 0.05
"""Of the probability is shared out equally, whatever the commits change."""

# In natural log odds, see ``ci.scan.weights``: judgements, not fitted.
_RAISED = 3.0
_IN_TRACEBACK = 2.3
_OWN_FILE = 2.3
_FIXTURES = 1.5
_NEIGHBOUR = 1.0
_DEPENDENCY = 0.5
_INSTALLED = 0.5
_NOT_NEAR = -0.7
_NO_DEPENDENCY = -1.5
_OTHER_TESTS = -1.5
_WORDS_ONLY = -3.0
_LARGE = 0.5
_TINY = -0.3
_REVERTED = 1.0
_REVERTS = -0.4

_MANY_FILES = 50
_MANY_LINES = 1000
_FEW_LINES = 5

_WORDS = Pattern(
    r"(?i)(?:^|/)(?:docs?|licenses?)/|\.(?:md|rst|adoc|svg|png|jpe?g|gif)$"
    r"|(?:^|/)(?:license|notice|authors|codeowners|changelog)(?:\.[a-z]{2,4})?$"
)
_RECIPE = Pattern(
    r"(?i)(?:^|/)(?:requirements[^/]{0,40}\.(?:txt|in)|[^/]{0,40}\.lock|pyproject\.toml"
    r"|setup\.(?:py|cfg)|package(?:-lock)?\.json|go\.(?:mod|sum)|cmakelists\.txt"
    r"|[^/]{0,40}dockerfile[^/]{0,40})$|(?:^|/)requirements/|(?:^|/)\.(?:ci|github)/"
)
_TESTS = Pattern(r"(?i)(?:^|/)tests?/|(?:^|/)test_[^/]{1,200}$|_test\.[a-z]{1,4}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a commit changes.

    Attributes:
        files: None where nobody knows.
        lines: Added and removed; None where nobody knows.
    """

    sha: str
    title: str = ""
    message: str = ""
    files: tuple[str, ...] | None = None
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is known of the failure.

    Attributes:
        frames: Paths of the traceback, the innermost first.
        dependencies: Paths or patterns that the job says it depends on.
        roots: Folders that ids of tests may be relative to.
    """

    test_id: str
    frames: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    roots: tuple[str, ...] = ("tests",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How suspicious a commit is.

    Attributes:
        weight: Its share; those of all commits add up to 1.
        factor: By how much its files and title make it likelier than they would.
        reasons: Sentences.
    """

    sha: str
    weight: float
    factor: float = 1.0
    reasons: tuple[str, ...] = ()


def weighed(changes: Sequence[Change], clues: Clues) -> tuple[Weight, ...]:
    """How suspicious each commit is, none of them impossible.

    Args:
        changes: The commits of the range, the oldest first.
        clues: What is known of the failure.
    """
    reverted = _reverted(changes)
    found = [[*_evidence(one, clues, reverted)] for one in changes]
    factors = [exp(sum(value for value, _ in one)) for one in found]
    whole = sum(factors)
    return tuple(
        Weight(
            sha=change.sha,
            weight=(1 - FLOOR) * factor / whole + FLOOR / len(changes),
            factor=factor,
            reasons=tuple(reason for _, reason in evidence),
        )
        for change, factor, evidence in zip(changes, factors, found, strict=True)
    )


Evidence = tuple[float, str]
"""Log odds, and the sentence that goes with them."""


def _evidence(one: Change, clues: Clues, reverted: set[str]) -> Iterator[Evidence]:
    if one.sha in reverted:
        yield _REVERTED, "It was reverted later."
    if one.title.startswith('Revert "'):
        yield _REVERTS, "It brings back what was there before."
    if one.files is None:
        yield 0.0, "Nobody knows which files it changes."
        return
    near = max(_near(one.files, clues), default=None)
    yield near or _far(one.files, clues)
    if len(one.files) >= _MANY_FILES or (one.lines or 0) >= _MANY_LINES:
        yield _LARGE, "It is large."
    elif one.lines is not None and one.lines <= _FEW_LINES:
        yield _TINY, "It changes a few lines only."


def _near(files: Sequence[str], clues: Clues) -> Iterator[Evidence]:
    """What brings a commit close to the failure."""
    own = paths_of(clues.test_id, clues.roots)
    for file in files:
        code = not _WORDS.search(file)
        kinds = (
            (_any_same(file, own), _OWN_FILE, "the test's own file"),
            (_any_same(file, clues.frames[:1]), _RAISED, "where it was raised"),
            (_any_same(file, clues.frames), _IN_TRACEBACK, "seen in the traceback"),
            (_is_fixture(file, own), _FIXTURES, "which the test may use"),
            (_is_beside(file, clues), _NEIGHBOUR, "beside a file of the traceback"),
            (_RECIPE.search(file), _INSTALLED, "how things are built or run"),
            (_depends(file, clues.dependencies), _DEPENDENCY, "a source of the job"),
        )
        for holds, value, words in kinds:
            if holds and (code or value >= _OWN_FILE):
                yield value, f"It changes {file}, {words}."
                break


def _far(files: Sequence[str], clues: Clues) -> Evidence:
    if all(_WORDS.search(file) for file in files):
        return _WORDS_ONLY, "It changes no code." if files else "It changes no file."
    if all(_TESTS.search(file) or _WORDS.search(file) for file in files):
        return _OTHER_TESTS, "It changes other tests only."
    if clues.dependencies:
        return _NO_DEPENDENCY, "It changes nothing that the job depends on."
    if clues.frames:
        return _NOT_NEAR, "It changes nothing near the traceback."
    return 0.0, "Nothing tells whether what it changes matters to the test."


def _reverted(changes: Sequence[Change]) -> set[str]:
    rows = [
        Row(commit=Commit(sha=one.sha, title=one.title, message=one.message), jobs={})
        for one in reversed(changes)
    ]
    return {rows[place].commit.sha for place in reverts(rows).values()}


def _any_same(file: str, paths: Sequence[str]) -> bool:
    """Whether one of these paths, from whatever folder they begin, is this file."""
    return any(
        file == path or ("/" in path and _ends(file, path)) or _ends(path, file)
        for path in paths
    )


def _ends(one: str, other: str) -> bool:
    """Whether a path ends as the other."""
    return f"/{_plain(one)}".endswith(f"/{_plain(other)}")


def _plain(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./").strip("/")


def _folder(path: str) -> str:
    """With a slash on either side."""
    folder = _plain(path).rpartition("/")[0]
    return f"/{folder}/" if folder else "/"


def _is_beside(file: str, clues: Clues) -> bool:
    """Whether it has company from the traceback; a folder of tests says little."""
    folder = _folder(file)
    return folder != "/" and any(
        _folder(frame).endswith(folder)
        for frame in clues.frames
        if not _TESTS.search(frame)
    )


def _is_fixture(file: str, own: Sequence[str]) -> bool:
    if not file.endswith("conftest.py"):
        return False
    return any(_folder(path).startswith(_folder(file)) for path in own)


def _depends(file: str, dependencies: Sequence[str]) -> bool:
    return any(
        fnmatchcase(file, one) or f"{file}/".startswith(f"{one.rstrip('/')}/")
        for one in dependencies
    )
