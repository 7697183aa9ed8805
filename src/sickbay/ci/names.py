"""What a PyTorch job's name says: workflow, test configuration, machine.

A full name is ``workflow / job``; a test job ends with its configuration, as in
``pull / linux-jammy-py3.9 / test (default, 1, 5, lf.linux.2xlarge, unstable)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SEPARATOR = " / "
_CONFIG = re.compile(r"\(([^(),]+), (\d{1,6}), (\d{1,6}), ([^(),]+)((?:, [^(),]+)*)\)$")
_OTHER_WORK = ("mem_leak_check", "rerun_disabled_tests")
_FLEETS = re.compile(r"(?<=[ (])(?:lf\.|ephemeral\.)+")
_STRICT_WORKFLOWS = {"pull", "trunk", "lint", "linux-aarch64", "docs-build"}

_PLATFORMS = {
    "rocm": re.compile(r"rocm"),
    "xpu": re.compile(r"\bxpu\b"),
    "s390x": re.compile(r"s390"),
    "windows": re.compile(r"\bwin(?:dows)?\b"),
    "mac": re.compile(r"\bmac(?:os)?\b"),
    "ios": re.compile(r"\bios\b"),
    "android": re.compile(r"\bandroid\b"),
    "aarch64": re.compile(r"\b(?:aarch64|arm64)\b"),
}
_MODES = {
    "asan": re.compile(r"\basan\b"),
    "dynamo": re.compile(r"\bdynamo"),
    "inductor": re.compile(r"\binductor"),
    "slow": re.compile(r"\bslow\b"),
    "crossref": re.compile(r"\bcrossref\b"),
}
_NOT_LINUX = {"windows", "mac", "ios"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobName:
    """A job's name in parts.

    Attributes:
        workflow: What is before the first slash; empty if there is none.
        job: The rest, configuration included.
        config: Of a test job, such as ``default`` or ``distributed``.
        shard: From 1, of ``shards``.
        runner: Label of the machine that it asks for.
        marks: What else the configuration says, such as ``unstable``.
    """

    full: str
    workflow: str
    job: str
    config: str | None = None
    shard: int | None = None
    shards: int | None = None
    runner: str | None = None
    marks: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def parsed(name: str) -> JobName:
    """The name in parts."""
    workflow, separator, job = name.partition(_SEPARATOR)
    if not separator:
        workflow, job = "", name
    found = _CONFIG.search(name)
    if found is None:
        return JobName(full=name, workflow=workflow, job=job)
    config, shard, shards, runner, marks = found.groups()
    return JobName(
        full=name,
        workflow=workflow,
        job=job,
        config=config,
        shard=int(shard),
        shards=int(shards),
        runner=runner,
        marks=tuple(marks.split(", ")[1:]),
    )


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """The name that all shards of a job share, whatever machines they run on.

    Runs that look for memory leaks or rerun disabled tests do other work than the job
    that they are named after, so they keep those marks.
    """
    found = _CONFIG.search(name)
    if found is None:
        return name
    marks = [mark for mark in parsed(name).marks if mark in _OTHER_WORK]
    return f"{name[: found.start()]}({', '.join((found[1], *marks))})"


def without_fleet(name: str) -> str:
    """The name without whose machines it runs on: the same job is the same on both."""
    return _FLEETS.sub("", name)


@lru_cache(maxsize=4096)
def platform(name: str) -> str:
    """What it runs on; Linux where the name says nothing else."""
    lower = name.lower()
    words = (word for word, pattern in _PLATFORMS.items() if pattern.search(lower))
    return next(words, "linux")


def platforms(name: str) -> frozenset[str]:
    """Every word by which an issue may disable a test on this job.

    A test that is disabled on Linux is disabled on Linux with ROCm too.
    """
    lower = name.lower()
    words = {platform(name)}
    words |= {word for word, pattern in _MODES.items() if pattern.search(lower)}
    words |= set() if words & _NOT_LINUX else {"linux"}
    words |= {"macos"} if "mac" in words else set()
    words |= {"win"} if "windows" in words else set()
    return frozenset(words)


def is_unstable(name: str) -> bool:
    """Whether its failures are known, and watched rather than mended."""
    return "unstable" in name


def is_rerun_disabled(name: str) -> bool:
    """Whether it runs the tests that are disabled elsewhere."""
    return ", rerun_" in name


def is_mem_leak(name: str) -> bool:
    """Whether it looks for memory leaks."""
    return ", mem_leak" in name


def blocks_strict(name: str) -> bool:
    """Whether the viable/strict branch waits for it."""
    if is_unstable(name) or is_rerun_disabled(name) or is_mem_leak(name):
        return False
    return "(L4)" in name or parsed(name).workflow.lower() in _STRICT_WORKFLOWS
