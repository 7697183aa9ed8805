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


@lru_cache(maxsize=4)
def filler(role: str, size: int) -> tuple[bytes, int]:
    """Harmless lines of about that size, and how many; their minute is left open."""
    lines: list[bytes] = []
    written = 0
    total = max(1, size // 110)
    while written < size:
        place = len(lines)
        if role == "build":
            text = (
                f"[{place}/{total}] Building CXX object caffe2/CMakeFiles/op{place}.o"
            )
        else:
            case = f"test_binary_ufuncs.py::TestBinaryUfuncsCPU::test_op{place}_cpu"
            text = (
                f"{case} PASSED [0.{place % 9000 + 1000}s] [{99 * place // total:3}%]"
            )
        second = 59 * written / size
        lines.append(MINUTE + f":{second:010.7f}Z {text}\n".encode())
        written += len(lines[-1]) + 15
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
