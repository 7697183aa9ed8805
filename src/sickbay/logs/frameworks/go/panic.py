"""Which tests were running when a Go test binary panicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_RUNNING = Pattern(r"\s+((?:Test|Example|Fuzz|Benchmark)\S*) \(\d[^)]*\)$")
_CALL = Pattern(r"(\S+?)(?:_test)?\.((?:Test|Fuzz|Example|Benchmark)\w*)(?:[.(]|$)")


def running(texts: Sequence[str], *, package: str, started: Sequence[str]) -> list[str]:
    """Names of the tests that were running, without the parents of others.

    Args:
        texts: The panic's dump. Newer Go lists the running tests in it; else they are
            in its frames.
        package: The package, ``""`` when unknown.
        started: Tests that started and did not end, where ``-v`` shows that.
    """
    names = [match[1] for text in texts if (match := _RUNNING.match(text))]
    names = names or list(started) or _in_frames(texts, package)
    unique = list(dict.fromkeys(names))
    parents = {name.rpartition("/")[0] for name in unique}
    return [name for name in unique if name not in parents]


def _in_frames(texts: Sequence[str], package: str) -> list[str]:
    calls = [match for text in texts if (match := _CALL.match(text))]
    return [match[2] for match in calls if package in ("", match[1])]
