"""Follows pytest's output line by line and parts it into sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.frameworks.pytest import progress
from sickbay.logs.frameworks.pytest.draft import Death, Draft, Entry, Head
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.frameworks.pytest.draft import Where

_START = Pattern(r"(?P<lead>.*?)(?<!=)=+ test session starts =+$")
_BAR = Pattern(r"=+ (?P<title>[A-Za-z][^=]*?) =+$")
_FINAL = Pattern(
    r"(?:=+ )?(?P<counts>\d+ [a-z][a-z -]*(?:, \d+ [a-z][a-z -]*)*|no tests ran)"
    r" in \d[\d.]* ?s(?:econds)?(?: \([^)]*\))?(?: =+)?$"
)
_COUNT = Pattern(r"(?<!\d)(?P<number>\d+) (?P<what>[a-z][a-z -]*)")
_HEADER = Pattern(r"_+ (?P<title>[^_\s].*?|_\w.*?) _+$")
_CAPTURED = Pattern(r"-+ ?Captured ")
_ENTRY = Pattern(
    r"(?P<word>FAILED|ERROR|FAIL|PASSED|RERUN|XPASS|SUBFAIL(?:ED)?(?:\[.*?\])?"
    r"(?: \(.*?\))?) (?:\[\d[\d.]*s\] )?(?P<rest>\S.*)$"
)
_SUB_ENTRY = Pattern(r"(?:\[.*?\] ?)?(?:\(.*?\) )(?P<word>SUBFAIL) (?P<rest>\S.*)$")
_CRASH = Pattern(r".*?(?P<says>Fatal Python error: .*)$")
_HUNG = Pattern(r".*?\+{5,} Timeout \+{5,}$")
_BANG = Pattern(r"!+ (?P<says>.*\S) !+$")
_INTERNAL = Pattern(r"INTERNALERROR> (?P<says>\S.*)$")
_REFUSED = Pattern(
    r"(?P<says>\w+ while loading conftest .*|(?:ERROR: )?usage: .*\[file_or_dir\].*"
    r"|ERROR: (?:file or directory |module or package )?not found: .*)$"
)

_WHERE: dict[str, Where] = {
    "ERRORS": "errors",
    "FAILURES": "failures",
    "PASSES": "passes",
    "XFAILURES": "passes",
    "XPASSES": "passes",
    "short test summary info": "summary",
}
_ORDER: dict[Where, int] = {"errors": 1, "failures": 2, "passes": 3}


_NEAR = 3


class Transcript:
    """Reads the telling lines of one stream of output, in order.

    A session may print another one: a test that runs pytest. Such an inner session is
    noted as nested once the outer one goes on after it.
    """

    def __init__(self) -> None:
        self._open: list[Draft] = []
        self._done: list[Draft] = []

    def finish(self) -> Sequence[Draft]:
        """The sessions in all lines, without those that a test printed."""
        for draft in self._open:
            draft.settle()
            draft.close_head(draft.last)
        drafts = [*self._done, *self._open]
        return sorted(
            (draft for draft in drafts if not draft.nested),
            key=lambda draft: draft.first,
        )

    def harmless(self, number: int, text: str) -> None:
        """Take neighbouring lines, each of which says that a test did not fail."""
        draft = self._open[-1] if self._open else None
        if draft is None or draft.where != "progress":
            return
        test_ids, outcomes = progress.harmless(text)
        draft.end_all(test_ids, outcomes, number)
        draft.final = None
        draft.last = number + len(test_ids) - 1
        if draft.announced:
            self._goes_on(draft)

    def line(self, number: int, text: str) -> None:
        """Take one line."""
        text = text.rstrip()
        start = _START.match(text)
        if start:
            self._settle_doubt(over=not start["lead"])
            self._start(number, start["lead"])
            return
        final = _FINAL.match(text)
        if final:
            self._final(number, final["counts"])
            return
        bar = _BAR.match(text)
        if bar:
            self._settle_doubt(over=False)
            self._section(number, bar["title"])
            return
        header = _HEADER.match(text)
        if header and not text.startswith("_ _"):
            self._header(number, header["title"])
            return
        self._body(number, text)

    def _start(self, number: int, lead: str) -> None:
        top = self._open[-1] if self._open else None
        if top and lead:
            self._progress(top, number, lead.rstrip())
        inside = top is not None and top.captured
        if top and not inside and top.where != "progress":
            self._close(number - 1)
        self._open.append(Draft(number, number, announced=True, nested=inside))

    def _final(self, number: int, counts: str) -> None:
        if not self._open and not self._reopened(("final",)):
            self._open.append(Draft(number, number))
        draft = self._open[-1]
        draft.final = {
            found["what"].strip(): int(found["number"])
            for found in _COUNT.finditer(counts)
        }
        self._goes_on(draft)
        if draft.doubtful:
            draft.last = number
        else:
            self._close(number)

    def _settle_doubt(self, *, over: bool) -> None:
        """A final line came before anything was reported: was it the session's own?"""
        top = self._open[-1] if self._open else None
        if top and top.final is not None and over:
            self._close(top.last)
        elif top:
            top.final = None

    def _close(self, last: int) -> None:
        draft = self._open.pop()
        draft.settle()
        draft.close_head(last - (draft.final is not None))
        draft.last = last
        self._done.append(draft)

    def _section(self, number: int, title: str) -> None:
        where = _WHERE.get(title, "other")
        if not self._open and not self._reopened((where,)):
            self._open.append(Draft(number, number))
        draft = self._open[-1]
        if self._repeats(draft, title, where):
            inside = draft.captured
            if not inside:
                self._close(number - 1)
            draft = Draft(number, number, nested=inside)
            self._open.append(draft)
        self._goes_on(draft)
        draft.last = number
        draft.enter(where, number, title)

    def _repeats(self, draft: Draft, title: str, where: Where) -> bool:
        """Whether a session would not print this part (again) at this point."""
        if where == "summary" or (draft.where == "summary" and not draft.old_order):
            return title in draft.seen or where in ("errors", "failures")
        rank, now = _ORDER.get(where, 0), _ORDER.get(draft.where, 0)
        return bool(rank) and (title in draft.seen or rank < now)

    def _header(self, number: int, title: str) -> None:
        if not self._open and not self._reopened(("header",)):
            return
        draft = self._open[-1]
        if draft.where in ("progress", "summary", "other"):
            return
        draft.close_head(number - 1)
        draft.heads.append(Head(draft.where, title, number))
        draft.captured = False
        draft.last = number

    def _reopened(self, what: tuple[str, ...]) -> bool:
        """Take back the end of the last session if it was only printed by a test."""
        if not self._done or self._done[-1].nested:
            return False
        last = self._done[-1]
        fits = last.captured and (
            what[0] in ("header", "final")
            or (what[0] == "summary" and "short test summary info" not in last.seen)
        )
        if not fits:
            return False
        self._done.pop()
        last.final = None
        if last.heads:
            last.heads[-1].last = 0
        self._open.append(last)
        return True

    def _goes_on(self, draft: Draft) -> None:
        """This session was not dead: what ran since it began ran inside it."""
        for inner in reversed(self._done):
            if inner.first < draft.first:
                break
            inner.nested = True

    def _body(self, number: int, text: str) -> None:
        if not self._open:
            self._without_session(number, text)
            return
        draft = self._open[-1]
        if _CAPTURED.match(text):
            draft.captured = draft.where != "progress"
        elif draft.where == "summary":
            self._summary(draft, number, text)
        elif draft.where == "progress":
            ended = self._progress(draft, number, text)
            if not ended:
                self._death(draft, number, text)
        if draft.where != "progress" and not draft.captured:
            self._stopped(draft, number, text)

    def _without_session(self, number: int, text: str) -> None:
        refused = _REFUSED.match(text)
        if refused:
            last = self._done[-1] if self._done else None
            if last is None or last.runs or number - last.last > _NEAR:
                last = Draft(number, number)
                self._done.append(last)
            last.deaths.append(Death("refused", refused["says"], number))
        elif progress.letters(text) and "%" in text:
            draft = Draft(number, number)
            self._open.append(draft)
            self._progress(draft, number, text)

    def _progress(self, draft: Draft, number: int, text: str) -> bool:
        """Take a progress line, and tell whether it says how a named test ended."""
        step = progress.step(text)
        if step is None:
            found = progress.letters(text)
            if found:
                draft.letters.append(found)
                draft.last = number
            return False
        if not step.test_id:
            if draft.pending and step.outcome and not (step.glued and draft.ends):
                draft.ends = (step.outcome, number)
            return False
        draft.parallel |= step.parallel
        draft.final = None
        draft.last = number
        if step.part:
            draft.parts.setdefault(step.test_id, number)
        elif step.outcome is None:
            draft.begin(step.test_id, number)
        else:
            draft.end(step.test_id, step.outcome, number)
            if draft.announced:
                self._goes_on(draft)
            return True
        return False

    def _summary(self, draft: Draft, number: int, text: str) -> None:
        match = _ENTRY.match(text) or _SUB_ENTRY.match(text)
        if match:
            draft.old_order |= match["word"] == "FAIL"
            draft.entries.append(Entry(match["word"], match["rest"], number))
            draft.last = number

    def _death(self, draft: Draft, number: int, text: str) -> None:
        crash = _CRASH.match(text)
        if crash or _HUNG.match(text):
            found = progress.letters(text[: text.find("Fatal" if crash else "+++")])
            if found:
                draft.letters.append(found)
        if crash:
            draft.deaths.append(Death("crash", crash["says"], number))
        elif _HUNG.match(text):
            draft.deaths.append(Death("timeout", "Timeout", number))
        else:
            self._stopped(draft, number, text)

    def _stopped(self, draft: Draft, number: int, text: str) -> None:
        bang, internal = _BANG.match(text), _INTERNAL.match(text)
        refused = None if draft.runs or draft.heads else _REFUSED.match(text)
        if bang:
            draft.deaths.append(Death("stop", bang["says"], number))
        elif internal:
            draft.deaths.append(Death("internal", internal["says"], number))
        elif refused:
            draft.deaths.append(Death("refused", refused["says"], number))
