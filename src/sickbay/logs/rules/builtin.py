"""The built-in packs, read once per version of them and kept for the next start."""

from __future__ import annotations

import pkgutil
from typing import TYPE_CHECKING

from sickbay.logs.recall import recalled
from sickbay.logs.rules.model import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.recall import Cache

PACKS = (
    "pytorch",
    "runners",
    "system",
    "containers",
    "cloud",
    "network",
    "packaging",
    "git",
    "compilers",
    "python",
    "builds",
    "linters",
    "configuration",
    "languages",
    "general",
)
"""The built-in packs; among rules of one weight, the earlier pack has priority."""


def builtin_rules(cache: Cache | None = None) -> tuple[Rule, ...]:
    """The rules of all packs: the heaviest first, then in the order of the packs.

    Args:
        cache: Where the rules are kept once read: TOML takes 50 ms, this 3 ms.
    """
    texts = [pkgutil.get_data("sickbay.logs.packs", f"{p}.toml") or b"" for p in PACKS]
    return recalled(cache, "packs", texts, Rule, lambda: _read(texts))


def _read(texts: Sequence[bytes]) -> tuple[Rule, ...]:
    from sickbay.logs.rules.load import read_pack  # noqa: PLC0415 - brings TOML along

    rules = [
        rule
        for pack, text in zip(PACKS, texts, strict=True)
        for rule in read_pack(text.decode(), pack)
    ]
    return tuple(sorted(rules, key=lambda rule: -rule.weight))
