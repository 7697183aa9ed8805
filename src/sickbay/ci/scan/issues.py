"""Which issue is about a failure: by its tests, its message, or hardly by its job."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from sickbay.ci.mentions import is_common, parsed_test
from sickbay.ci.scan.models import Match
from sickbay.ci.scan.quotes import Quotes, message, quotes_of
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sickbay.ci.mentions import Mentions, TestName
    from sickbay.ci.scan.models import Issue

KNOWN = 0.6
"""The score from which a match may explain a failure; below it is a hint."""

REMEMBERED = timedelta(days=30)
"""How long ago an issue may have been closed that says that a failure is back."""

_EXACT = (0.97, "the test's id")
_IN_FILE = (0.93, "the test's function and file")
_FUNCTION = (0.9, "the test's function")
_COLLECTED = (0.7, "the file that holds the tests")
_NO_NAME = (0.0, "")
_IN_BODY = 0.05
"""What a name in the body says less than one in the title."""

_SIGNATURE = (0.9, "the failure's signature")
_MESSAGE = (0.8, "the failure's message")
_ELSEWHERE = 0.65
_OFTEN = 0.5
_QUOTED_OFTEN = 3
_BOTH = 0.02
_JOB = (0.5, "the job's name only")
_OTHER_MESSAGE = 0.8
_OTHER_ERROR = 0.6
"""An issue that quotes another error of the same test is about something else."""

_FEW = 0.25
"""Of the tests that an issue names, if it may be about something else."""

_SAME_PLACE = 0.65
"""Some of the tests, and a message that would tell too little by itself."""

_CLOSED = 0.8
_HINT = 0.25
_UNTRACKED = 0.5

_HEAD = Pattern(r"^\s*\[[^\]]{1,80}\][:\s]*")
_SHARD = Pattern(r"\s*(?:%n|\b[0-9]{1,3}(?:\s*/\s*[0-9]{1,3})?)\s*$")
_MARKS = Pattern(r":[\w+-]{1,40}:|[^\w\s().,/%&+-]")
_SPACES = Pattern(r"\s+")
_JOB_WORDS = 2
_MOST_TESTS = 300


@dataclass(frozen=True, slots=True)
class _Failure:
    """What is looked for in an issue.

    Attributes:
        tests: Each with the number of its sets of parameters.
        texts: Masked messages that tell this failure from others.
        plain: Those that do not, such as a comparison of numbers.
        exceptions: Their names.
    """

    tests: dict[TestName, int]
    texts: tuple[str, ...]
    plain: tuple[str, ...]
    exceptions: frozenset[str]
    signatures: frozenset[str]
    job_names: frozenset[str]

    def says_plainly(self, read: Quotes) -> bool:
        """Whether an issue holds what it says, where that tells little."""
        return not self.texts and read.holds(self.plain)


def best_match(  # noqa: PLR0913 - everything that an issue may say of a failure
    tests: Sequence[str],
    *,
    texts: Sequence[str] = (),
    signatures: Collection[str] = (),
    job_names: Collection[str] = (),
    issues: Sequence[Issue],
    now: datetime,
) -> Match | None:
    """The issue that seems to be about a failure.

    Below ``KNOWN`` the match is a hint. An issue without the label of failures is one
    at best, and so is one that names some of the tests only, or the job.

    Args:
        tests: Ids of the tests that failed of one cause.
        texts: Its messages, or lines of the log.
        signatures: Of its failures.
        job_names: Of the jobs where it was seen.
        issues: Of the tracker; those that were closed long ago do not count.
        now: The time.
    """
    told = [message(text) for text in texts]
    failure = _Failure(
        tests=Counter(map(parsed_test, tests)),
        texts=_some(one.text for one in told if one.telling),
        plain=_some(one.text for one in told if not one.telling),
        exceptions=frozenset(one.exception for one in told if one.exception),
        signatures=frozenset(filter(None, signatures)),
        job_names=frozenset(filter(None, map(_job, job_names))),
    )
    alive = [issue for issue in issues if _is_alive(issue, now)]
    quoting = sum(quotes_of(issue).holds(failure.texts) for issue in alive)
    found = [_match(failure, issue, often=quoting >= _QUOTED_OFTEN) for issue in alive]
    return max(filter(None, found), key=_rank, default=None)


def _is_alive(issue: Issue, now: datetime) -> bool:
    return issue.closed_at is None or now - issue.closed_at <= REMEMBERED


def _rank(match: Match) -> tuple[bool, float, float, int]:
    """An open issue that explains the failure goes before any that was closed."""
    issue = match.issue
    changed = issue.updated_at or issue.created_at
    explains = issue.open and match.score >= KNOWN
    return explains, match.score, changed.timestamp() if changed else 0, issue.number


def _match(failure: _Failure, issue: Issue, *, often: bool) -> Match | None:
    read = quotes_of(issue)
    score, how = _names(failure, read)
    said_score, said_how = _says(failure, issue, often=often)
    if said_score > score:
        score, how = said_score + (_BOTH if score else 0), _joined(said_how, how)
    elif said_score:
        score, how = score + _BOTH, _joined(how, said_how)
    elif score:
        score, how = _doubted(failure, read, score, how)
    if not score and _names_job(failure, issue, read):
        score, how = _JOB
    if not issue.open:
        score, how = score * _CLOSED, f"{how}; closed, so it may be back"
    if not issue.tracked:
        score, how = min(score, _UNTRACKED), f"{how}; it has no label of CI failures"
    if score < _HINT:
        return None
    return Match(issue=issue, score=round(score, 2), how=how, recurrence=not issue.open)


def _doubted(
    failure: _Failure, read: Quotes, score: float, how: str
) -> tuple[float, str]:
    """What names are worth where the message is not known to be the same."""
    if failure.says_plainly(read):
        return score, how
    if read.errors and read.names(failure.exceptions):
        return score * _OTHER_MESSAGE, f"{how}, but another message"
    if read.errors and failure.exceptions:
        return score * _OTHER_ERROR, f"{how}, but another error"
    own = {(test.path, test.names) for test in failure.tests}
    if len(own) < read.whole.functions * _FEW:
        return score * _OTHER_ERROR, f"{how}, which names {read.whole.functions} tests"
    return score, how


def _joined(one: str, other: str) -> str:
    return f"{one}, and {other}" if other else one


def _names(failure: _Failure, read: Quotes) -> tuple[float, str]:
    """How well its names fit, by the tests that it leaves out too."""
    looked = islice(failure.tests, _MOST_TESTS)
    hit = {test: level for test in looked if (level := _named(test, read))[0]}
    if not hit:
        return _NO_NAME
    score, how = min(hit.values())
    some, of_all = sum(failure.tests[test] for test in hit), sum(failure.tests.values())
    if some == of_all:
        return score, how if of_all == 1 else f"{how}, for all {of_all} tests"
    how = f"{how}, for {some} of {of_all} tests"
    if failure.says_plainly(read):
        return _SAME_PLACE, f"{how}, with what they say"
    return max(_HINT, score * some / of_all), how


def _named(test: TestName, read: Quotes) -> tuple[float, str]:
    if not read.whole.may_name(test):
        return _NO_NAME
    score, how = _level(test, read.whole)
    if not score:
        return _NO_NAME
    return max((score - _IN_BODY, how), _level(test, read.title))


def _level(test: TestName, text: Mentions) -> tuple[float, str]:
    if text.exactly(test):
        return _EXACT
    if not test.names:
        return _COLLECTED if text.file(test.path) else _NO_NAME
    if test.path and text.in_file(test):
        return _IN_FILE
    return _FUNCTION if _is_own(test) and text.bare(test) else _NO_NAME


def _is_own(test: TestName) -> bool:
    """Whether the function's name alone tells it from those of other files."""
    return bool(test.path) and not is_common(test.function)


def _says(failure: _Failure, issue: Issue, *, often: bool) -> tuple[float, str]:
    if any(one in issue.body for one in failure.signatures):
        return _SIGNATURE
    read = quotes_of(issue)
    if not read.holds(failure.texts):
        return _NO_NAME
    score, how = _MESSAGE
    if often:
        return _OFTEN, f"{how}, as of other issues"
    if failure.tests and _others(failure, read):
        return _ELSEWHERE, f"{how}, of another test"
    return score, how


def _others(failure: _Failure, read: Quotes) -> bool:
    """Whether its title names tests, and none of those that failed."""
    functions = {name for name in read.title.names if name.startswith("test_")}
    functions |= read.title.tests.keys()
    return bool(functions) and not functions & {test.function for test in failure.tests}


def _some(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


def _names_job(failure: _Failure, issue: Issue, read: Quotes) -> bool:
    """Whether its title names the job, and no other test."""
    title = _HEAD.sub("", issue.title)
    head = _job(title.partition(" - ")[0])
    return head in failure.job_names and not _others(failure, read)


def _job(name: str) -> str:
    """A job's name without its shard, pictures and case; empty if it says nothing."""
    plain = _SPACES.sub(" ", _MARKS.sub(" ", name)).strip().lower()
    plain = _SHARD.sub("", plain)
    return plain if len(plain.split()) >= _JOB_WORDS else ""
