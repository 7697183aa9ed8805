"""``go test`` as text: packages, the tests in them, panics, what does not build."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.go.panic import running
from sickbay.logs.frameworks.go.story import (
    NAME,
    Story,
    failure,
    panicked,
    story,
    with_parents,
)
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.frameworks.totals import distinct, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.logs.log import Log

_PACKAGE = Pattern(r"(ok  |FAIL|\?   )\t(\S+)(?: \[(\w+) failed\])?")
_FAILED = Pattern(r"(.*?)--- FAIL: (\S+) \([\d.]+s\)$")
_PASSED = Pattern(r"\s*--- PASS: (\S+) \(")
_STEP = Pattern(r"=== (RUN|PAUSE|CONT|NAME) +(\S+)")
_MARKER = Pattern(r"(?:\s*--- |=== |FAIL$|PASS$|ok  \t|FAIL\t|exit status |coverage: )")

_ERROR = "##[error]"
"""GitHub Actions puts this before what its matchers take for an error."""

_OUTPUT = 200
"""Lines of one test's output, at one place, that are read."""


def text_sessions(log: Log) -> Sequence[Session]:
    """Every ``go test`` whose output is text."""
    packages = list(_packages(log))
    runs: list[list[_Package]] = []
    names: set[str] = set()
    for package in packages:
        last = runs[-1][-1].number if runs else 0
        if not runs or package.name in names or _ended(log, last, package.number):
            runs.append([])
            names = set()
        runs[-1].append(package)
        names.add(package.name)
    headers = _build_errors(log)
    return [_session(log, run, headers) for run in runs]


def _ended(log: Log, last: int, number: int) -> bool:
    """Whether a ``go test`` came to its end between two packages."""
    overs = log.marks.between("go.over", last + 1, number - 1)
    return any(_follows_a_package(log, over) for over in overs)


def _follows_a_package(log: Log, number: int) -> bool:
    return bool(_PACKAGE.match(log.lines.text(number - 1) or ""))


def _packages(log: Log) -> Iterator[_Package]:
    first = 1
    steps = log.marks.at("go.step")
    for number in log.marks.at("go.package"):
        match = _PACKAGE.match(log.lines.text(number) or "")
        if match:
            yield _Package(log, first, number, match[2], match[1], match[3])
            first = number + 1
    if steps and steps[-1] >= first:  # it was killed before it said how it went
        yield _Package(log, first, log.lines.total + 1, "", "", None)


def _session(
    log: Log, packages: Sequence[_Package], headers: Mapping[str, int]
) -> Session:
    first = max(packages[0].begin, packages[0].first)
    last = min(packages[-1].number, log.lines.total)
    unbuilt = {
        package.name: headers[package.name]
        for package in packages
        if package.name in headers and headers[package.name] >= first - 500
    }
    failed = [
        result
        for package in packages
        if package.status in ("FAIL", "")
        for result in package.failed(unbuilt)
    ]
    bad = [result.outcome for result in failed]
    passed = len(log.marks.between("go.passed", first, last))
    return Session(
        framework=NAME,
        line_start=first,
        line_end=last,
        counts=Counts(
            passed=passed,
            failed=bad.count("failed"),
            error=bad.count("error"),
            crashed=bad.count("crashed"),
            timed_out=bad.count("timed_out"),
            skipped=len(log.marks.between("go.skipped", first, last)),
        ),
        failed=failed,
        passed=frozenset(r.test_id for r in failed if "passed" in r.attempts),
    )


def _build_errors(log: Log) -> dict[str, int]:
    """The last line of each ``# package [package.test]`` header, under both names."""
    headers: dict[str, int] = {}
    for number in log.marks.at("go.build"):
        for name in (log.lines.text(number) or "").removeprefix("# ").split():
            headers[name.strip("[]").removesuffix(".test")] = number
    return headers


@dataclass(frozen=True, slots=True)
class _Package:
    """One package's output: the lines before its closing one, back to the last one."""

    log: Log
    first: int
    number: int
    name: str
    status: str
    reason: str | None

    @property
    def begin(self) -> int:
        """Its first line of its own, not of whatever the job did before."""
        marks = [
            next(iter(self._at(what)), self.number)
            for what in ("step", "failed", "passed", "panic")
        ]
        return min(marks)

    def failed(self, build_errors: dict[str, int]) -> Sequence[TestResult]:
        """Its failed tests; itself when none of them failed."""
        if self.reason:
            return [self._unbuilt(build_errors)]
        fails = list(self._fails())
        names = {name for _, name in fails}
        stories = self._stories(names)
        results = [self._result(number, name, stories) for number, name in fails]
        results = self._with_panic(results)
        if not results and self.status:
            results = [self._silent()]
        return distinct(with_parents(self._with_passes(results)))

    def _at(self, what: str) -> Sequence[int]:
        return self.log.marks.between(f"go.{what}", self.first, self.number)

    def _id(self, name: str) -> str:
        return f"{self.name}.{name}" if self.name else name

    def _fails(self) -> Iterator[tuple[int, str]]:
        """Its ``--- FAIL`` lines; what only looks like one has no such parent."""
        parents: list[str] = []
        for number in self._at("failed"):
            match = _FAILED.match(self.log.lines.text(number) or "")
            if not match:
                continue
            before, name = match[1], match[2]
            depth = len(before) // 4 if not before.strip() else 0
            if before.strip() and before[-1:].isspace():
                continue
            del parents[depth:]
            if len(parents) == depth and (
                not depth or name.startswith(parents[-1] + "/")
            ):
                parents.append(name)
                yield number, name

    def _result(
        self, number: int, name: str, stories: Mapping[str, Story | None]
    ) -> TestResult:
        told = story(self._below(number)) or stories.get(name)
        return failure(self._id(name), number, told)

    def _below(self, number: int) -> list[tuple[int, str]]:
        """Output under a ``--- FAIL`` line: indented deeper, or an example's."""
        text = self.log.lines.text(number) or ""
        depth = len(text) - len(text.lstrip())
        example = "--- FAIL: Example" in text
        output: list[tuple[int, str]] = []
        for at, line in self.log.lines.between(
            number + 1, min(number + _OUTPUT, self.number - 1)
        ):
            if _MARKER.match(line) or not (
                example or line.startswith(" " * (depth + 4))
            ):
                break
            output.append((at, line))
        return output

    def _stories(self, names: set[str]) -> dict[str, Story | None]:
        """With ``-v``: the output of the named tests, above their ``--- FAIL`` line."""
        outputs: dict[str, list[tuple[int, str]]] = {}
        steps = self._at("step") if names else ()
        ends = [*steps[1:], self.number]
        for number, end in zip(steps, ends, strict=False):
            match = _STEP.match(self.log.lines.text(number) or "")
            if not match or match[2] not in names or match[1] == "PAUSE":
                continue
            output = outputs.setdefault(match[2], [])
            for at, line in self.log.lines.between(
                number + 1, min(end - 1, number + _OUTPUT)
            ):
                if _MARKER.match(line) and not line.startswith("     "):
                    break
                output.append((at, line))
        return {name: story(output) for name, output in outputs.items()}

    def _with_panic(self, results: list[TestResult]) -> list[TestResult]:
        """The results, and who panicked or ran out of time."""
        for number in self._at("panic"):
            told = panicked(number, self._dump(number))
            if told is None:
                continue
            before = [r for r in results if r.line < number and not r.message]
            if before and told.outcome == "crashed":
                last = before[-1]
                crashed = failure(last.test_id, number, told)
                return [crashed if one is last else one for one in results]
            ids = [self._id(name) for name in self._running(number)]
            known = {result.test_id for result in results}
            names = [one for one in ids if one not in known] or [self.name or "go test"]
            return [*results, *(failure(one, number, told) for one in names)]
        return results

    def _dump(self, number: int) -> list[tuple[int, str]]:
        stop = min(number + _OUTPUT, self.number - 1)
        return list(self.log.lines.between(number, stop))

    def _running(self, panic: int) -> Sequence[str]:
        started: dict[str, int] = {}
        for number in self._at("step"):
            match = _STEP.match(self.log.lines.text(number) or "")
            if match and match[1] == "RUN":
                started[match[2]] = number
        for number in (*self._at("passed"), *self._at("failed"), *self._at("skipped")):
            text = (self.log.lines.text(number) or "").partition(": ")[2]
            started.pop(text.rpartition(" (")[0], None)
        texts = [text for _, text in self._dump(panic)]
        return running(texts, package=self.name, started=list(started))

    def _with_passes(self, results: list[TestResult]) -> list[TestResult]:
        """With ``-count``: a test may pass and fail within one run."""
        wanted = {result.test_id for result in results}
        passes: dict[str, list[int]] = {}
        for number in self._at("passed") if results else ():
            match = _PASSED.match(self.log.lines.text(number) or "")
            if match and self._id(match[1]) in wanted:
                passes.setdefault(self._id(match[1]), []).append(number)
        return [self._mixed(result, passes.get(result.test_id)) for result in results]

    def _mixed(self, result: TestResult, passes: list[int] | None) -> TestResult:
        if not passes:
            return result
        last = max(passes) > result.line
        return replace(
            result, attempts=("failed", "passed") if last else ("passed", "failed")
        )

    def _unbuilt(self, build_errors: dict[str, int]) -> TestResult:
        header = build_errors.get(self.name)
        message = f"{self.reason} failed"
        if header is None:
            line = (self.number, self.number)
            return TestResult(self.name, NAME, "error", self.number, message, span=line)
        after = self.log.lines.after(header, 10)
        stop = next(
            (
                i
                for i, t in enumerate(after)
                if t.startswith(("# ", "FAIL\t", "ok  \t", "panic: "))
            ),
            10,
        )
        said = [text for text in after[:stop] if text.strip()]
        return TestResult(
            self.name,
            NAME,
            "error",
            header + 1 if said else header,
            message=said[0].strip().removeprefix(_ERROR) if said else message,
            span=span(header, header + max(len(said), 1)),
        )

    def _silent(self) -> TestResult:
        """The package itself: it failed, but none of its tests did."""
        told: Story | None = None
        texts = self.log.lines.before(self.number, min(20, self.number - self.first))
        said = [
            (number, text.strip())
            for number, text in enumerate(texts, self.number - len(texts))
            if text.strip() and not _MARKER.match(text)
        ]
        status = next(
            (t.strip() for t in texts[::-1] if t.startswith("exit status")), ""
        )
        message = said[-1][1] if said else status
        number = said[-1][0] if said else self.number
        if message:
            told = Story(number, self.number, message, outcome="error")
        return replace(failure(self.name, self.number, told), outcome="error")
