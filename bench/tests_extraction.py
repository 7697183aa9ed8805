"""How many failed tests are named, and how many names are right, on real logs.

Run: ``python bench/tests_extraction.py [FOLDER ...]``; the data is looked for in
``SICKBAY_DATA`` or ``../shared/data``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.logs.catalogue import Catalogue
from sickbay.logs.frameworks import all_sessions
from sickbay.logs.frameworks.junit import parse_junit
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sickbay.logs.frameworks.results import Session, TestResult

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
PREDECESSOR = {
    "pytest-hard-cases": (0.67, 0.79, 0.0),
    "pytest-real-runs": (0.75, 0.91, 0.0),
}
"""Recall, precision and messages of the tool this one replaces, as published."""

ONLY_TESTS = Catalogue((), 0)
"""Looks for the frameworks' lines alone; compiled once."""

BAD = ("failed", "error", "crashed", "timed_out")


@dataclass
class Score:
    """What was found in one log, or in many."""

    name: str
    truth: int = 0
    hits: int = 0
    found: int = 0
    messages: int = 0
    counted: int = 0
    countable: int = 0
    mute: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the true names that were found."""
        return self.hits / self.truth if self.truth else 1.0

    @property
    def precision(self) -> float:
        """Share of the names found that are true."""
        return self.hits / self.found if self.found else 1.0

    @property
    def filled(self) -> float:
        """Share of the names found that came with a message, if the log has one."""
        telling = self.found - self.mute
        return self.messages / telling if telling else 1.0

    def add(self, other: Score) -> None:
        """Count another log's figures in."""
        for name in (
            "truth",
            "hits",
            "found",
            "messages",
            "counted",
            "countable",
            "mute",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def compare(
    name: str, truth: Sequence[str], sessions: Sequence[Session], *, twice: int = 0
) -> Score:
    """Match names of failed tests with the truth, each once, both normalised.

    Args:
        name: Of the log.
        truth: Names, in any of the spellings that ``canonical`` knows.
        sessions: What was read from the log.
        twice: How many tests the framework counts twice: failed, then again in their
            teardown.
    """
    results = list(failed(sessions).values())
    left = Counter(canonical(one) for one in truth)
    score = Score(name, truth=left.total(), found=len(results))
    for result in results:
        names = [canonical(result.test_id), *aliases(result)]
        hit = next((one for one in names if left[one] > 0), None)
        score.messages += bool(result.message)
        if hit is None:
            score.wrong.append(result.test_id)
        else:
            left[hit] -= 1
            score.hits += 1
    score.missed += left.elements()
    expected = [session.expected_failed for session in sessions]
    if sessions and None not in expected:
        score.countable = 1
        score.counted = sum(filter(None, expected)) == named(sessions) + twice
    return score


def named(sessions: Sequence[Session]) -> int:
    """How many failures are named, a test of several sessions once in each."""
    return sum(
        result.outcome in BAD for session in sessions for result in session.failed
    )


def failed(sessions: Sequence[Session]) -> dict[tuple[str, str], TestResult]:
    """The tests that failed and did not pass in a later session."""
    results: dict[tuple[str, str], TestResult] = {}
    for session in sessions:
        for test_id in session.passed:
            results.pop((session.framework, test_id), None)
        for result in session.failed:
            if result.outcome in BAD:
                results[session.framework, result.test_id] = result
    return results


def canonical(name: str) -> str:
    """One spelling for the ways in which tools write the name of one test.

    ``a.b.test_c::C::t``, ``a/b/test_c.py::C::t`` and ``t (a.b.test_c.C)`` name one
    test, and so do ``a/b/test_c.py`` and ``(a.b.test_c)``, a file that failed as a
    whole. A colon at the end of a name is a reporter's punctuation.
    """
    name = name.strip().removesuffix(":")
    loader = re.fullmatch(r"(\S+) \(unittest\.loader\._FailedTest.*\)", name)
    if loader:
        return loader[1]
    whole = re.fullmatch(r"\(([\w.-]+)\)", name)
    if whole:
        return whole[1]
    method = re.fullmatch(r"(\w+.*?) \(([\w.]+)\)", name)
    if method:
        return f"{method[2]}.{method[1]}"
    path, colons, test = name.partition("::")
    plain, bracket, parameters = test.partition("[")
    if path.endswith(".py") or colons:
        path = path.removesuffix(".py").replace("/", ".")
    elif "/" in path and " " not in path:
        path = path.replace("/", ".")
    dotted = f"{path}.{plain.replace('::', '.')}" if colons else path
    return dotted + bracket + parameters


def aliases(result: TestResult) -> Iterator[str]:
    """Other names that mean this test.

    A doctest's name repeats its module; a header without a file is all some logs have;
    and what cannot be imported is listed under the exception.
    """
    path, _, test = result.test_id.partition("::")
    module = path.removesuffix(".py").replace("/", ".")
    if test.startswith(module + "."):
        yield test
    if result.framework == "unittest" and "/" in result.test_id and result.exception:
        yield result.exception


def pytest_folder(folder: Path) -> Iterator[Score]:
    """Logs with a report beside them."""
    for path in sorted(folder.glob("*.log")):
        truth = pytest_truth(path)
        if truth is not None:
            raw = path.read_bytes()
            sessions = all_sessions(read_log(raw, path.name, ONLY_TESTS))
            tests = report_of(path)
            score = compare(path.name, truth, sessions, twice=sum(map(twice, tests)))
            bare = {one.test_id for one in failed(sessions).values() if not one.message}
            score.mute = sum(t["nodeid"] in bare and is_mute(t, raw) for t in tests)
            yield score


def report_of(path: Path) -> Sequence[dict[str, Any]]:
    """What the report beside a log says about each test."""
    if path.name == "buildkite_multisession.log":
        path = path.with_name("hard_v_s.log")
    report = path.with_suffix(".report.json")
    tests: list[dict[str, Any]] = []
    if report.exists():
        tests = json.loads(report.read_text())["tests"]
    return tests


def stages(test: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The parts of one test that failed."""
    found = (test.get(stage, {}) for stage in ("setup", "call", "teardown"))
    return [stage for stage in found if stage.get("outcome") == "failed"]


def twice(test: dict[str, Any]) -> bool:
    """Whether both the test and its teardown failed."""
    return len(stages(test)) > 1


def is_mute(test: dict[str, Any], raw: bytes) -> bool:
    """Whether the log says nothing of why this test failed."""
    crashes = (stage.get("crash", {}) for stage in stages(test))
    lines = [crash.get("message", "").partition("\n")[0] for crash in crashes]
    says = [line.removeprefix("AssertionError: ")[:20].encode() for line in lines]
    return not any(words and words in raw for words in says)


def pytest_truth(path: Path) -> Sequence[str] | None:
    """Failed ids by the reports; of runs that died, by what their tests do."""
    known = {
        "kill9.log": ["test_kill9.py::test_kill"],
        "hang_killed.log": ["test_hang.py::test_before", "test_hang.py::test_hang"],
    }
    report = path.with_suffix(".report.json")
    junit = path.with_suffix(".junit.xml")
    if path.name == "buildkite_multisession.log":
        rest = ["test_collect_import.py", "test_collect_syntax.py"]
        last = "test_flaky_counter.py::test_always_fails"
        return [*(pytest_truth(path.with_name("hard_v_s.log")) or ()), *rest, last]
    if not junit.exists():
        return known.get(path.name)
    names = {
        result.test_id
        for session in parse_junit(junit.read_bytes())
        for result in session.failed
        if result.outcome in BAD and (not report.exists() or "::" not in result.test_id)
    }
    if report.exists():
        tests = json.loads(report.read_text())["tests"]
        names |= {
            one["nodeid"] for one in tests if one["outcome"] in ("failed", "error")
        }
    return sorted(names)


def bugswarm(folder: Path) -> Iterator[Score]:
    """Logs of many projects; the names are an analyser's, which has its own limits."""
    for entry in json.loads((folder / "labels.json").read_text()):
        labels = entry["labels"]
        path = folder / entry["path"]
        if "failed_tests" not in labels or not path.exists():
            continue
        sessions = all_sessions(read_log(path.read_bytes(), path.name, ONLY_TESTS))
        yield compare(entry["path"], labels["failed_tests"] or [], sessions)


def vllm(folder: Path) -> Iterator[Score]:
    """Three logs of which the number of failures is known."""
    for name, count in (
        ("log_engine_cuda_init_fail.txt", 50),
        ("log_nixl_import_error.txt", 1),
        ("raw_log_64854_elastic_ep_scaling.txt", 2),
    ):
        sessions = all_sessions(
            read_log((folder / name).read_bytes(), name, ONLY_TESTS)
        )
        results = failed(sessions).values()
        score = compare(name, [result.test_id for result in results], sessions)
        score.truth, score.hits = count, min(score.found, count)
        yield score


FOLDERS = {
    "pytest-hard-cases": pytest_folder,
    "pytest-real-runs": pytest_folder,
    "pytest-release-history": pytest_folder,
    "bugswarm": bugswarm,
    "vllm-buildkite": vllm,
}


def main() -> int:
    """Print the table, then the logs with the most to complain about."""
    print(
        f"{'':26}{'logs':>5}{'truth':>7}{'found':>7}{'recall':>8}{'precis.':>8}", end=""
    )
    print(f"{'message':>9}{'counts':>9}   predecessor")
    for name in sys.argv[1:] or FOLDERS:
        folder = DATA / name
        if not folder.is_dir():
            print(f"{name:26} skipped: no {folder}")
            continue
        scores = list(FOLDERS[name](folder))
        report(name, scores)
    return 0


def report(name: str, scores: Sequence[Score]) -> None:
    """One line for a folder, and its worst logs below."""
    groups: dict[str, list[Score]] = {name: list(scores)}
    for score in scores if name == "bugswarm" else ():
        kind = "/".join(score.name.split("/")[1:-1])
        groups.setdefault(f"  {kind}", []).append(score)
    for label, group in groups.items():
        total = Score(label)
        for score in group:
            total.add(score)
        before = PREDECESSOR.get(label)
        past = "{:.2f} / {:.2f} / {:.0%}".format(*before) if before else "-"
        print(
            f"{label:26}{len(group):>5}{total.truth:>7}{total.found:>7}"
            f"{total.recall:>8.3f}{total.precision:>8.3f}{total.filled:>9.3f}"
            f"{total.counted:>5}/{total.countable:<3}   {past}"
        )
    worst = sorted(scores, key=lambda one: -len(one.missed) - len(one.wrong))
    for score in worst[:8]:
        if score.missed or score.wrong:
            print(
                f"    {score.name}: missed {score.missed[:4]}, wrong {score.wrong[:4]}"
            )


if __name__ == "__main__":
    sys.exit(main())
