"""Reads one failed assertion of a TAP stream, in any of the dialects of its details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.javascript import frames, thrown, timed_out
from sickbay.logs.frameworks.results import Frame, TestResult
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sickbay.logs.lines import Lines

JOINT = " > "

_NOT_OK = Pattern(
    r"( *)not ok (\d+)(?: -)?(?: ((?!# ).*?))?"
    r"(?: # ?(?:time=\S+|((?i:todo|skip))\b.*?))?( \{)?$"
)
_DIAG = Pattern(
    r"( *)#   Failed test(?: '(.*)')?(?: in (\S.*?)|)(?: ?at (.*) line (\d+)\.)?$"
)
_PLACE = Pattern(r" *# +(?:in|at) (.*?)(?: at line| line) (\d+)\.$")
_MORE = Pattern(r" *# {4,}(\S.*)$")
_KEY = Pattern(r"( *)([\w-]+):(?: +((?:.*\S)?))?\s*$")
_TAP = Pattern(r" *(?:(?:not )?ok \d|1\.\.\d|#)")
_COMMENT = Pattern(r"# (\S(?:.*\S)?)\s*$")
_NOT_A_TEST = Pattern(r"# (?:Subtest|tests|pass|fail|ok|Looks|Failed)\b")

_BLOCK = 60
_SPAN = 10
_LOOK_BACK = 300


@dataclass(slots=True)
class Failure:
    """One failed assertion, or a subtest or file with some of them.

    Args:
        indent: How deep it stands.
        names: Its name, and before it those of what it is in.
        line: Where it says that it failed.
        todo: Whether it was expected to fail.
        opens: Whether what is in it follows it, rather than standing before it.
        outer: Whether something in it failed.
        suite: Whether it is no test itself, only a suite of some.
    """

    indent: int
    names: list[str]
    line: int
    todo: bool = False
    opens: bool = False
    outer: bool = False
    suite: bool = False
    file: str = ""
    said: int = 0
    last: int = 0
    message: str | None = None
    exception: str | None = None
    slow: bool = False
    frames: tuple[Frame, ...] = ()
    number: str = ""
    test: str = ""

    @property
    def path(self) -> str:
        """Its names and those of what it is in, joined."""
        return JOINT.join(self.names)

    def result(self, test_id: str) -> TestResult:
        """It as a result, under an id."""
        return TestResult(
            test_id=test_id,
            framework="tap",
            outcome="timed_out" if self.slow else "failed",
            line=self.said or self.line,
            message=self.message or self.names[-1],
            exception=self.exception,
            span=(self.line, min(max(self.last, self.line), self.line + _SPAN - 1)),
            frames=self.frames,
        )


def not_ok(lines: Lines, number: int, before: Failure | None) -> Failure | None:
    """The assertion that a ``not ok`` line and the details below it tell of.

    Args:
        lines: Of the log.
        number: Of the line.
        before: The last failure before it in the same stream.
    """
    match = _NOT_OK.match((lines.text(number) or "").rstrip())
    if not match:
        return None
    failure = Failure(
        indent=len(match[1]),
        names=[match[3] or match[2]],
        number=match[2],
        line=number,
        todo=bool(match[4]),
        opens=bool(match[5]),
    )
    body = [] if failure.opens else _body(lines, number, failure.indent)
    if any(text.strip() == "---" for text in body):
        keys = _yaml(failure, body)
        if "operator" in keys and "duration_ms" not in keys:
            failure.test = _tape_test(lines, number, before)
            failure.names[:0] = filter(None, [failure.test])
    elif any(text.strip() for text in body):
        _plain(failure, body)
    return failure


def _body(lines: Lines, number: int, indent: int) -> list[str]:
    """The indented lines below, up to the next assertion."""
    body: list[str] = []
    for line, text in lines.between(number + 1, number + _BLOCK):
        depth = len(text) - len(text.lstrip(" "))
        if line != number + 1 + len(body) or _TAP.match(text):
            break
        if text.strip() and depth <= indent:
            break
        body.append(text)
        if text.strip() == "...":
            break
    return body


def _plain(failure: Failure, body: Sequence[str]) -> None:
    """Take details that are the message and the stack, as they are."""
    first = next(index for index, text in enumerate(body) if text.strip())
    failure.said = failure.line + 1 + first
    failure.last = failure.line + len(body)
    failure.exception, failure.message = thrown(body[first])
    typed = next((found for text in body if (found := thrown(text))[0]), None)
    failure.exception = failure.exception or (typed[0] if typed else None)
    failure.slow = timed_out(failure.message)
    failure.frames = frames(body)


def _yaml(failure: Failure, body: Sequence[str]) -> Collection[str]:
    """Take details that are a YAML block; say which keys it has."""
    keys: dict[str, tuple[int, str]] = {}
    for index, text in enumerate(body):
        match = _KEY.match(text)
        if match and match[2] not in keys:
            value = match[3] or ""
            below = index + 1 < len(body) and value in {"|-", "|", ">", ">-", ""}
            keys[match[2]] = (index, body[index + 1].strip() if below else value)
    failure.last = failure.line + len(body)
    where, said = _said(keys)
    failure.said = failure.line + 1 + where
    failure.message = said or None
    name = keys.get("name") or keys.get("type")
    failure.exception = name[1].strip("'\"") if name and name[1] != "'suite'" else None
    failure.suite = keys.get("type", (0, ""))[1] == "'suite'"
    failure.slow = "timeout" in keys.get("failureType", (0, ""))[1].lower()
    failure.frames = frames(
        text if text.lstrip().startswith("at ") else "at " + text.strip()
        for text in body[keys["stack"][0] + 1 if "stack" in keys else len(body) :]
    )
    return keys


def _said(keys: Mapping[str, tuple[int, str]]) -> tuple[int, str]:
    """Where in a YAML block the message is, and what it says."""
    for key in ("message", "error"):
        if keys.get(key, (0, ""))[1]:
            return keys[key][0], keys[key][1].strip("'\"")
    facts = [(key, keys[key]) for key in ("expected", "actual") if key in keys]
    if not facts:
        return -1, ""
    return facts[0][1][0], ", ".join(f"{key}: {value}" for key, (_, value) in facts)


def _tape_test(lines: Lines, number: int, before: Failure | None) -> str:
    """The test that an assertion of tape belongs to: the nearest comment above it."""
    floor = max(before.line if before else 0, number - _LOOK_BACK)
    for above in range(number - 1, floor, -1):
        text = lines.text(above) or ""
        match = _COMMENT.match(text)
        if match and not _NOT_A_TEST.match(text):
            return match[1]
    return before.test if before else ""


def diagnosed(lines: Lines, number: int) -> Failure | None:
    """The assertion that Perl's ``Failed test`` comment tells of."""
    match = _DIAG.match(lines.text(number) or "")
    if not match:
        return None
    file, place, said = match[4] or "", match[5] or "", []
    last = number
    for _, text in lines.between(number + 1, number + _BLOCK):
        found = None if file else _PLACE.match(text)
        more = None if found else _MORE.match(text)
        if found:
            file, place = found[1], found[2]
        elif more:
            said.append(more[1])
        else:
            break
        last += 1
    return Failure(
        indent=len(match[1]),
        names=[match[2] or f"line {place}"],
        number="" if match[2] else "?",
        line=number,
        last=last,
        said=number,
        file=file,
        message=", ".join(said[:2]).replace(":, ", ": ") or None,
        frames=(Frame(file, int(place), None),) if place.isdigit() else (),
    )


def leaves(failures: Sequence[Failure]) -> list[Failure]:
    """The innermost failures, each under the names of all it is in.

    What fails because something in it failed stands after that, or before it with an
    opening brace.
    """
    found: list[Failure] = []
    parents: list[Failure] = []
    for failure in failures:
        while parents and parents[-1].indent >= failure.indent:
            parents.pop()
        if failure.opens:
            parents.append(failure)
            continue
        first = len(found)
        while not parents and first and found[first - 1].indent > failure.indent:
            first -= 1
        inner, found[first:] = found[first:], []
        if failure.todo:
            continue
        failure.outer = bool(inner)
        for leaf in inner:
            leaf.names[:0] = failure.names
            leaf.indent = failure.indent
            leaf.file = leaf.file or failure.file
        failure.names[:0] = [parent.names[-1] for parent in parents]
        found += inner or [failure]
    return found
