"""Text from strangers made harmless: what a reader cannot see is taken out."""

from __future__ import annotations

import re
from typing import Any

_SEQUENCES = re.compile(  # colours, links and titles: ECMA-48, sections 5.4 and 8.3
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"
)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"  # tags: text that no font shows and a model reads
)
_LONE = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """The text without control sequences and invisible characters."""
    if "\x1b" in text:
        text = _SEQUENCES.sub("", text)
    text = _UNSEEN.sub("", text)
    return _LONE.sub("\ufffd", text)


def visible_data(data: Any) -> Any:  # noqa: ANN401 - any JSON
    """JSON data with all its strings made visible."""
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, dict):
        return {visible(str(key)): visible_data(data[key]) for key in data}
    if isinstance(data, (list, tuple)):
        return [visible_data(item) for item in data]
    return data
