"""Which files are to become one: small ones soon, large ones seldom."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FAN_IN = 10
"""So many files of about the same size become one.

A row is written again about once for each power of this that the table has rows.
"""


def overdue(rows: Mapping[str, int]) -> frozenset[str]:
    """Files that are to become one now; none while there are few.

    A size-tiered merge, as in O'Neil et al., "The Log-Structured Merge-Tree" (1996).

    Args:
        rows: How many each file has.
    """
    tiers: dict[int, list[str]] = defaultdict(list)
    for name, count in rows.items():
        tiers[int(math.log(max(count, 1), FAN_IN))].append(name)
    full = [tier for tier, names in tiers.items() if len(names) >= FAN_IN]
    if not full:
        return frozenset()
    return frozenset(
        name for tier, names in tiers.items() if tier <= max(full) for name in names
    )
