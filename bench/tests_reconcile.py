"""Extracted failures against the final counts that the frameworks print themselves.

Reads every log under ``SICKBAY_DATA`` (or ``../shared/data``) of the corpora named
below, and prints, per framework, how many logs and sessions were found, how many
failures the frameworks counted, how many were extracted from those same sessions, and
in how many logs the two differ; then each of those sessions. ``uncounted`` are results
of sessions that print no count (``go test``, and whatever was killed).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.logs.catalogue import catalogue
from sickbay.logs.frameworks import all_sessions
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.logs.frameworks.results import Session

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
CORPORA = ("logchunks", "cidiff", "bugswarm", "vllm-buildkite")


@dataclass
class Tally:
    """What was found of one framework."""

    logs: set[Path] = field(default_factory=set)
    sessions: int = 0
    expected: int = 0
    extracted: int = 0
    uncounted: int = 0
    problems: int = 0
    differing: list[tuple[Path, Session, int]] = field(default_factory=list)

    def add(self, path: Path, session: Session) -> None:
        """Count one session."""
        self.logs.add(path)
        self.sessions += 1
        self.problems += session.problem is not None
        found = sum(result.outcome != "rerun" for result in session.failed)
        if session.expected_failed is None:
            self.uncounted += found
            return
        self.expected += session.expected_failed
        self.extracted += found
        if found != session.expected_failed:
            self.differing.append((path, session, found))


def main() -> None:
    """Print the table, then what differs."""
    if not DATA.is_dir():
        sys.exit(f"no data to read: {DATA} is not there (set SICKBAY_DATA)")
    wanted = catalogue()
    tallies: dict[str, Tally] = {}
    for path in _logs():
        log = read_log(path.read_bytes(), str(path), wanted)
        for session in all_sessions(log):
            tallies.setdefault(session.framework, Tally()).add(path, session)
    head = f"{'framework':<12}{'logs':>6}{'sessions':>10}{'expected':>10}"
    print(f"{head}{'extracted':>11}{'uncounted':>11}{'problems':>10}{'differ':>8}")
    for name, tally in sorted(tallies.items()):
        differ = len({path for path, _, _ in tally.differing})
        print(
            f"{name:<12}{len(tally.logs):>6}{tally.sessions:>10}{tally.expected:>10}"
            f"{tally.extracted:>11}{tally.uncounted:>11}{tally.problems:>10}{differ:>8}"
        )
    for name, tally in sorted(tallies.items()):
        for path, session, found in tally.differing:
            where = f"{path.relative_to(DATA)}:{session.line_start}-{session.line_end}"
            print(f"{name}: expected {session.expected_failed}, found {found}: {where}")


def _logs() -> Iterator[Path]:
    for corpus in CORPORA:
        yield from sorted((DATA / corpus).rglob("*.log"))


if __name__ == "__main__":
    main()
