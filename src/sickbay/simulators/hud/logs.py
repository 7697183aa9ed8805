"""The logs of the simulated jobs, as GitHub Actions writes them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from isal import igzip

from sickbay.simulators.hud.commits import REPO, iso
from sickbay.simulators.hud.failures import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.simulators.hud.runs import Run

KEPT_S = 5 * 86_400.0  # older logs are gone
SHORT = 12_000
MINUTE = b"\0"  # stands for the time in what all logs share
MINUTES = "2026-01-01T00:0"  # as long as what it stands for, but for itself
LAST = "Cleaning up orphan processes"


def opening(run: Run, sha: str) -> tuple[str, ...]:
    """What a job does before its own work."""
    kind = run.kind
    return (
        "Current runner version: '2.329.0'",
        "##[group]Runner Image Provisioner",
        "Hosted Compute Agent",
        "##[endgroup]",
        f"Runner name: '{run.runner_name}'",
        f"Runner group name: 'default', label {kind.runner}",
        "Prepare workflow directory",
        "Prepare all required actions",
        f"Complete job name: {kind.name}",
        "##[group]Run pytorch/test-infra/.github/actions/checkout",
        "with:",
        f"  repository: {REPO}",
        f"  ref: {sha}",
        "  submodules: recursive",
        "##[endgroup]",
        f"+ git checkout --progress --force {sha}",
        f"HEAD is now at {sha[:11]}",
        "##[group]Run set -ex",
        f"export BUILD_ENVIRONMENT={kind.environment or kind.name}",
        f"export TEST_CONFIG={kind.config or 'none'}",
        f"export SHARD_NUMBER={kind.shard or 1}",
        f"export NUM_TEST_SHARDS={kind.shards or 1}",
        "##[endgroup]",
        "+ .ci/pytorch/test.sh" if kind.role == "test" else "+ .ci/pytorch/build.sh",
    )


PREPARING: tuple[tuple[float, tuple[str, ...]], ...] = (
    (
        0.08,
        (
            "Cloning into '/home/runner/_work/pytorch/third_party/lib{0}'...",
            "remote: Counting objects: 100% ({0}/{0}), done.",
            "Submodule path 'third_party/lib{0}': checked out '{0:040x}'",
        ),
    ),
    (0.06, ("{0:012x}: Pull complete",)),
    (
        0.08,
        (
            "Requirement already satisfied: package{0}>=1.{0} in ./lib/python3.10",
            "Downloading package{0}-2.{0}-py3-none-any.whl ({0} kB)",
        ),
    ),
    (0.08, ("  inflating: build/custom_test_artifacts/op{0}.pt",)),
)
WORK = {
    "build": (
        "[{0}/{1}] Building CXX object caffe2/CMakeFiles/torch_cpu.dir/op{0}.cpp.o",
    ),
    "test": (
        "test_binary_ufuncs.py::TestBinaryUfuncsCPU::test_op{0}_cpu PASSED [0.{0:04}s]",
    ),
}


@lru_cache(maxsize=4)
def filler(role: str, size: int) -> tuple[bytes, int]:
    """Harmless lines of about that size, and how many; their minute is left open.

    First a job gets ready, in one step after the other; most of it is its own work.
    """
    lines: list[bytes] = []
    written, until = 0, 0.0
    total = max(1, size // 100)
    for share, kinds in (*PREPARING, (1.0, WORK.get(role, WORK["test"]))):
        until = min(until + share, 1.0)
        while written < until * size:
            text = kinds[len(lines) % len(kinds)].format(len(lines), total)
            second = 59 * written / size
            lines.append(MINUTE + f":{second:010.7f}Z {text}\n".encode())
            written += len(lines[-1]) + len(MINUTES)
    return b"".join(lines), len(lines)


def line_number(run: Run, size: int) -> int:
    """Where the line that HUD stores is in the log of a failed run, from 1."""
    place = record(run.failure).place if run.failure else 0
    shared = filler(run.kind.role, size or SHORT)[1]
    return len(opening(run, "")) + shared + place + 1


def text(run: Run, sha: str, size: int) -> bytes:
    """The whole log of a run."""
    start = run.started or run.created
    shared, _ = filler(run.kind.role, size or SHORT)
    minute = iso(start)[:16].encode()
    body = record(run.failure).lines if run.failure else ()
    end = (LAST,) if run.completed else ()
    return b"".join(
        (
            _stamped(opening(run, sha), start - 60),
            shared.replace(MINUTE, minute),
            _stamped((*body, *end), run.completed or start + 60),
        )
    )


@lru_cache(maxsize=48)
def stored(run: Run, sha: str, size: int) -> bytes:
    """The log as the store has it: compressed."""
    return igzip.compress(text(run, sha, size), compresslevel=1)


def _stamped(lines: Sequence[str], at: float) -> bytes:
    stamp = iso(at)[:19]
    return "".join(
        f"{stamp}.{1_000_000 + 137 * place:07}Z {line}\n"
        for place, line in enumerate(lines)
    ).encode()
