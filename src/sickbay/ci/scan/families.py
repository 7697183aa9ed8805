"""Families: what is the same test, and the same job but for shard and machine."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.builds import Attempt

_ROOTS = ("tests/", "test/")
_MACHINE = Pattern(
    r"(?i)\s*\([^()]*\)|^\s*(?:amd|intel|rocm|cuda|xpu|tpu|cpu|mi[0-9]{2,4}\w{0,8})"
    r"\s*(?:[:|]|- )\s*"
)
_SHARD = Pattern(
    r"(?i)\s*(?:%n|\b(?:shard|part)?\s*#?[0-9]{1,4}(?:\s*(?:/|of)\s*[0-9]{1,4})?)\s*$"
)
_EMOJI = Pattern(r":[a-z][a-z0-9_+-]{0,40}:\s*")


@lru_cache(maxsize=8192)
def canonical(test_id: str) -> str:
    """The id without the folder that it is relative to, where jobs differ in that."""
    plain = test_id.removeprefix("./")
    root = next((one for one in _ROOTS if plain.startswith(one)), "")
    return plain.removeprefix(root)


def spellings(test_ids: Iterable[str]) -> dict[str, str]:
    """For every canonical id, the spelling of it that says most."""
    found: dict[str, str] = {}
    for test_id in test_ids:
        key = canonical(test_id)
        found[key] = max(
            found.get(key, test_id), test_id, key=lambda one: (len(one), one)
        )
    return found


def file_of(test_id: str) -> str:
    """The file, or whatever stands for it, that holds a test."""
    return canonical(test_id).partition("::")[0]


def function_of(test_id: str) -> str:
    """The test without its parameters."""
    return canonical(test_id).partition("[")[0]


def without_shard(name: str) -> str:
    """The job's name without which of its shards it is."""
    return _SHARD.sub("", name) or name


@lru_cache(maxsize=8192)
def family(name: str) -> str:
    """The job's name without its shard, its machine and pictures."""
    plain = _MACHINE.sub("", _EMOJI.sub("", name))
    return without_shard(plain).strip().lower() or name


def host_of(attempt: Attempt) -> str | None:
    """The machine that an attempt ran on, or the agent if only that is known."""
    return attempt.host or attempt.runner
