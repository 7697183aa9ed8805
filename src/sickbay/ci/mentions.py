"""Mentions: which tests a text that people wrote speaks of, such as an issue."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from sickbay.logs.pattern import Pattern

_TELLING_LETTERS = 4
_TELLING_WORDS = 2
_PARAMETERS = 300

_COMMENT = Pattern(r"(?s)<!--.*?(?:-->|\Z)")
_PASSED = Pattern(r"(?m)^.*\b(?:PASSED|SKIPPED|XFAIL|DESELECTED)\b.*$")
_ID = Pattern(r"(?<![\w./\\-])([\w./\\-]+)::(\w+(?:(?:::|\.)\w+)*)")
_FILE = Pattern(r"(?<![\w./\\-])[\w./\\-]*\w\.[A-Za-z]\w{0,4}\b(?!::)")
_NAME = Pattern(r"(?<![\w/\\])[A-Za-z_]\w*(?!\w|\.py\b|[/\\]\w)")
_WORD = Pattern(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


@dataclass(frozen=True, slots=True)
class TestName:
    """The id of a test in parts.

    Attributes:
        path: Of its file, as the id has it; empty if the id names none.
        names: Classes and function; empty for a file that could not be collected.
        parameters: With their brackets; empty if there are none.
    """

    path: str
    names: tuple[str, ...]
    parameters: str = ""

    __test__ = False  # pytest takes the name for a class of tests

    @property
    def function(self) -> str:
        """Its last name; empty for a file."""
        return self.names[-1] if self.names else ""


def parsed_test(test_id: str) -> TestName:
    """The parts of an id in pytest's form; any other id is one name."""
    # All of that framework comes along.
    from sickbay.logs.frameworks.pytest.identity import named  # noqa: PLC0415 - see above

    plain, bracket, parameters = named(test_id).partition("[")
    path, separator, rest = plain.partition("::")
    if separator:
        return TestName(_path(path), tuple(rest.split("::")), bracket + parameters)
    if _FILE.fullmatch(plain) and ("/" in plain or plain.endswith(".py")):
        return TestName(_path(plain), ())
    return TestName("", (named(test_id),))


@dataclass(frozen=True, slots=True)
class Mention:
    """A test that a text names with its file.

    Attributes:
        follows: What stands behind it, parameters first.
    """

    path: str
    names: tuple[str, ...]
    follows: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text names: tests with their files, files, and other names."""

    text: str = ""
    tests: dict[str, tuple[Mention, ...]] = field(default_factory=dict)
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    @property
    def functions(self) -> int:
        """How many tests it names with their files, parameters apart."""
        return sum(len({one.names for one in ones}) for ones in self.tests.values())

    def may_name(self, test: TestName) -> bool:
        """Whether it is worth a closer look."""
        if not (test.path and test.names):
            return True
        return test.function in self.names or test.function in self.tests

    def exactly(self, test: TestName) -> bool:
        """Whether it names the test, parameters included."""
        if not test.path and test.names:
            return _is_whole(test.function, self.text) and not is_common(test.function)
        return any(_starts(one, test.parameters) for one in self._same(test))

    def in_file(self, test: TestName) -> bool:
        """Whether it names the test's function, and its file."""
        if self._same(test):
            return True
        return self.bare(test) and self.file(test.path)

    def bare(self, test: TestName) -> bool:
        """Whether it names the test's function, and not as one of another file."""
        return test.function in self.names and test.function not in self.tests

    def file(self, path: str) -> bool:
        """Whether it names this file."""
        there = self.files.get(path.rpartition("/")[2], ())
        return any(_is_end(one, path) for one in there)

    def _same(self, test: TestName) -> list[Mention]:
        return [
            one
            for one in self.tests.get(test.function, ())
            if test.path and _is_end(one.path, path=test.path)
            if _ends_alike(one.names, test.names)
        ]


@lru_cache(maxsize=2048)
def mentions(text: str) -> Mentions:
    """What a text names, apart from tests that it says did not fail."""
    text = _PASSED.sub("", _COMMENT.sub("", text))
    tests: dict[str, list[Mention]] = {}
    for found in _ID.finditer(text):
        names = tuple(found[2].replace("::", ".").split("."))
        follows = text[found.end() : found.end() + _PARAMETERS]
        one = Mention(_path(found[1]), names, follows)
        tests.setdefault(names[-1], []).append(one)
    files: dict[str, list[str]] = {}
    for found in _FILE.finditer(text):
        path = _path(found[0])
        files.setdefault(path.rpartition("/")[2], []).append(path)
    return Mentions(
        text=text,
        tests={name: tuple(ones) for name, ones in tests.items()},
        files={name: tuple(ones) for name, ones in files.items()},
        names=frozenset(found[0] for found in _NAME.finditer(text)),
    )


@lru_cache(maxsize=65536)
def is_common(function: str) -> bool:
    """Whether tests of many files may have this name: it has hardly a word."""
    words = {found[0].lower() for found in _WORD.finditer(function)}
    telling = {word for word in words if len(word) >= _TELLING_LETTERS}
    return len(telling - {"test", "tests"}) < _TELLING_WORDS


def _path(text: str) -> str:
    return text.replace("\\", "/").removeprefix("./").strip("/")


def _is_end(one: str, path: str) -> bool:
    """Whether one path is the end of the other: a part of the beginning is missing."""
    return _ends_alike(tuple(one.split("/")), tuple(path.split("/")))


def _ends_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    size = min(len(one), len(other))
    return one[-size:] == other[-size:]


def _starts(one: Mention, parameters: str) -> bool:
    if parameters:
        return one.follows.startswith(parameters)
    return not one.follows.startswith("[")


def _is_whole(name: str, text: str) -> bool:
    """Whether the text holds a name that does not go on at either end."""
    start = text.find(name)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(name) :][:1]
        if not any(c.isalnum() or c == "_" for c in (before, after)):
            return True
        start = text.find(name, start + 1)
    return False
