"""What a caller looks for in a log: a plain text, or a pattern in linear time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import BadRequest, Unsupported
from sickbay.logs.rules.complaint import complaint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

try:
    import re2
except ImportError:  # pragma: no cover - no wheel for this platform
    re2 = None

MAX_PATTERN = 1000
"""Characters of a caller's pattern."""

MEMORY = 512 << 10
"""Bytes that a pattern may take while it is compiled: more could take it minutes."""

MAX_QUOTED = 200
"""Characters of a pattern that an error quotes."""

MEMORY_TOGETHER = 2 << 20

MAX_SIZE = 5000
"""Steps of a compiled pattern: at worst, every byte takes as many."""

MAX_TOGETHER = 20_000
"""Steps of several patterns that are looked for at once."""

_TOKEN = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.", re.DOTALL)
_SPECIAL = re.compile(r"[!-/:-@\[-^`{-~]")
_RE2 = {r"\Z": r"\z"}
_BOUNDS = {r"\A": "^", r"\z": "$"}
_SINGLE_LINE = re.compile(r"\(\?[a-zA-Z]*-[a-zA-Z]*m")
_NO_SUCH = (
    (re.compile(r"\(\?<?[=!]"), "look-around"),
    (re.compile(r"\\[1-9]|\(\?P="), "back references"),
    (re.compile(r"\(\?>|[*+?}]\+"), "possessive groups and repeats"),
)


@dataclass(frozen=True, slots=True)
class Needle:
    """Finds lines that hold a text, or match a pattern.

    Every line stands for itself: no match goes over a line end, and ``^`` and ``$``
    are the ends of a line.

    Args:
        pattern: What the caller asked for.
        source: The same as RE2 takes it.
        plain: The same as bytes, where it is a text in its own case.
        engine: The compiled source, where it is not.
    """

    pattern: str
    source: str
    plain: bytes = b""
    engine: Any = None

    @property
    def size(self) -> int:
        """Steps of the compiled pattern."""
        return self.engine.programsize if self.engine else len(self.plain)

    def find(self, block: bytes, start: int = 0) -> int:
        """Where the first match at or after an offset begins, -1 for nowhere."""
        if self.engine is None:
            return block.find(self.plain, start)
        match = self.engine.search(block, start)
        return match.start() if match else -1

    def lines(self, block: bytes, start: int = 0) -> Iterator[tuple[int, int, int]]:
        """Every line with a match: where it starts and ends, and where the match is.

        Args:
            block: Whole lines.
            start: Where the first line to look at starts.
        """
        while start < len(block) and (at := self.find(block, start)) >= 0:
            begin = block.rfind(b"\n", 0, at) + 1
            if begin >= len(block):
                return  # the nothing after the last line end
            end = block.find(b"\n", at)
            end = len(block) if end < 0 else end
            yield begin, end, at
            start = end + 1

    def captures(self, line: bytes) -> tuple[str, ...]:
        """What the groups of the pattern hold on a line; a plain text has none."""
        match = self.engine.search(line) if self.engine else None
        groups = match.groups() if match else ()
        return tuple((group or b"").decode("utf-8", "replace") for group in groups)


def needle(pattern: str, *, literal: bool = False, ignore_case: bool = False) -> Needle:
    """Make a needle of what a caller asks for.

    Args:
        pattern: RE2 syntax, or the text itself.
        literal: Whether it is a text.
        ignore_case: Whether upper and lower case are the same.

    Raises:
        BadRequest: It cannot be looked for; says where it is wrong, and what to do.
        Unsupported: It needs RE2, which is not there.
    """
    if not pattern:
        raise BadRequest("the pattern is empty", hint="it would match every line")
    if len(pattern) > MAX_PATTERN:
        raise BadRequest(
            f"the pattern has {len(pattern)} characters, {MAX_PATTERN} are allowed",
            hint="look for one thing at a time",
        )
    if literal and ("\n" in pattern or "\r" in pattern):
        raise BadRequest(
            "the text has a line end in it", hint="lines are searched one by one"
        )
    if literal:  # half a character is found nowhere
        pattern = pattern.encode("utf-8", "replace").decode()
    source = _quoted(pattern) if literal else _checked(pattern)
    if ignore_case:
        source = f"(?i:{source})"
    if literal and not ignore_case:
        return Needle(pattern, source, plain=pattern.encode())
    found = Needle(pattern, source, engine=_compiled(source, pattern))
    if found.size > MAX_SIZE:
        raise _too_large(pattern)
    return found


def any_of(needles: Sequence[Needle]) -> Needle:
    """What finds every line that one of several needles is on.

    Raises:
        BadRequest: All of them together are too large.
    """
    if len(needles) == 1:
        return needles[0]
    shown = " | ".join(needle.pattern for needle in needles)
    if sum(needle.size for needle in needles) > MAX_TOGETHER:
        raise _too_large(shown)
    source = "|".join(f"(?:{needle.source})" for needle in needles)
    return Needle(shown, source, engine=_compiled(source, shown, MEMORY_TOGETHER))


def _compiled(source: str, shown: str, memory: int = MEMORY) -> Any:  # noqa: ANN401 - RE2 ships no types
    if re2 is None:  # pragma: no cover - see above
        raise Unsupported(
            "patterns need the package google-re2",
            hint="look for a literal text with its own case",
        )
    options = re2.Options()
    if source.isascii():  # it need not care what bytes beyond ASCII mean
        options.encoding = re2.Options.Encoding.LATIN1
    options.never_nl = True
    options.max_mem = memory
    options.log_errors = False
    try:
        return re2.compile(f"(?m:{source})".encode(), options)
    except re2.error as exc:
        raise _too_large(shown) from exc


def _too_large(pattern: str) -> BadRequest:
    return BadRequest(
        f"the pattern is too large: {pattern[:MAX_QUOTED]!r}",
        hint="repeat less, such as {1,20} in place of {1,1000}",
    )


def _quoted(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _checked(pattern: str) -> str:
    """The pattern as it is for a block of lines, once it is known to be one."""
    if any(token[0] == r"\C" for token in _TOKEN.finditer(pattern)):
        raise _bad(pattern, r"\C, a single byte, is not taken", "use a dot")
    if _SINGLE_LINE.search(pattern):
        raise _bad(pattern, "(?-m) is not taken", "lines are searched one by one")
    pattern = _translated(pattern, _RE2)
    if said := complaint(pattern, MEMORY):
        known = [name for form, name in _NO_SUCH if form.search(pattern)]
        hint = f"RE2 has no {known[0]}; " if known else ""
        raise _bad(pattern, said, f"{hint}set literal to look for the text itself")
    return _translated(pattern, _BOUNDS)


def _translated(pattern: str, words: dict[str, str]) -> str:
    return _TOKEN.sub(lambda token: words.get(token[0], token[0]), pattern)


def _bad(pattern: str, why: str, hint: str) -> BadRequest:
    return BadRequest(f"bad pattern {pattern[:MAX_QUOTED]!r}: {why}", hint=hint)
