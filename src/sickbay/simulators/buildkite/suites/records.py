"""What a suite said when it was run."""

from __future__ import annotations

import re
from functools import lru_cache

from sickbay.simulators.buildkite.suites.catalogue import FOLDER
from sickbay.simulators.buildkite.suites.marks import filled

MORE = "{{more}}"
"""The line of a record at which a test may say any amount more."""


@lru_cache(maxsize=64)
def record(suite: str, way: str) -> str:
    """The output as it was recorded, with its marks."""
    path = FOLDER / f"recorded/{suite}.{way}.txt"
    return path.read_bytes().decode()


def lines(
    suite: str, way: str, seed: object, *, took: str, clock: str
) -> tuple[str, ...]:
    """The output in lines; one of them may be ``MORE``.

    Args:
        suite: Its key.
        way: How it failed.
        seed: Of the numbers in it.
        took: How long it is to say that it took: ``12.3s``.
        clock: The time of day in its lines.
    """
    known = {"took": took, "clock": clock, "more": MORE}
    return tuple(filled(record(suite, way), seed, known).split("\n"))


def junit(suite: str, way: str, seed: object) -> bytes | None:
    """The JUnit file of the same run; None if it left none."""
    path = FOLDER / f"recorded/{suite}.{way}.xml"
    if not path.is_file():
        return None
    return filled(path.read_text("utf-8"), seed, {"clock": "11-21 10:00:00"}).encode()


def plain(text: str) -> str:
    """The text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
