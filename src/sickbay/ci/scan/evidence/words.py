"""What the failures themselves say, and the logs around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim, is_dying
from sickbay.ci.scan.groups import cascaded
from sickbay.logs.pattern import Pattern
from sickbay.render.words import amount, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.scan.case import Case
    from sickbay.ci.scan.models import Occurrence, Trouble
    from sickbay.ci.scan.readings import Reading

_AT_ONCE_S = 30
_STEADY = frozenset({"ImportError", "SyntaxError", "IndentationError", "NameError"})
_TESTS = Pattern(r"\b(?:pytest|unittest|ctest|tox|nox|go test|cargo test|jest)\b")


def words(case: Case) -> Iterator[Claim]:
    """The message of the failure, by the rules that explain logs."""
    said = case.reading
    if said is not None:
        yield from _read(said, tests=bool(case.tests))
    if said is None or said.fault in {"code", "test"} or _lacks(said):
        yield from _test(case)
    if said is None and not case.tests and not case.deaths:
        yield from _whole(case.main, case)


def _lacks(said: Reading) -> bool:
    """Whether a package is missing, and no service that could not be reached."""
    return said.fault == "dependency" and not said.trouble


def session(case: Case) -> Iterator[Claim]:
    """A session that failed as a whole speaks of its environment."""
    hit = [item for item in case.items if item.report and cascaded(item.report)]
    if not hit or not case.tests or len(case.hosts) > 1:
        return
    counts = [item.report.tests.counts for item in hit if item.report]
    bad = sum(count.bad for count in counts)
    ran = bad + sum(count.passed for count in counts)
    text = f"{share(bad / ran)} of the {ran} tests of its session failed"
    trouble: Trouble = "sick_agent" if case.machine else "setup"
    yield Claim("INFRA_SUSPECTED", weights.SESSION, text, trouble)


def setup(case: Case) -> Iterator[Claim]:
    """A job that failed before any of its tests ran was not set up."""
    idle = [
        item for item in case.items if not (item.report and item.report.tests.sessions)
    ]
    if case.tests or len(idle) < len(case.items):
        return
    took = [
        item.attempt.duration_s for item in idle if item.attempt.duration_s is not None
    ]
    if took and max(took) <= _AT_ONCE_S:
        text = f"failed within {max(took):.0f} s, before any test ran"
        yield Claim("INFRA_SUSPECTED", weights.AT_ONCE, text, "setup")
    elif case.machine and any(
        _TESTS.search(item.attempt.command or "") for item in idle
    ):
        text = "none of its tests ran"
        yield Claim("INFRA_SUSPECTED", weights.NO_TESTS, text, "setup")


def _read(said: Reading, *, tests: bool) -> Iterator[Claim]:
    text = f"its words are those of: {said.rule}"
    if said.trouble == "timeout":
        weight = weights.DOUBTFUL_SAYS * said.weight
        yield Claim("NEW_REGRESSION", weight, text, "timeout")
        yield Claim("FLAKY_SUSPECTED", weight, text)
        yield Claim("INFRA_SUSPECTED", weight, text, "timeout")
    elif said.trouble == "flaky":
        yield Claim("FLAKY_SUSPECTED", weights.RACE_SAYS * said.weight, text)
    elif said.machine:
        weight = weights.MACHINE_SAYS * said.weight
        yield Claim("INFRA_SUSPECTED", weight, text, said.trouble)
    elif said.fault == "dependency" and said.trouble:
        weight = weights.PACKAGE_SAYS * said.weight
        yield Claim("INFRA_SUSPECTED", weight, text, said.trouble)
    elif said.fault == "configuration":
        yield Claim("NEEDS_HUMAN_TRIAGE", weights.CONFIGURED_SAYS * said.weight, text)
        yield Claim("NEW_REGRESSION", weights.CONFIGURED_SAYS * said.weight, text)
    elif said.fault == "code" and not tests:
        yield Claim("NEW_REGRESSION", weights.CODE_SAYS * said.weight, text)


def _test(case: Case) -> Iterator[Claim]:
    if not case.tests or is_dying(case.main):
        return
    hit = amount(len(case.tests), "test")
    what = case.main.exception or "no exception"
    text = f"{hit} failed by what the tests found ({what})"
    yield Claim("NEW_REGRESSION", weights.TEST_SAYS, text)
    if what.rpartition(".")[2] in _STEADY:
        text = f"{what} does not come and go"
        yield Claim("NEW_REGRESSION", weights.STEADY_SAYS, text)


def _whole(main: Occurrence, case: Case) -> Iterator[Claim]:
    """What the log as a whole was taken for; for want of that, a person has to look."""
    item = case.scene.failed[str(main.attempt.job_id)]
    if item.report is None:
        text = f"its log was not read: {item.why or 'there is none'}"
        yield Claim("NEEDS_HUMAN_TRIAGE", weights.NOTHING_SAYS, text)
        return
    verdict = item.report.verdict
    weight = weights.LOG_SAYS * verdict.confidence
    text = f"its log speaks of {verdict.category}: {verdict.reason}"
    if verdict.category == "infrastructure":
        yield Claim("INFRA_SUSPECTED", weight, text, "unknown")
    elif verdict.category in {"code", "test", "dependency"}:
        yield Claim("NEW_REGRESSION", weight, text)
    else:
        text = "no test is named, and nothing in its log says whose fault it is"
        yield Claim("NEEDS_HUMAN_TRIAGE", weights.NOTHING_SAYS, text)
