"""What Python says when something is raised: its type, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from sickbay.logs.pattern import Pattern

_TYPED = Pattern(r"(?P<type>(?:[^\W\d]\w*\.)*[^\W\d]\w*)(?::(?: (?P<says>.*))?)?$")
_SUFFIX = Pattern(
    r"(?:Error|Exception|Warning|Exit|Interrupt|Failed|Failure|Timeout|Group|Iteration"
    r"|Fault|Skipped|NotFound|DoesNotExist|Refused|Denied|Expired|Mismatch)$"
)


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception as a log shows it; ``None`` where it does not tell."""

    exception: str | None = None
    message: str | None = None


def raised(text: str, *, hint: str | None = None, sure: bool = False) -> Raised:
    """Read ``Type: message``, or the text of a bare assert.

    Args:
        text: The first line of what was raised.
        hint: The type, or its last part, where the log names it elsewhere.
        sure: Whether the text is known to be an exception's, so that any word before
            a colon may be its type.
    """
    text = text.strip()
    if text == "assert" or text.startswith("assert "):
        return Raised("AssertionError", text)
    match = _TYPED.match(text)
    if match is None or not _is_type(match["type"], hint, sure and ":" in text):
        return Raised(hint, text or None)
    return Raised(match["type"], (match["says"] or "").strip() or None)


def _is_type(name: str, hint: str | None, sure: bool) -> bool:  # noqa: FBT001 - private
    last = name.rpartition(".")[2]
    if hint is not None and hint.rpartition(".")[2] == last:
        return True
    if _SUFFIX.search(last):
        return True
    camel = last[:1].isupper() and not last.isupper()
    return sure and (camel or "." in name)
