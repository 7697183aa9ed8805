"""Which test a caller means, however its id is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEAREST = 3
_LAST = re.compile(r"::|[/.]")


def tail_of(test_id: str) -> str:
    """What every spelling of an id ends with: the test itself and its parameters."""
    head, sign, parameters = test_id.strip().partition("[")
    return f"{_LAST.split(head)[-1]}{sign}{parameters}"


def meant(wanted: str, known: Sequence[str]) -> list[str]:
    """The ids that a spelling can mean: itself, or those of which one ends the other.

    Args:
        wanted: As somebody wrote it: from another folder, or with fewer folders, and
            with other signs between file, class and test.
        known: Ids as they are kept.
    """
    if wanted in known:
        return [wanted]
    asked = f".{_dotted(wanted)}"
    return [one for one in known if _alike(asked, f".{_dotted(one)}")]


def _alike(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


def _dotted(test_id: str) -> str:
    """``a/test_b.py::C::test_d`` as ``a.test_b.C.test_d``, which some CIs write."""
    head, sign, parameters = test_id.partition("[")
    plain = head.replace(".py::", ".").replace("::", ".").replace("/", ".")
    return f"{plain.lstrip('.')}{sign}{parameters}"


def nearest(wanted: str, known: Sequence[str]) -> list[str]:
    """The ids that look most like it."""
    from rapidfuzz import process  # noqa: PLC0415 - only when nothing is found

    found = process.extract(wanted, known, limit=NEAREST, score_cutoff=40)
    return [name for name, _, _ in found]
