"""The lines of pytest's output that the reader is woken for."""

from __future__ import annotations

from sickbay.logs.anchors import Anchor

NAME = "pytest"

_BEGIN = r"(?:^|[|\])>:] ?)"
_TITLES = (
    r"test session starts|ERRORS|FAILURES|PASSES|XFAILURES|XPASSES"
    r"|(?:pytest-)?warnings? summary(?: \(.*\))?|short test summary info"
    r"|rerun test summary info|slowest .*durations|tests coverage"
)
_WORDS = r"(?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|xfail|RERUN|SUB[A-Z]+)"

ANCHORS = (
    Anchor("pytest.bar", rf"=+ (?:{_TITLES}) =+[ \t]*$", after=8),
    Anchor(
        "pytest.final",
        r"(?:\d+ [a-z][a-z -]*|no tests ran) in \d[\d.]* ?s(?:econds)?\b",
        before=4,
    ),
    Anchor("pytest.header", _BEGIN + r"_+ \S.* _+[ \t]*$", before=2, after=24),
    Anchor("pytest.captured", r"-+ ?(?:Captured|live) (?:std|log|out|err)"),
    Anchor(
        "pytest.harmless",
        r"^[!-9;-~]{1,1000}::[!-~]{1,1000} (?:PASSED|SKIPPED|XFAIL)"
        r"(?: \[\d[\d.]*s\])?(?: \([^\n{]+\))?"
        r"(?: \[ *\d+(?:%|/\d+)\])?$",
        word=" PASSED",
    ),
    Anchor("pytest.test", r"\.[A-Za-z0-9]{1,10}::\S", apart=True),
    Anchor(
        "pytest.status",
        _WORDS
        + r"(?:\[.*\])?(?: \[[\d.]+m?s\])?(?: \(.*\))?(?:\s+\[[\d./ ]+[%s]?\])*[ \t]*$",
        apart=True,
    ),
    Anchor("pytest.summary", _BEGIN + r"(?:FAILED|ERROR|FAIL) \S"),
    Anchor(
        "pytest.letters",
        r"\.(?:py|txt|rst|md|ya?ml) [.FEsxXRpPuUy,-]+(?:$| )"
        r"|(?:[.FEsxXRpPuUy,-]|\}\)|ms\])[ \t]*\[ *\d+%\][ \t]*$"
        r"|^[.FEsxXRpPuUy,-]+ +\[ *\d+/\d+\]",
    ),
    Anchor(
        "pytest.death",
        r"Fatal Python error: |\+{5,} Timeout \+{5,}|!{5,} .+ !{5,}|INTERNALERROR> \S"
        r"|while loading conftest|usage: .*\[file_or_dir\]"
        r"|ERROR: (?:file or directory |module or package )?not found: ",
        after=60,
    ),
    Anchor("pytest.detail", _BEGIN + r"(?:E|>) {3}|\.py:\d+: \w*$", before=2, after=2),
)
"""``pytest.detail`` only keeps lines: failures in logs too big to keep whole."""

DETAIL = "pytest.detail"
HARMLESS = "pytest.harmless"
