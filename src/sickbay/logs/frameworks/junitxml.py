"""The elements of a JUnit XML report, as they stand there."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING
from xml.parsers import expat

from sickbay.core.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.report import Outcome

BAD = ("failed", "error")
"""Outcomes of a case that failed for good."""

_MAX_TEXT = 64 << 10
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_OUTCOMES: dict[str, Outcome] = {
    "failure": "failed",
    "error": "error",
    "skipped": "skipped",
    "flakyFailure": "rerun",
    "flakyError": "rerun",
    "rerunFailure": "rerun",
    "rerunError": "rerun",
}


@dataclass(slots=True)
class Detail:
    """One child of a test case: what went wrong once."""

    outcome: Outcome
    type: str
    message: str
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Case:
    """One ``testcase`` element."""

    attributes: dict[str, str]
    line: int
    details: list[Detail] = field(default_factory=list)

    @property
    def seconds(self) -> float | None:
        """As it says; some write commas between thousands, others for the point."""
        said = self.attributes.get("time", "")
        said = said.replace(",", "" if "." in said else ".")
        try:
            found = float(said)
        except ValueError:
            return None
        return found if isfinite(found) and found >= 0 else None

    @property
    def outcome(self) -> Outcome:
        """Of the attempt that counts, in itself and in its teardown."""
        found = [one.outcome for one in self.details if one.outcome != "rerun"]
        bad = [outcome for outcome in found if outcome in BAD]
        return bad[0] if bad else found[0] if found else "passed"


@dataclass(slots=True)
class Suite:
    """One ``testsuite`` element, without the suites in it."""

    attributes: dict[str, str]
    first: int
    last: int = 0
    cases: list[Case] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As the file has it."""
        return self.attributes.get("name", "")


def suites(data: bytes) -> Sequence[Suite]:
    """The suites of a report that have tests.

    Raises:
        Malformed: It is no JUnit report, is cut off, or declares a document type.
    """
    if not data[:4].startswith(_WIDE):
        data = data.translate(None, _CONTROLS)
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003 - expat takes no keywords
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Malformed(f"not a JUnit XML report: {error}") from error
    return [suite for suite in reader.suites if suite.cases]


class _Reader:
    """Collects suites and cases from the parser's events."""

    def __init__(self) -> None:
        self.suites: list[Suite] = []
        self._open: list[Suite] = []
        self._case: Case | None = None
        self._detail: Detail | None = None
        self._left = 0
        self._rooted = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise Malformed("not a JUnit XML report: it declares a document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if not self._rooted and tag not in ("testsuites", "testsuite"):
            raise Malformed(f"not a JUnit XML report: its root is <{tag[:40]}>")
        self._rooted = True
        line = self.parser.CurrentLineNumber
        if tag == "testsuite":
            suite = Suite(attributes, line)
            self.suites.append(suite)
            self._open.append(suite)
        elif tag == "testcase" and self._open:
            self._case = Case(attributes, line)
            self._open[-1].cases.append(self._case)
        elif self._case is not None and tag in _OUTCOMES:
            kind, message = attributes.get("type", ""), attributes.get("message", "")
            self._detail = Detail(_OUTCOMES[tag], kind, message)
            self._left = _MAX_TEXT
            self._case.details.append(self._detail)

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "testsuite":
            self._open.pop().last = self.parser.CurrentLineNumber
        elif tag == "testcase":
            self._case = None
        elif tag in _OUTCOMES:
            self._detail = None

    def _text(self, text: str) -> None:
        if self._detail is not None and self._left > 0:
            self._detail.text.append(text[: self._left])
            self._left -= len(text)
