"""What the CI says of how the attempts ended."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.scan.case import Case

_MANY = 5
"""So many families of jobs do not hang at once."""
_FAMILIES = 3


def exits(case: Case) -> Iterator[Claim]:
    """Exit statuses, signals and states: one claim for how most of them ended."""
    if not case.deaths:
        return
    ends = Counter(found.words for found in case.deaths)
    words, count = ends.most_common(1)[0]
    died = next(found for found in case.deaths if found.words == words)
    text = f"{words} ({amount(count, 'job')})" if count > 1 else words
    for category, weight in died.weights.items():
        yield Claim(category, weight, text, died.trouble)
    late = len(case.scene.out_of_time)
    if died.trouble == "timeout" and late >= _MANY:
        text = f"jobs of {late} kinds ran into their time limits in this build"
        yield Claim("INFRA_SUSPECTED", weights.MANY_OUT_OF_TIME, text, "timeout")
    if died.trouble == "out_of_memory" and len(case.hosts) >= _FAMILIES:
        text = f"killed alike on {len(case.hosts)} machines"
        yield Claim("NEW_REGRESSION", weights.HARDLY_CODE, text)
