"""What a run of the suite is worth: its checks against those expected to fail."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

RUN_FOLDER = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT[\d-]+Z")
REQUIRED = re.compile(r"^server:\n((?:  - [\w-]+\n)+)", re.MULTILINE)
BAD = ("FAILURE", "WARNING")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the suite looked at."""

    scenario: str
    check_id: str
    status: str
    message: str

    @property
    def names(self) -> tuple[str, str]:
        """What an entry of the expected ones may call it."""
        return self.scenario, f"{self.scenario}:{self.check_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a run went. It is good when there are no problems.

    Attributes:
        scenarios: How often each of passed, expected, failed and skipped.
        problems: Unexpected failures, and expected ones that did not happen.
        excused: Reason to the scenarios that failed for it.
    """

    scenarios: Counter[str]
    checks: Counter[str]
    problems: tuple[str, ...]
    excused: Mapping[str, Sequence[str]]


def expected(text: str, era: str) -> dict[str, str]:
    """Which scenarios or checks are expected to fail in an era, and why."""
    entries: list[dict[str, Any]] = tomllib.loads(text)["expected"]
    return {
        what: entry["reason"]
        for entry in entries
        if entry["era"] == era
        for what in entry["what"]
    }


def required(text: str) -> list[str]:
    """The scenarios that the suite's own list of an era requires of a server."""
    section = REQUIRED.search(text)
    return section[1].replace("  - ", "").split() if section else []


def checks(results: Path) -> list[Check]:
    """All checks that a run of the suite left in a folder."""
    found = []
    for path in sorted(results.glob("*/checks.json")):
        match = RUN_FOLDER.fullmatch(path.parent.name)
        scenario = match["scenario"] if match else path.parent.name
        found += [
            Check(
                scenario, check["id"], check["status"], check.get("errorMessage") or ""
            )
            for check in json.loads(path.read_text("utf-8"))
        ]
    return found


def judge(
    found: Sequence[Check], reasons: Mapping[str, str], scenarios: Sequence[str] = ()
) -> Judgement:
    """Set what was found against what was expected, and what had to be run."""
    ran = {check.scenario for check in found}
    bad = [check for check in found if check.status in BAD]
    unexpected = [check for check in bad if not _reason(check, reasons)]
    happened = {name for check in bad for name in check.names}
    stale = [what for what in reasons if what not in happened]
    excused: dict[str, list[str]] = {}
    for check in bad:
        reason = _reason(check, reasons)
        if reason and check.scenario not in excused.setdefault(reason, []):
            excused[reason].append(check.scenario)
    return Judgement(
        scenarios=Counter(_verdicts(found, {check.scenario for check in unexpected})),
        checks=Counter(check.status for check in found),
        problems=(
            *(f"{c.names[1]} ({c.status}): {c.message}" for c in unexpected),
            *(f"{what}: expected to fail, but does not" for what in stale),
            *(f"{name}: never run" for name in scenarios if name not in ran),
        ),
        excused=excused,
    )


def _reason(check: Check, reasons: Mapping[str, str]) -> str | None:
    return next((reasons[name] for name in check.names if name in reasons), None)


def _verdicts(found: Sequence[Check], failed: set[str]) -> Iterable[str]:
    """One word for each scenario."""
    statuses: dict[str, set[str]] = {}
    for check in found:
        statuses.setdefault(check.scenario, set()).add(check.status)
    for scenario, seen in statuses.items():
        if scenario in failed:
            yield "failed"
        elif seen & set(BAD):
            yield "expected"
        else:
            yield "passed" if "SUCCESS" in seen else "skipped"
