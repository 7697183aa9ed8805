"""Wording: the evidence for a verdict in one sentence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.ci.course import Course
    from sickbay.ci.evidence import Evidence, History


def why(what: Course, found: Evidence, history: History) -> str:
    """What speaks for the verdict, with the numbers behind it."""
    judged = found.of(what.lanes)
    bad, good = judged.bad.keys(), judged.good.keys() - judged.bad.keys()
    jobs = _counted(len(what.lanes), "job")
    if what.verdict == "flaky":
        return _flaky(len(bad), len(bad | good), found.retries, jobs)
    if what.verdict == "new":
        return f"seen on one commit only, the newest with a result ({jobs})"
    inside = range(what.last_bad, what.first_bad + 1)
    shown = [place for place in inside if place in bad]
    passed = [place for place in inside if place in good]
    words = (
        f"failed on {len(shown)} of {len(shown) + len(passed)} commits with a result"
    )
    words += f" ({jobs}){_silent(what, history)}"
    if what.verdict == "fixed":
        since = sum(place < what.last_bad for place in good)
        words += f"; passed on {_counted(since, 'commit')} since"
    if what.episodes > 1:
        words += f"; a relapse: it broke {what.episodes} times"
    return words


def _flaky(bad: int, total: int, retried: int, jobs: str) -> str:
    words = f"comes and goes: on {bad} of {_counted(total, 'commit')} with a result"
    words += f" ({bad / total:.0%}; {jobs})"
    return f"{words}; passed {retried} times when tried again" if retried else words


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
