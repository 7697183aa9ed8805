"""Places in a record that each run fills anew: ``{{0.0078}}``, ``{{clock}}``."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = re.compile(r"\{\{([^{}]+)\}\}")
DIGITS = re.compile(r"(?<=[1-9a-f])[0-9a-f]")
HEX = "0x"


def filled(text: str, seed: object, known: Mapping[str, str] | None = None) -> str:
    """The text with its marks filled.

    Args:
        text: With marks.
        seed: Of the digits drawn for marked numbers; the first digit of each stays.
        known: What some marks stand for.
    """
    return MARK.sub(partial(_fill, seed, known or {}), text)


def _fill(seed: object, known: Mapping[str, str], mark: re.Match[str]) -> str:
    sample = mark[1]
    if sample in known:
        return known[sample]
    draws = chance(seed, sample)
    if sample.startswith(HEX):
        return (
            HEX
            + sample[2]
            + "".join(draws.choices("0123456789abcdef", k=_rest(2, sample)))
        )
    first = re.search("[1-9]", sample)
    start = first.end() if first else len(sample)
    tail = re.sub(r"\d", lambda _: str(draws.randrange(10)), sample[start:])
    return sample[:start] + tail


def _rest(prefix: int, sample: str) -> int:
    return len(sample) - prefix - 1
