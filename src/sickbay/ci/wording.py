"""Wording: the evidence for a verdict in one sentence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from sickbay.ci.course import Course
    from sickbay.ci.evidence import Evidence, History


def why(what: Course, found: Evidence, history: History) -> str:
    """What speaks for the verdict, with the numbers behind it."""
    judged = found.of(what.lanes)
    bad, good = judged.bad.keys(), judged.good.keys() - judged.bad.keys()
    jobs = _counted(len(what.lanes), "job")
    if what.verdict == "new":
        words = f"seen on one commit only, the newest with a result ({jobs})"
    elif what.verdict == "flaky":
        if not good and any(lanes < what.lanes for lanes in judged.bad.values()):
            jobs += ", not always the same"
        words = _flaky(len(bad), len(bad | good), judged.retries, jobs)
    else:
        words = _lasting(what, bad, good, jobs) + _silent(what, history)
    if what.verdict == "fixed":
        since = sum(place < what.last_bad for place in good)
        words += f"; passed on {_counted(since, 'commit')} since"
    if what.episodes > 1:
        words += f"; a relapse: it broke {what.episodes} times"
    return words + _since(what)


def _lasting(
    what: Course, bad: Collection[int], good: Collection[int], jobs: str
) -> str:
    inside = range(what.last_bad, what.first_bad + 1)
    shown = sum(place in bad for place in inside)
    known = shown + sum(place in good for place in inside)
    return f"failed on {shown} of {_counted(known, 'commit')} with a result ({jobs})"


def _flaky(bad: int, total: int, retries: int, jobs: str) -> str:
    words = f"on {bad} of {_counted(total, 'commit')} with a result"
    words += f" ({bad / total:.0%}; {jobs})"
    words = f"comes and goes: {words}" if bad > 1 else f"seen once: {words}"
    return f"{words}; gone when tried again: {retries}" if retries else words


def _since(what: Course) -> str:
    words = ""
    if what.hidden and what.verdict != "fixed":
        since = _counted(what.hidden, "commit")
        words += f"; its jobs failed of something else on {since} since"
    if what.gone:
        words += "; its jobs do not run any more"
    return words


def _silent(what: Course, history: History) -> str:
    """Of the commits of an episode, those that say nothing."""
    kinds: Counter[str] = Counter()
    for place in range(what.last_bad, what.first_bad + 1):
        said = {history.kinds(lane)[place] for lane in what.lanes}
        if said <= {"pending", "absent"}:
            kinds["pending" if "pending" in said else "absent"] += 1
    parts = [f"{kinds['pending']} unfinished"] if kinds["pending"] else []
    parts += [f"{kinds['absent']} without a run"] if kinds["absent"] else []
    return f"; of the commits between, {' and '.join(parts)}" if parts else ""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
