"""One rule's pattern in its three roles: to find, to confirm, to capture."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from sickbay.core.errors import BadRequest

MAX_MEMORY = 8 << 20
"""Bytes that RE2 may spend on one pattern's program and automaton."""

MAX_BACKTRACK_LINE = 2048
"""Bytes of a line that Python's own ``re`` may see: its time can be exponential."""

try:
    import re2
except ImportError:  # pragma: no cover - no wheel for this platform
    re2 = None


_ERRORS = (re.error, re2.error) if re2 else (re.error,)


class Expression:
    """A pattern over the bytes of one line, compiled when first needed.

    RE2 answers in time linear in the line. Where RE2 has no wheel, Python's ``re``
    stands in, for lines up to ``MAX_BACKTRACK_LINE`` bytes.

    Args:
        pattern: RE2 syntax.
        or_whole: Capture the whole match also when it has groups and none took part.
    """

    __slots__ = ("__dict__", "_or_whole", "pattern")

    def __init__(self, pattern: str, *, or_whole: bool = False) -> None:
        self.pattern = pattern
        self._or_whole = or_whole

    @cached_property
    def _compiled(self) -> Any:  # noqa: ANN401 - RE2 ships no types
        return compiled(self.pattern)

    def captures(self, line: bytes) -> tuple[str, ...] | None:
        """The groups that took part, or the whole match when there are none.

        Returns:
            ``None`` when the line does not match.
        """
        if re2 is None and len(line) > MAX_BACKTRACK_LINE:
            return None
        found = self._compiled.search(line)
        if found is None:
            return None
        groups = [group for group in found.groups() if group is not None]
        if not self._compiled.groups or (self._or_whole and not groups):
            groups = [found.group()]
        return tuple(group.decode("utf-8", "replace") for group in groups)


def compiled(pattern: str, memory: int = MAX_MEMORY) -> Any:  # noqa: ANN401 - RE2 ships no types
    """Compile a pattern over bytes.

    Args:
        pattern: RE2 syntax.
        memory: Bytes that RE2 may spend on it.

    Raises:
        BadRequest: The pattern is not RE2 syntax, or takes too much memory.
    """
    raw = pattern.encode()
    try:
        if re2 is None:
            return re.compile(raw)
        return re2.compile(raw, _options(memory))
    except _ERRORS as exc:
        reason = exc.args[0] if exc.args else exc
        text = (
            reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        )
        raise BadRequest(f"bad pattern {pattern!r}: {text}") from exc


def _options(memory: int) -> Any:  # noqa: ANN401 - RE2 ships no types
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = memory
    options.log_errors = False
    return options
