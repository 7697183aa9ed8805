"""Quotes: the messages of errors in what people write, and in what failed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sickbay.ci.mentions import Mentions, mentions
from sickbay.logs.report import Cause
from sickbay.logs.signature import (
    is_generic,
    is_symptom,
    likeness,
    masked_line,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.scan.models import Issue

_SHORT = 8
_ASSERTION = "AssertionError"


@dataclass(frozen=True, slots=True)
class Message:
    """A masked message.

    Attributes:
        exception: The name of it, without its module; empty if it names none.
        telling: Whether the text is enough to know the failure again.
    """

    text: str
    exception: str
    telling: bool


@dataclass(frozen=True, slots=True)
class Quotes:
    """What an issue says.

    Attributes:
        masked: All of it, what varies masked.
        errors: Whether it says what went wrong.
    """

    title: Mentions
    whole: Mentions
    masked: str
    errors: bool

    def holds(self, texts: Iterable[str]) -> bool:
        """Whether any of these masked messages is in it."""
        return any(text in self.masked for text in texts)

    def names(self, exceptions: Iterable[str]) -> bool:
        """Whether it speaks of one of these exceptions."""
        said_there = self.whole.names
        return any(
            one in said_there or (one == _ASSERTION and "assert" in said_there)
            for one in exceptions
        )


def message(text: str) -> Message:
    """The message in a text of some lines."""
    exception, line = said(Cause(1, 1, 1, text, None, (), 1.0))
    masked = masked_line(line).removesuffix("...").rstrip()
    if exception is None and masked.startswith("assert "):
        exception = _ASSERTION
    telling = not (is_generic(masked) or is_symptom(exception, line))
    name = (exception or "").rpartition(".")[2]
    return Message(masked if len(masked) >= _SHORT else "", name, telling)


@lru_cache(maxsize=2048)
def quotes_of(issue: Issue) -> Quotes:
    """What an issue says."""
    whole = f"{issue.title}\n{issue.body}"
    title, *lines = map(masked_line, whole.splitlines() or [""])
    return Quotes(
        title=mentions(issue.title),
        whole=mentions(whole),
        masked="\n".join([title, *lines]),
        errors=any(map(_is_error, lines)),
    )


def _is_error(line: str) -> bool:
    """Whether a masked line says what went wrong, and not only that something did."""
    return likeness(line) == 1 and not (is_generic(line) or is_symptom(None, line))
