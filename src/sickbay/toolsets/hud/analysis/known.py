"""What people know of failures, as the triage wants it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sickbay.ci.inputs import DisabledTest, FlakyRule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.clients.hud import models as listed

_TEST = re.compile(r"(?P<name>\S{1,400}) \((?:__main__\.)?(?P<suite>[^()]{1,200})\)")


def flaky_rules(found: Iterable[listed.FlakyRule] | None) -> list[FlakyRule] | None:
    """The rules of known flakiness; None where they are not to be had."""
    if found is None:
        return None
    return [FlakyRule(name=rule.name, captures=rule.captures) for rule in found]


def disabled_tests(
    found: Iterable[listed.DisabledTest] | None,
) -> list[DisabledTest] | None:
    """The disabled tests; None where they are not to be had."""
    if found is None:
        return None
    return [
        DisabledTest(
            name=match["name"],
            suite=match["suite"],
            issue=int(item.issue) if item.issue.isdecimal() else None,
            platforms=frozenset(word.lower() for word in item.platforms),
        )
        for item in found
        if (match := _TEST.fullmatch(item.name))
    ]
