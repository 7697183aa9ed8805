"""Reads the closing results of Maven Surefire: one line per failure, and reruns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.frameworks.results import TestResult
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.logs.report import Outcome

_LEVEL = Pattern(r"\[(?:ERROR|WARNING|INFO)\] ?")
_KIND = Pattern(r"(Failures|Errors|Flakes|Failed tests|Tests in error): *(.*)$")
_OLD = Pattern(r"([^\s():]+)\(([\w$.]+)\)(?:: ?(.*))?$")
_NEW = Pattern(r"([\w$]+)\.([\w$]+)(?:->[\w$.:>-]+|:\d+(?:->[\w$.:>-]+)?)?(?: (.*))?$")
_GROUP = Pattern(r"((?:[\w$]+\.)+[^\s(]+)(?:\(.*\))?$")
_RUN = Pattern(r"Run \d+: (.*)$")
_SHORT = Pattern(r"(?:» )?([A-Z]\w+)(?: (.*))?$")


class Summary:
    """The closing results of one run.

    Args:
        running: Full names of the classes that ran, by their simple names.
    """

    def __init__(self, running: Mapping[str, str]) -> None:
        self._running = running
        self._outcome: Outcome = "failed"
        self._group = ""
        self._flakes = False
        self.results: list[TestResult] = []
        self.attempts: dict[str, list[Outcome]] = {}

    def read(self, lines: Iterable[tuple[int, str]]) -> None:
        """Take the numbered lines between the heading and the total."""
        for number, text in lines:
            bare = _LEVEL.sub("", text)
            kind = _KIND.match(bare)
            if kind:
                self._outcome = "error" if "rror" in kind[1] else "failed"
                self._flakes = kind[1] == "Flakes"
                self._entry(number, kind[2].strip())
            elif bare.startswith("  "):
                self._entry(number, bare.strip())
            elif bare.strip():
                group = _GROUP.match(bare.strip())
                self._group = group[1] if group else ""

    def _entry(self, number: int, text: str) -> None:
        run = _RUN.match(text)
        if run:
            if self._group:
                outcome: Outcome = "passed" if run[1] == "PASS" else "failed"
                self.attempts.setdefault(self._group, []).append(outcome)
            return
        old, new = _OLD.match(text), _NEW.match(text)
        if self._flakes or not (old or new):
            return
        if old:
            name, said = f"{old[2]}.{old[1]}", old[3] or ""
        elif new:
            owner, _, inner = new[1].partition("$")
            owner = self._running.get(owner, owner) + ("$" + inner if inner else "")
            name, said = f"{owner}.{new[2]}", new[3] or ""
        self.results.append(self._result(number, name, said))

    def _result(self, number: int, name: str, said: str) -> TestResult:
        typed = "»" in said or self._outcome == "error"
        short = _SHORT.match(said) if typed else None
        exception, message = (short[1], short[2]) if short else (None, said)
        return TestResult(
            test_id=name,
            framework="surefire",
            outcome="timed_out" if exception == "TestTimedOut" else self._outcome,
            line=number,
            message=message or exception,
            exception=exception,
            span=(number, number),
        )
