"""Groups of jobs: the columns that a person looks at first."""

from __future__ import annotations

import re
from functools import lru_cache

from sickbay.ci.names import is_mem_leak, is_rerun_disabled, is_unstable

OTHER = "Other"

_BY_MARK = {
    "Unstable": is_unstable,
    "Mem leak": is_mem_leak,
    "Rerun disabled": is_rerun_disabled,
}
_BY_NAME = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "Lint": r"^lint|lintrunner|quick-checks|^bc_lint|test collect_env",
        "Docs": r"docs",
        "Docker": r"docker",
        "Binary wheels": r"binar\S* / .*wheel",
        "Binary libtorch": r"binar\S* / .*libtorch",
        "Binary conda": r"binar\S* / .*conda",
        "Binary": r"binar|nightly",
        "Benchmarks": r"perf|benchmark|torchbench-",
        "Inductor periodic": r"^inductor-periodic",
        "Inductor": r"^inductor|inductor",
        "Slow": r"^slow|/ slow",
        "ROCm periodic": r"^(?=periodic).*rocm",
        "ROCm": r"rocm",
        "XPU": r"\bxpu\b",
        "Periodic": r"^periodic",
        "Android": r"android",
        "iOS": r"\bios\b",
        "Mac MPS": r"\bmps\b",
        "Mac": r"\bmac(?:os)?\b",
        "Windows CUDA": r"^(?=.*\bwin).*cuda",
        "Windows": r"\bwin(?:dows)?\b",
        "s390x": r"s390",
        "Linux aarch64": r"aarch64|arm64",
        "XLA": r"\bxla\b",
        "Bazel": r"bazel",
        "Sanitizers": r"\basan\b|\btsan\b",
        "ONNX": r"onnx",
        "Dynamo": r"dynamo",
        "Distributed": r"distributed|multigpu",
        "Libtorch": r"libtorch",
        "Linux CUDA": r"cuda",
        "Linux": r"linux|focal|jammy|noble",
    }.items()
}

GROUPS: tuple[str, ...] = (*_BY_NAME, OTHER, *_BY_MARK)
"""In the order in which they are shown; the first pattern that fits decides."""


@lru_cache(maxsize=4096)
def group_of(name: str) -> str:
    """The group of a job by its full name."""
    marked = (group for group, fits in _BY_MARK.items() if fits(name))
    named = (group for group, fits in _BY_NAME.items() if fits.search(name))
    return next(marked, None) or next(named, OTHER)
