"""Runs that broke: the test that was running, and what kept a session from starting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.frameworks.exception import Raised, raised
from sickbay.logs.frameworks.pytest import identity
from sickbay.logs.frameworks.pytest.anchors import NAME
from sickbay.logs.frameworks.results import BROKE_OFF, Frame, Problem, TestResult
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sickbay.logs.frameworks.pytest.draft import Death, Draft
    from sickbay.logs.report import Outcome

    Between = Callable[[int, int], Sequence[tuple[int, str]]]

_FRAME = Pattern(
    r"\s+File \"(?P<path>[^\"]+)\", line (?P<line>\d+)(?:,)? in (?P<in>\w+)"
)
_CANCELED = Pattern(
    r"(?i).*(?:operation was cancell?ed|exceeded the maximum (?:execution )?time"
    r"|received cancellation signal|no output has been received"
    r"|timed? out after \d)"
)
_LIMIT = Pattern(r"timeout: (?P<limit>\d[\d.]*s)$")
_ORDERLY = ("Interrupted: ", "stopping after ", "xdist.dsession.Interrupted: ")
_SAID = Pattern(r"\S.*?: error: (?P<says>.*)$")
_E = Pattern(r"E {3,}(?P<says>\S.*)$")
_NEAR = 10
_FAR = 300


def killed(draft: Draft, between: Between) -> TestResult | None:
    """The test that was running when the run broke off, if it did."""
    if draft.final is not None or draft.where != "progress" or draft.nested:
        return None
    deaths = [death for death in draft.deaths if death.kind in ("crash", "timeout")]
    death = deaths[-1] if deaths else None
    if draft.pending and not draft.parallel:
        test_id, line = draft.pending
        frames: tuple[Frame, ...] = ()
    elif death:
        line = death.line
        frames = _stack(between(line, line + _FAR))
        test_id = _running(draft, frames)
    else:
        return None
    if not test_id:
        return None
    outcome, says = _why(death, line, between)
    last = max(line, death.line if death else line)
    return TestResult(
        test_id=test_id,
        framework=NAME,
        outcome=outcome,
        line=line,
        message=says,
        span=(line, min(last, line + _NEAR - 1)),
        frames=frames,
    )


def _why(death: Death | None, line: int, between: Between) -> tuple[Outcome, str]:
    after = between(line, line + _FAR)
    if death and death.kind == "crash":
        return "crashed", death.message
    if death:
        return "timed_out", "pytest-timeout ended the run: the test took too long"
    if any(_CANCELED.match(text) for _, text in after):
        return "timed_out", "the run was ended from outside while this test was running"
    return "crashed", BROKE_OFF


def _stack(lines: Sequence[tuple[int, str]]) -> tuple[Frame, ...]:
    found = (_FRAME.match(text) for _, text in lines)
    return tuple(
        Frame(match["path"], int(match["line"]), match["in"])
        for match in found
        if match
    )


def _running(draft: Draft, frames: Sequence[Frame]) -> str:
    """The id of the running test, from the file being run and the stack."""
    file = next((file for file, _ in draft.letters[::-1] if file), None)
    for frame in frames:
        name = frame.function or ""
        if file is not None and frame.path.endswith(file) and name.startswith("test"):
            return identity.rebuilt(file, name)
    return file or ""


def problem(draft: Draft, between: Between) -> Problem | None:
    """What made the session fail as a whole, ``None`` if nothing did."""
    refused = [death for death in draft.deaths if death.kind == "refused"]
    if refused:
        return _refusal(refused[0], between)
    internal = [death for death in draft.deaths if death.kind == "internal"]
    if internal:
        return _internal(internal)
    for death in draft.deaths:
        if death.kind == "stop" and not death.message.startswith(_ORDERLY):
            says = raised(death.message, sure=True)
            message = says.message or death.message
            return Problem(death.line, death.line, message, says.exception)
    return None


def _refusal(death: Death, between: Between) -> Problem:
    """A usage error, or a ``conftest.py`` that cannot be loaded."""
    after = between(death.line + 1, death.line + _FAR)
    if "usage:" in death.message:
        for number, text in after[:3]:
            said = _SAID.match(text)
            if said:
                return Problem(death.line, number, said["says"])
    if "conftest" in death.message:
        found = _loading_error(after)
        if found:
            number, says = found
            first = max(death.line, number - _NEAR + 1)
            return Problem(first, number, says.message or "", says.exception)
    return Problem(death.line, death.line, death.message.removeprefix("ERROR: "))


def _loading_error(after: Sequence[tuple[int, str]]) -> tuple[int, Raised] | None:
    for number, text in after:
        match = _E.match(text)
        if match:
            return number, raised(match["says"], sure=True)
        if text.startswith("==="):
            break
    return None


def _internal(deaths: Sequence[Death]) -> Problem:
    last = deaths[-1]
    for death in deaths[::-1]:
        says = raised(death.message)
        if says.exception and not death.message[0].isspace():
            first = max(deaths[0].line, death.line - _NEAR + 1)
            return Problem(first, death.line, says.message or "", says.exception)
    return Problem(last.line, last.line, last.message)
