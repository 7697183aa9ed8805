"""Text from strangers made harmless: what a reader cannot see is taken out."""

from __future__ import annotations

import re

_SEQUENCES = re.compile(  # colours, links and titles: ECMA-48, sections 5.4 and 8.3
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"
)
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u2028\u2029\ufff9-\ufffb"  # ends of lines that few programs know, and notes
    # What no font shows and a model reads: Default_Ignorable_Code_Point
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_LONE = "\ud800-\udfff"
_GONE = re.compile(f"[{_UNSEEN}]")
_REPLACED = re.compile(f"[{_LONE}]")
_EITHER = re.compile(f"[{_UNSEEN}{_LONE}]")


def visible(text: str) -> str:
    """The text without control sequences and invisible characters."""
    if _EITHER.search(text) is None:
        return text
    if "\x1b" in text:
        text = _SEQUENCES.sub("", text)
    text = _GONE.sub("", text)
    return _REPLACED.sub("\ufffd", text)
