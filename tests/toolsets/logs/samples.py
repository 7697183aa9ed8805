"""Logs made up for the tests of the toolset, and a server that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from sickbay.clients.store import FileCache
from sickbay.logs.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WORDS = ("amber", "birch", "coral", "delta", "ember", "frost", "grove", "heath")


def settings(folder: Path) -> Mapping[str, Any]:
    """Settings of a server whose rules need not be compiled once more."""
    found = catalogue(cache=FileCache())
    assert found.engine
    cache = folder / "cache"
    cache.mkdir(parents=True)
    (cache / "rules").symlink_to(user_cache_path("sickbay") / "rules")
    return {"cache": cache, "state": folder / "state", "toolsets": "logs"}


def failing_log(failures: int) -> str:
    """What pytest prints when so many tests fail, each of something else."""
    names = [
        f"test_{WORDS[n % 8]}_{WORDS[n // 8 % 8]}_{WORDS[n // 64 % 8]}"
        for n in range(failures)
    ]
    head = (
        f"{' test session starts ':=^80}\n"
        "platform linux -- Python 3.12.1, pytest-8.4.0, pluggy-1.6.0\n"
        "rootdir: /build\n"
        f"collected {failures + 1} items\n\n"
        f"test_ward.py {'F' * failures}. [100%]\n\n"
        f"{' FAILURES ':=^80}\n"
    )
    blocks = [
        f"{f' {name} ':_^80}\n\n"
        f"    def {name}():\n"
        f">       assert ward({name!r}) is None\n"
        f"E       LookupError: no bed called {name} in the ward of {WORDS[n % 8]}\n\n"
        f"test_ward.py:{n + 3}: LookupError\n"
        for n, name in enumerate(names)
    ]
    rows = [
        f"FAILED test_ward.py::{name} - LookupError: no bed called {name} in the ward\n"
        for name in names
    ]
    summary = f"{' short test summary info ':=^80}\n"
    end = f"{f' {failures} failed, 1 passed in 2.34s ':=^80}\n"
    return "".join([head, *blocks, summary, *rows, end])


def github_log(steps: int) -> str:
    """A job of many steps on GitHub Actions, the last of which fails."""
    stamp = "2026-05-01T10:00:{:02d}.0000000Z "
    lines = ["Current runner version: '2.330.0'"]
    for n in range(steps):
        lines += [
            f"##[group]Run ./step-{WORDS[n % 8]} {n}",
            f"./step-{WORDS[n % 8]} {n}",
            "##[endgroup]",
            f"\x1b[32mstep {n} works\x1b[0m",
            f"warning: step {n} is slow",
        ]
    lines += [
        "ward.c:7:3: error: 'bed' undeclared (first use in this function)",
        "##[error]Process completed with exit code 2.",
    ]
    stamped = [stamp.format(n % 60) + line for n, line in enumerate(lines)]
    return "\n".join(stamped) + "\n"
