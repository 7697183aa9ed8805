"""Pasts of a test, written as a line: one letter a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.history.models import BuildPoint, Observation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.ci.history.models import Outcome

LETTERS: Mapping[str, Outcome] = {
    ".": "pass",
    "F": "fail",
    "~": "flaky",
    "i": "infra",
    "-": "absent",
}


def build(number: int) -> BuildPoint:
    """Build 100 and on, each of a commit of its own."""
    shown = 100 + number
    return BuildPoint(build_id=f"ci:{shown}", number=str(shown), sha=f"{shown:08d}")


def told(line: str, signature: str = "same") -> tuple[Observation, ...]:
    """``.`` passed, ``F`` failed, ``~`` flaky, ``i`` infra, ``-`` absent."""
    return tuple(
        Observation(
            build=build(at),
            outcome=LETTERS[letter],
            signature=signature if letter in "F~" else "",
        )
        for at, letter in enumerate(line)
    )
