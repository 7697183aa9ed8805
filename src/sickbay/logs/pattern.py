"""A regular expression that is compiled when it is first used.

A log speaks one or two test frameworks out of fifteen; compiling the patterns of
all of them at import would cost more than explaining a small log does.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pattern:
    """A lazily compiled ``re`` pattern over text.

    Lines are clipped to ``lines.MAX_TEXT`` characters before they get here, and
    patterns must not nest unbounded repeats, so that no line takes long.

    Args:
        pattern: Python ``re`` syntax.
        flags: As for ``re.compile``.
    """

    __slots__ = ("__dict__", "flags", "pattern")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self.flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self.flags)

    def match(self, text: str) -> re.Match[str] | None:
        """Match at the start of the text."""
        return self._compiled.match(text)

    def search(self, text: str) -> re.Match[str] | None:
        """Find the first match anywhere."""
        return self._compiled.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match the whole text."""
        return self._compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Find every match, left to right."""
        return self._compiled.finditer(text)

    def findall(self, text: str) -> list[tuple[str, ...]]:
        """The groups (two at least) of every match, left to right."""
        return self._compiled.findall(text)

    def sub(self, replacement: str, text: str) -> str:
        """Replace every match."""
        return self._compiled.sub(replacement, text)
