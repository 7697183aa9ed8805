"""Signs: what a failed job says of its failure, alike for the same failure anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern
from sickbay.logs.signature import is_generic, masked_line

if TYPE_CHECKING:
    from sickbay.ci.models import Job

_TEST = Pattern(
    r"[\w./\\-]{1,200}\.\w{1,8}(?:::[\w.<>-]{1,200}){1,4}(?:\[[^\]\s]{1,200}\])?"
)
_UNITTEST = Pattern(r"\b(test\w{0,200}) \((?:[\w.]{1,200}\.)?(\w{1,200})\)")
_METHOD = Pattern(r"test\w{0,200}")
_CLASS = Pattern(r"\w{0,100}Test\w{0,100}")
_MESSAGE = Pattern(r" - (?=\S)")
_EMPTY = Pattern(
    r"(?i)\bexit(?:ed)?(?: with)?(?: non-?zero)?(?: exit)? (?:code|status)\b"
    r"|\bnon-?zero (?:exit )?(?:code|status)\b|\bKeyboardInterrupt\b"
    r"|\boperation was cancell?ed\b|\bsome (?:checks|tests) failed\b"
    r"|^\W*(?:(?:\w+\.)*\w*(?:Error|Exception)|errors?|fail(?:ed|ure)?)?\W*$"
)


@dataclass(frozen=True, slots=True)
class Sign:
    """What one failure says.

    Attributes:
        text: What a reader is shown: the line, or what is special about it.
        special: The test that it names, else what was captured from it, masked; empty
            if that tells nothing.
        message: What the line says, masked and without the test's name; empty if it
            could be said of many failures.
        tests: Ids of the tests that it names.
    """

    text: str
    special: str = ""
    message: str = ""
    tests: tuple[str, ...] = ()

    @property
    def says(self) -> tuple[str, str]:
        """What is the same for the same failure in another job."""
        return self.special, self.message

    @property
    def telling(self) -> bool:
        """Whether the same failure can be recognised by it in another job."""
        return bool(self.special or self.message)


def sign(job: Job) -> Sign:
    """What a job says of its failure, if it failed."""
    return _sign(job.lines[0] if job.lines else "", job.captures)


@lru_cache(maxsize=8192)
def _sign(line: str, captures: tuple[str, ...]) -> Sign:
    line = line.removeprefix("##[error]").strip()
    tests = _tests(line, captures)
    said = [masked_line(item.removeprefix("##[error]")) for item in captures]
    special = "" if all(map(is_empty, said)) else " | ".join(said)
    message = _message(line, tests)
    if tests:
        special = tests[0]
    elif message in said:
        special = ""
    return Sign(line or " | ".join(captures), special, message, tests)


def tests_of(line: str) -> tuple[str, ...]:
    """The test that a line names, if it names one."""
    return _tests(line, ())


def is_empty(line: str) -> bool:
    """Whether a line only says that something failed."""
    return bool(_EMPTY.search(line))


def _message(line: str, tests: tuple[str, ...]) -> str:
    """What the line says; behind the name of a test it must tell enough alone."""
    said = _MESSAGE.search(line) if tests else None
    masked = masked_line(line[said.end() :] if said else line)
    if is_empty(masked) or (tests and (not said or is_generic(masked))):
        return ""
    return masked


def _tests(line: str, captures: tuple[str, ...]) -> tuple[str, ...]:
    for text in (*captures, line):
        if found := _TEST.search(text):
            return (found[0],)
    if found := _UNITTEST.search(line):
        return (f"{found[1]} ({found[2]})",)
    for method, name in pairwise(captures):
        if _METHOD.fullmatch(method) and _CLASS.fullmatch(name):
            return (f"{method} ({name})",)
    return ()
