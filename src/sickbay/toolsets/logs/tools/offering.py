"""What ``logs`` offers besides tools: its rules to read, and names to complete."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from sickbay.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.toolsets.logs.source import Logs

MOST = 100
"""Names offered."""

MAX_NAMES = 5000
"""Names of a folder that are looked at."""

_LOGS = frozenset(("log", "passed", "failed"))


async def packs(source: Logs) -> str:
    """The packs of rules, and how many rules each has."""
    sizes = Counter(rule.pack for rule in source.rulebook.rules())
    return json.dumps([{"pack": name, "rules": sizes[name]} for name in sizes])


async def pack(source: Logs, pack: str) -> str:
    """The rules of one pack, as JSON.

    Raises:
        NotFound: There is no such pack.
    """
    rules = [rule for rule in source.rulebook.rules() if rule.pack == pack]
    if not rules:
        raise NotFound(f"there is no pack {pack[:80]}", hint="see sickbay://rules")
    rows = [
        {"name": rule.name, "pattern": rule.pattern, "category": rule.fault}
        for rule in rules
    ]
    return json.dumps(rows, indent=0)


def complete(source: Logs, argument: str, value: str) -> list[str]:
    """Names that an argument may go on to, the last used logs first."""
    if argument == "pack":
        names = sorted({rule.pack for rule in source.rulebook.rules()})
        return [name for name in names if name.startswith(value)]
    if argument not in _LOGS:
        return []
    handles = (entry.handle for entry in source.cache.entries())
    known = [handle for handle in handles if handle.startswith(value)]
    return [*known, *islice(_files(source, value), MOST)][:MOST]


def _files(source: Logs, value: str) -> Iterator[str]:
    """Files and folders that a path may go on to."""
    folder, _, begin = value.rpartition("/")
    folder = f"{folder}/" if "/" in value else ""
    if not source.roots.is_folder(folder or "."):
        return
    with (
        suppress(OSError),  # whoever may not look gets no help
        os.scandir(source.roots.folders[0] / folder) as entries,
    ):
        for entry in sorted(islice(entries, MAX_NAMES), key=lambda entry: entry.name):
            if entry.name.startswith(begin) and not entry.name.startswith("."):
                yield f"{folder}{entry.name}{'/' if entry.is_dir() else ''}"
