"""Places in a record that each run fills anew: ``{{0.0078}}``, ``{{clock}}``."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = re.compile(r"\{\{([^{}]+)\}\}")
KEPT = re.compile(r"0x0*[1-9a-f]|[^1-9]*[1-9]?")
DECIMAL, HEX = "0123456789", "0123456789abcdef"


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
    kept = KEPT.match(sample)
    place = kept.end() if kept else 0
    digits = HEX if sample.startswith("0x") else DECIMAL
    rest = (draws.choice(digits) if c in digits else c for c in sample[place:])
    return sample[:place] + "".join(rest)
