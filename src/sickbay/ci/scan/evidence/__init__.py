"""Every kind of evidence, one module each: a case in, claims with their weights out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.scan.evidence.exits import exits
from sickbay.ci.scan.evidence.hosts import hosts
from sickbay.ci.scan.evidence.past import past
from sickbay.ci.scan.evidence.retries import retries
from sickbay.ci.scan.evidence.tracker import tracker
from sickbay.ci.scan.evidence.words import session, setup, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.scan.case import Case, Claim

_KINDS = (exits, hosts, session, retries, past, tracker, setup, words)


def claims(case: Case) -> Iterator[Claim]:
    """All that speaks for or against a category."""
    for kind in _KINDS:
        yield from kind(case)
