"""How much each piece of evidence weighs, in natural log odds.

0.7 doubles the odds, 2.3 makes them ten times as high, 4.6 a hundred times. Evidence
that two categories would leave alike weighs nothing for either against the other. They
are judgements on failures of any build, not fitted to one; the documentation says how
often the verdicts that they lead to were right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.ci.scan.models import Category, Level

PRIOR: Mapping[Category, float] = {
    "NEW_REGRESSION": 0.0,
    "FLAKY_SUSPECTED": 0.0,
    "INFRA_SUSPECTED": -0.6,
    "KNOWN_TRACKED": -1.0,
    "NEEDS_HUMAN_TRIAGE": -0.5,
}
"""What a failure is before anything is known of it; without an issue it is never
KNOWN_TRACKED."""

LEVELS: tuple[tuple[float, Level], ...] = (
    (0.85, "high"),
    (0.6, "medium"),
    (0.0, "low"),
)
"""The confidence from which on it is called so."""

# How the attempt died: facts of the CI, not words of a log.
AGENT_LOST = 4.5
"""Exit status -1, a stopped agent, or none that took the job."""
KILLED = 2.5
"""SIGKILL: nothing in a test does that to its own process; the kernel does."""
NOT_STARTED = 2.5
"""125: the container engine could not start the container."""
NO_COMMAND = 0.7
"""126, 127: the command is not there, by a change of the job or a broken image."""
CRASHED = 1.8
"""A crash by its own doing: segmentation fault, abort, illegal instruction."""
TOLD_TO_STOP = 0.8
"""SIGTERM or a cancellation without a reason."""
OUT_OF_TIME: Mapping[Category, float] = {
    "NEW_REGRESSION": 0.8,
    "INFRA_SUSPECTED": 0.8,
    "FLAKY_SUSPECTED": 0.3,
}
"""A time limit: a test that hangs, or a machine that is slow."""
MANY_OUT_OF_TIME = 2.5
"""Several families of jobs in one build: the fleet is slow, not all of the tests."""

# Where it failed.
SICK_HOST_LEAST = 1.0
SICK_HOST_MOST = 4.0
"""Failures crowd on one machine; between the two, by how unlikely that is by chance."""
SICK_HOST_BEFORE = 1.5
"""The same job failed on this machine before, and passed on others."""
SEVERAL_HOSTS = 1.0
MANY_HOSTS = 1.6
"""The same failure on two machines, on three or more: it moves with the code."""
HARDLY_CODE = 0.5
"""The same where the words are of machines: many machines are seldom sick at once."""
MEMORY_EVERYWHERE = 2.5
"""The same where the words are of memory: it is the code that asks for too much."""
OUTAGE = 2.5
"""Jobs of several families on several machines miss the same service."""

# What became of it when it was tried again.
PASSED_ON_RETRY = 4.0
SOME_PASSED_ON_RETRY = 0.4
"""All of its jobs passed in the end; the share of that if hardly any did."""
BROKEN_PASSES = -1.5
"""What is broken does not pass: by the same share, against a regression."""
MACHINE_ON_RETRY = 1.5
"""It passed on another attempt, and its words are of the machine."""
FAILED_AGAIN = 1.1
FAILED_AGAIN_MOST = 2.2
"""The same failure in each attempt: for each after the first, and at most."""
AGAIN_ELSEWHERE = 0.3
"""On top, if the attempts ran on different machines."""
TEST_FAILED_AGAIN = 0.8
"""The framework tried the test again, and it failed each time."""
TEST_PASSED_ELSEWHERE = 2.0
"""The framework tried the same test again in another job, and it passed."""

# What earlier builds say. They speak of jobs: another test may have failed there.
PAST = 0.9
PAST_MOST = 2.5
"""What is left of their log odds for that, and at most."""
ANY_JOB = (0.2, 4.0)
"""The rate at which a job fails that nobody broke: a beta distribution."""
FLAKY_JOB = (1.0, 3.0)
"""The rate at which a flaky job fails: the same."""
HALF_LIFE = 0.6
"""So many builds later half of what broke is still broken."""
BROKEN_PASSES_ONCE = 0.02
"""The probability that something broken passes in a build."""

# What the tests and the log say.
SESSION = 1.6
"""More than 80 % of the tests of a session failed."""
TEST_SAYS = 1.0
"""A test failed, and what it says is of no machine."""
STEADY_SAYS = 1.5
"""On top, where the exception is one that does not come and go: a missing import."""
CODE_SAYS = 1.2
"""The words are those of a fault in the code."""
MACHINE_SAYS = 2.6
"""The words are those of a broken machine or service; times the weight of the rule."""
PACKAGE_SAYS = 1.6
"""The words are those of a package or image that could not be had; the same."""
DOUBTFUL_SAYS = 0.7
"""The words may mean a hang, a race or a slow machine: a time-out, for each."""
RACE_SAYS = 1.3
"""The words are those of a race between tests or processes: a port that is taken."""
LOG_SAYS = 1.0
"""What the whole log was taken for, if nothing more precise is known."""
CONFIGURED_SAYS = 0.7
NO_TESTS = 0.8
"""The job has a command for tests, and none ran."""
AT_ONCE = 1.5
"""It failed within seconds, before any test ran."""
NOTHING_SAYS = 1.5
"""No log, or nothing in it that says why."""

# What the tracker says.
ISSUE = 5.0
"""An open, tracked issue is about it; times the score of the match, and on top of what
speaks for the kind of failure that it is."""
ISSUE_BESIDE = 0.3
"""What is left of that where the machine died under the test."""
ISSUES_UNSEEN = 0.6
"""The issues were not to be had: of all failures of the code, many are known."""
BACK = 0.3
"""A closed issue is about it."""
