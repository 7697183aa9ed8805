"""Reads PyTorch's ``run_test.py``: what it says beyond the pytest runs it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "run_test"

ANCHORS = (
    Anchor("run_test.consistent", r"^FAILED CONSISTENTLY: \S"),
    Anchor("run_test.list", r"^The following tests failed consistently: \["),
    Anchor("run_test.file", r"^\S+ \d+/\d+ failed!"),
    Anchor("run_test.hung", r"^Command took >\d+min, returning 124"),
    Anchor(
        "run_test.running",
        r"^Running \S+ (?:\d+/\d+ )?\.\.\. \[|^PRINTING LOG FILE of \S",
    ),
)

_CONSISTENT = Pattern(r"FAILED CONSISTENTLY: (?P<id>\S(?:.*\S)?)\s*$")
_QUOTED = Pattern(r"(?P<quote>['\"])(?P<id>[^'\"]*?\.py::.*?)(?P=quote)(?=[,\]])")
_FILE = Pattern(
    r"(?P<file>\S+) (?P<shard>\d+/\d+) failed!"
    r"(?: Received signal: (?P<signal>SIG\w+))?"
)
_HUNG = Pattern(r"Command took >\d+min, returning 124(?: \((?P<file>\S+?)[ )])?")
_RUNNING = Pattern(r"(?:Running|PRINTING LOG FILE of) (?P<file>\S+) ")
_HARMLESS = Pattern(r"\S+::\S.* (?:PASSED|SKIPPED|XFAIL)\b")
_UNITTEST = Pattern(r"(?:FAIL|ERROR): (?P<name>\w+) \((?P<place>[\w.]+)\)")
_TELLING = ("pytest.summary", "pytest.header", "pytest.status", "pytest.death")


def sessions(log: Log) -> Sequence[Session]:
    """One session, holding what only ``run_test.py`` itself knows.

    Tests that failed in a run of pytest or unittest in this log are that run's; here
    are those that are only listed at the end, and the files that died or hung without
    naming one.
    """
    told = [name for name in log.marks.by_name if name.startswith(NAME + ".")]
    numbers = [
        n for name in told if name != "run_test.running" for n in log.marks.at(name)
    ]
    if not numbers:
        return []
    known = _Known(log)
    results: dict[str, TestResult] = {}
    for result in (*_listed(log, known), *_hung(log), *_files(log, known)):
        results.setdefault(result.test_id, result)
    failed = sorted(results.values(), key=lambda result: result.line)
    count = dict.fromkeys(("failed", "crashed", "timed_out"), 0)
    for result in failed:
        count[result.outcome] += 1
    return [Session(NAME, min(numbers), max(numbers), Counts(**count), None, failed)]


class _Known:
    """What the test runs of the log say themselves of tests that failed."""

    def __init__(self, log: Log) -> None:
        numbers = {n for name in _TELLING for n in log.marks.at(name)}
        numbers.difference_update(log.marks.at("run_test.consistent"))
        texts = [log.lines.text(number) or "" for number in sorted(numbers)]
        self._text = "\n".join(text for text in texts if not _HARMLESS.match(text))
        blocks = (log.lines.text(n) or "" for n in log.marks.at("unittest.block"))
        self._unittest = {_unittest_id(text) for text in blocks}
        self._methods = {_method(dotted) for dotted in self._unittest}

    def has(self, test_id: str) -> bool:
        """Whether a run names this test (they run inside the folder ``test``)."""
        within = test_id.removeprefix("test/")
        dotted = within.partition("[")[0].replace("::", ".")
        return within in self._text or _method(dotted) in self._methods

    def has_file(self, file: str) -> bool:
        """Whether a run names this file, or a test in it, as failed."""
        module = f"{file.rpartition('/')[2]}."
        named = any(test.startswith(module) for test in self._unittest)
        return named or f"{file}.py" in self._text


def _method(dotted: str) -> str:
    """Class and method: unittest may call the module ``__main__``."""
    return ".".join(dotted.split(".")[-2:])


def _unittest_id(text: str) -> str:
    """Module, class and test that a block of unittest is about, empty if none."""
    match = _UNITTEST.match(text)
    if match is None:
        return ""
    name, place = match["name"], match["place"]
    return place if place.endswith(f".{name}") else f"{place}.{name}"


def _listed(log: Log, known: _Known) -> Iterator[TestResult]:
    for name in ("run_test.consistent", "run_test.list"):
        for number in log.marks.at(name):
            text = log.lines.text(number) or ""
            single = _CONSISTENT.match(text)
            many = (
                [single["id"]] if single else [m["id"] for m in _QUOTED.finditer(text)]
            )
            for test_id in many:
                if not known.has(test_id):
                    says = "failed in every attempt"
                    yield _result(test_id, "failed", number, says)


def _hung(log: Log) -> Iterator[TestResult]:
    for number in log.marks.at("run_test.hung"):
        text = log.lines.text(number) or ""
        match = _HUNG.match(text)
        file = (match and match["file"]) or _running(log, number)
        if file:
            yield _result(file, "timed_out", number, text.strip())


def _files(log: Log, known: _Known) -> Iterator[TestResult]:
    listed = [*log.marks.at("run_test.consistent"), *log.marks.at("run_test.list")]
    lists = "\n".join(log.lines.text(number) or "" for number in listed)
    for number in log.marks.at("run_test.file"):
        text = log.lines.text(number) or ""
        match = _FILE.match(text)
        if match is None or f"{match['file']}.py::" in lists:
            continue
        if match["signal"] or not known.has_file(match["file"]):
            outcome: Outcome = "crashed" if match["signal"] else "failed"
            yield _result(match["file"], outcome, number, text.strip())


def _running(log: Log, number: int) -> str | None:
    """The file that was started last before this line."""
    before = log.marks.between("run_test.running", 1, number)
    match = _RUNNING.match(log.lines.text(before[-1]) or "") if before else None
    return match["file"] if match else None


def _result(test_id: str, outcome: Outcome, number: int, message: str) -> TestResult:
    return TestResult(
        test_id, NAME, outcome, number, message=message, span=(number, number)
    )
