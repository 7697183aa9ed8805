"""JavaScript and Java: names found against the truth, and against the logs' own counts.

Run: ``python bench/tests_extraction_js.py``; the data is looked for in
``SICKBAY_DATA`` or ``../shared/data``. The first table compares names with what an
analyser found in the logs of many projects; the second asks of every log, labelled or
not, whether as many failures are named as the framework itself counted.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.logs.catalogue import Catalogue
from sickbay.logs.frameworks import gradle, jest, mocha, nodetest, surefire, tap, vitest
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from sickbay.logs.frameworks.results import Session

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
READERS: tuple[ModuleType, ...] = (
    jest,
    mocha,
    vitest,
    nodetest,
    tap,
    surefire,
    gradle,
)
SUITE = "Test suite failed to run"


def main() -> int:
    """Print both tables."""
    if not DATA.is_dir():
        print(f"tests_extraction_js: skipped, there is no {DATA}")
        return 0
    wanted = Catalogue((), 0)
    names_against_truth(wanted)
    names_against_counts(wanted)
    return 0


def names_against_truth(wanted: Catalogue) -> None:
    """Recall, precision and messages per framework, on labelled logs."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[str] = []
    for path, frameworks, truth in labelled():
        sessions = everything(path, wanted)
        found = {names(one.test_id) for s in sessions for one in s.failed if bad(one)}
        # The truth calls every file that did not run by the same words.
        files = {one for one in found if SUITE in truth and "/" in one and "." in one}
        right = (found - files) & truth
        total = totals[frameworks]
        total["logs"] += 1
        total["truth"] += len(truth - {SUITE})
        total["found"] += len(found - files)
        total["right"] += len(right)
        total["messages"] += sum(bool(r.message) for s in sessions for r in s.failed)
        total["results"] += sum(len(s.failed) for s in sessions)
        odd = sorted(truth - {SUITE} - right), sorted(found - files - right)
        wrong += [f"{path}: missed {odd[0]}, wrong {odd[1]}"] if any(odd) else []
    print(
        f"{'truth':16}{'logs':>5}{'truth':>7}{'found':>7}{'recall':>8}{'precis.':>8}{'message':>9}"
    )
    for name, total in sorted(totals.items()):
        print(
            f"{name:16}{total['logs']:>5}{total['truth']:>7}{total['found']:>7}"
            f"{share(total['right'], total['truth']):>8}"
            f"{share(total['right'], total['found']):>8}"
            f"{share(total['messages'], total['results']):>9}"
        )
    print(*wrong, sep="\n")


def labelled() -> Iterator[tuple[Path, str, set[str]]]:
    """Labelled logs: path, frameworks, names that failed."""
    labels = DATA / "bugswarm/labels.json"
    for entry in json.loads(labels.read_text()) if labels.exists() else ():
        truth = entry["labels"].get("failed_tests")
        if truth is not None and "python" not in entry["path"]:
            frameworks = entry["labels"].get("frameworks", "maven")
            path = DATA / "bugswarm" / entry["path"]
            yield path, frameworks, {names(one) for one in truth}


def names_against_counts(wanted: Catalogue) -> None:
    """Whether each session names as many failures as it counts."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    odd: list[str] = []
    for path in sorted(DATA.glob("*/**/*.log")):
        for session in everything(path, wanted):
            total = totals[session.framework]
            total["sessions"] += 1
            named = sum(bad(result) for result in session.failed)
            total["named"] += named
            if session.expected_failed is None:
                continue
            total["counted"] += 1
            total["agree"] += named == session.expected_failed
            if named != session.expected_failed:
                odd.append(f"{path}: {named} named, {session.expected_failed} counted")
    print(f"\n{'own counts':16}{'sessions':>9}{'counted':>8}{'agree':>7}{'named':>7}")
    for name, total in sorted(totals.items()):
        print(
            f"{name:16}{total['sessions']:>9}{total['counted']:>8}"
            f"{total['agree']:>7}{total['named']:>7}"
        )
    print(*odd, sep="\n")


def everything(path: Path, wanted: Catalogue) -> Sequence[Session]:
    """What all these readers find in one log."""
    log = read_log(path.read_bytes(), path.name, wanted)
    return [session for reader in READERS for session in reader.sessions(log)]


def bad(result: object) -> bool:
    """Whether a result is a failure in the end."""
    return getattr(result, "outcome", "") not in {"rerun", "passed"}


def names(name: str) -> str:
    """A name without the reporter's punctuation."""
    return name.strip().removesuffix(":")


def share(part: int, whole: int) -> str:
    """A share of something, or a dash."""
    return f"{part / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    sys.exit(main())
