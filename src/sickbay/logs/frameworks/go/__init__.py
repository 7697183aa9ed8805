"""Reads ``go test``: plain, ``-v``, ``-json``, and gotestsum's summary.

Ids are ``package.TestName/subtest``: ``go test package -run '^TestName$/^subtest$'``
runs it again. A parent is in the list beside its subtests, as Go counts it. A package
that failed without any test of it failing (it does not build, ``TestMain`` gave up)
stands under its own name. All packages of one ``go test`` are one session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.go.events import event_sessions
from sickbay.logs.frameworks.go.summary import summary_sessions
from sickbay.logs.frameworks.go.text import text_sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log

NAME = "go"

ANCHORS = (
    Anchor("go.package", r"^(?:ok  |FAIL|\?   )\t\S+(?:\t| \[\w+ failed\])", 5, 1),
    Anchor("go.over", r"^FAIL$", 2, 1),
    Anchor("go.failed", r"--- FAIL: \S+ \([\d.]+s\)$", 20, 40),
    Anchor("go.passed", r"^[ \t]*--- PASS: \S+ \([\d.]+s\)$"),
    Anchor("go.skipped", r"^[ \t]*--- SKIP: \S+ \([\d.]+s\)$"),
    Anchor("go.step", r"^=== (?:RUN|PAUSE|CONT|NAME) +(?:Test|Example|Fuzz|Benchmark)"),
    Anchor("go.panic", r"^(?:panic|fatal error): \S", 5, 60),
    Anchor("go.build", r"^# \S+(?: \[\S+\])?$", 0, 10),
    Anchor("go.event", r'^\{.*"Action":"(?:fail|build-fail)"', 50, 0),
    Anchor("go.good", r'^\{.*"Action":"(?:pass|skip)".*"Test":'),
    Anchor("go.entry", r"^=== FAIL: \S+ ", 1, 40),
    Anchor("go.done", r"^DONE (?:\d+ runs?, )?\d+ tests?\b", 3, 0),
)


def sessions(log: Log) -> Sequence[Session]:
    """Every ``go test`` of the log; gotestsum's summary stands for what is above it."""
    summed = summary_sessions(log)
    covered = max((session.line_end for session in summed), default=0)
    others = [*text_sessions(log), *event_sessions(log)]
    apart = [session for session in others if session.line_start > covered]
    return [*summed, *apart]
