"""A build to scan, made by hand: jobs, attempts and logs as Buildkite writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sickbay.ci.builds import Attempt, Build
from sickbay.ci.scan.models import FailedJob, Issue, PastBuild
from sickbay.ci.scan.scan import scan
from sickbay.ci.states import buildkite_state
from sickbay.logs.explain import explain_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.ci.scan.models import Cause
    from sickbay.ci.states import Ending
    from sickbay.logs.report import Report

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASSERTION = "AssertionError: the logits of layer norm differ from the reference"

_BEGIN = """\
~~~ Preparing plugins
~~~ Running commands
+++ :test_tube: Command (1/1): pytest -v -s
============================= test session starts ==============================
platform linux -- Python 3.12.3, pytest-8.3.4, pluggy-1.5.0
collected {ran} items

"""
_END = """\
^^^ +++
\N{POLICE CARS REVOLVING LIGHT} Error: The command exited with status {status}
user command error: The plugin docker command hook exited with status {status}
"""


def pytest_log(
    failures: Mapping[str, str], *, passed: int = 20, status: int = 1
) -> bytes:
    """A log of a pytest session.

    Args:
        failures: The message of each failed test, ``Type: words``.
        passed: How many tests did not fail.
        status: That the command exited with.
    """
    lines = [_BEGIN.format(ran=passed + len(failures))]
    lines += [f"ok/test_ok.py::test_{n} PASSED\n" for n in range(passed)]
    lines += [f"{test} FAILED\n" for test in failures]
    lines.append(f"\n{' FAILURES ':=^80}\n")
    for test, message in failures.items():
        path, _, name = test.partition("::")
        lines.append(f"{' ' + name.replace('::', '.') + ' ':_^80}\n\n")
        lines.append(f"    def {name.partition('[')[0]}():\n>       run()\n")
        lines.append(f"E       {message}\n\n{path}:12: {message.partition(':')[0]}\n")
    lines.append(f"{' short test summary info ':=^80}\n")
    lines += [f"FAILED {test} - {message}\n" for test, message in failures.items()]
    bar = f" {len(failures)} failed, {passed} passed in 63.10s (0:01:03) "
    lines.append(f"{bar:=^80}\n")
    lines.append(_END.format(status=status))
    return "".join(lines).encode()


@lru_cache(maxsize=512)
def explained(log: bytes) -> Report:
    """The report on a log."""
    return explain_bytes(log, "log")


@dataclass
class Stage:
    """A build in the making.

    Attributes:
        attempts: Of all jobs.
        logs: Of the attempts that failed and have one, by their ids.
    """

    attempts: list[Attempt] = field(default_factory=list)
    logs: dict[str, bytes] = field(default_factory=dict)
    past: list[PastBuild] | None = None
    issues: list[Issue] | None = field(default_factory=list)

    def job(self, name: str, *, log: bytes | None = None, **more: Any) -> Attempt:  # noqa: ANN401 - as of an attempt
        """An attempt of a job; it failed with exit status 1 unless told otherwise."""
        word = more.pop("word", "failed")
        number = len(self.attempts) + 1
        more.setdefault("host", f"gpu-{number}")
        more.setdefault("duration_s", 900.0)
        if word == "failed":
            more.setdefault("exit_status", 1)
        made = Attempt(
            name=name,
            sha="c0ffee",
            state=buildkite_state(word),
            conclusion=word,
            job_id=more.pop("job_id", f"job-{number}"),
            command="pytest -v -s",
            **more,
        )
        self.attempts.append(made)
        if log is not None:
            self.logs[f"job-{number}"] = log
        return made

    def green(self, count: int, *, hosts: int = 20) -> None:
        """Jobs that passed, spread over as many machines."""
        for number in range(count):
            self.job(
                f"Green {number} Test", word="passed", host=f"gpu-{number % hosts}"
            )

    def before(self, name: str, *endings: Ending, host: str = "gpu-9") -> None:
        """How a job ended in the builds before, the newest first."""
        if self.past is None:
            self.past = []
        for back, ending in enumerate(endings, 1):
            while len(self.past) < back:
                number = 100 - len(self.past) - 1
                url = f"https://buildkite.test/acme/ci/builds/{number}"
                self.past.append(
                    PastBuild(number=number, url=url, endings={}, hosts={})
                )
            there = self.past[back - 1]
            assert isinstance(there.endings, dict)
            assert isinstance(there.hosts, dict)
            there.endings[name, None] = ending
            there.hosts[name, None] = host

    def issue(self, title: str, **more: Any) -> Issue:  # noqa: ANN401 - as of an issue
        """An issue of the tracker; open and tracked unless told otherwise."""
        more.setdefault("tracked", True)
        more.setdefault("created_at", NOW - timedelta(days=9))
        number = 7000 + len(self.issues or ())
        url = f"https://github.test/acme/ml/issues/{number}"
        made = Issue(number=number, title=title, url=url, **more)
        self.issues = [*(self.issues or ()), made]
        return made

    @property
    def build(self) -> Build:
        """The build."""
        return Build(
            organization="acme",
            pipeline="ci",
            number=100,
            url="https://buildkite.test/acme/ci/builds/100",
            attempts=tuple(self.attempts),
            finished_at=NOW,
        )

    def failed(self) -> list[FailedJob]:
        """Its failed attempts with the reports on their logs."""
        return [
            FailedJob(
                job=job,
                attempt=attempt,
                report=self._report(attempt),
                why=None if str(attempt.job_id) in self.logs else "it has no log",
            )
            for job in self.build.jobs
            for attempt in job.failed_attempts
        ]

    def _report(self, attempt: Attempt) -> Report | None:
        log = self.logs.get(str(attempt.job_id))
        return None if log is None else explained(log)

    def scan(self, failed: Iterable[FailedJob] | None = None) -> tuple[Cause, ...]:
        """The causes."""
        build = self.build
        found = list(self.failed() if failed is None else failed)
        return scan(build, found, past=self.past, issues=self.issues, now=NOW)

    def only(self) -> Cause:
        """The one cause that there is."""
        (cause,) = self.scan()
        return cause
