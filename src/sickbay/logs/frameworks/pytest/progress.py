"""Progress lines: which test ended how, as pytest prints it while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.pytest import identity
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from sickbay.logs.report import Outcome

_WORD = (
    r"(?P<word>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|xfail|xpass|RERUN"
    r"|SUBPASS(?:ED)?|SUBFAIL(?:ED)?|SUBSKIP(?:PED)?|SUBXFAIL|SUBXPASS)"
    r"(?P<more>(?:\[.*\])?(?: \[\d[\d.]*m?s\](?= \())?(?: ?\(.*\))?)"
)
_PERCENT = r"(?:\s+(?:\[\s*\d+(?:%|/\d+)\]|\[?\d[\d.]*m?s\]?)){0,2}\s*$"
_COLOURED = Pattern(r"\('(?P<word>[A-Z]+)', \{[^}]*\}\)")

_AFTER_ID = Pattern(rf" {_WORD}{_PERCENT}")
_ANY_ID = Pattern(rf"(?P<id>(?>\S.*?::).*\S) {_WORD}{_PERCENT}")
_SUB_BEFORE = Pattern(rf"(?P<id>(?=\S+?::\S)\S++) \(.*\) {_WORD}{_PERCENT}")
_WORKER = Pattern(rf"\[gw\d+\]\s+(?:\[\s*\d+%\]\s+)?{_WORD} (?P<id>\S(?:.*\S)?)\s*$")
_ALONE = Pattern(rf"(?P<out>.*?){_WORD}{_PERCENT}")
_HARMLESS = Pattern(r"(\S+) (\w+).*\n?")
_STARTED = Pattern(r"\S.*?\.py::\S")
_LETTERS = Pattern(
    r"(?:(?P<file>\S+\.\w+) )?(?P<letters>[.FEsxXRpPuUy,-]+)"
    r"(?P<percent>\s*\[\s*\d+(?:%|/\d+)\])?\s*$"
)

_OUTCOMES: dict[str, Outcome] = {
    "PASSED": "passed",
    "FAILED": "failed",
    "ERROR": "error",
    "SKIPPED": "skipped",
    "XFAIL": "xfailed",
    "xfail": "xfailed",
    "XPASS": "xpassed",
    "xpass": "xpassed",
    "RERUN": "rerun",
    "SUBFAIL": "failed",
    "SUBFAILED": "failed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A test that ended; without an outcome, one that began.

    ``test_id`` is empty when the line tells only how the test that is running ended;
    ``glued`` says that something else was printed before that on the same line,
    ``part`` that only a subtest ended.
    """

    test_id: str
    outcome: Outcome | None
    glued: bool = False
    part: bool = False
    parallel: bool = False


def step(text: str) -> Step | None:
    """What a progress line says about one test, ``None`` if nothing."""
    text = _COLOURED.sub(r"\1", text)
    worker = _WORKER.match(text)
    if worker:
        outcome = _OUTCOMES.get(worker["word"])
        found = identity.named(worker["id"])
        part = worker["word"].startswith("SUB")
        return Step(found, outcome, part=part, parallel=True) if outcome else None
    if "::" in text:
        return _finished(text) or _begun(text) or _alone(text)
    return _alone(text)


def harmless(text: str) -> tuple[list[str], list[Outcome]]:
    """Ids and outcomes of tests that did not fail, from lines that say nothing else."""
    found = _HARMLESS.findall(text.replace("::()", ""))
    return [test_id for test_id, _ in found], [_OUTCOMES[word] for _, word in found]


def _finished(text: str) -> Step | None:
    test_id = identity.leading(text, lambda after: _AFTER_ID.match(after) is not None)
    if test_id is not None:
        match = _AFTER_ID.match(text[len(test_id) :])
    else:
        match = _SUB_BEFORE.match(text) or _ANY_ID.match(text)
        test_id = match["id"] if match else ""
    if match is None or not _OUTCOMES.get(match["word"]):
        return None
    word = match["word"]
    return Step(identity.named(test_id), _OUTCOMES[word], part=word.startswith("SUB"))


def _begun(text: str) -> Step | None:
    if not _STARTED.match(text):
        return None
    found = identity.leading(text, lambda after: not after or after[0].isspace())
    return Step(found, None) if found else None


def _alone(text: str) -> Step | None:
    match = _ALONE.match(text)
    outcome = _OUTCOMES.get(match["word"]) if match else None
    return Step("", outcome, glued=bool(match["out"])) if match and outcome else None


def letters(text: str) -> tuple[str | None, str] | None:
    """File, if named, and letters of a line like ``test_a.py ..F.E [ 50%]``."""
    match = _LETTERS.match(text)
    if match is None or not (match["file"] or match["percent"]):
        return None
    return match["file"], match["letters"]
