"""Answers cut to a size on item borders: always whole JSON, and nothing hidden."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIPS = (2000, 1000, 500, 250, 120, 60)
"""Characters that a string is cut to, one after the other, until the rest fits."""

LISTS = (50, 20, 10, 5, 2)
"""Items that a list besides the paged one is cut to, when strings were not enough.

A mapping of more than the first of them is a list of a kind, too.
"""

NAMES = (CLIPS[3], CLIPS[-1])
"""Characters of a string once lists are cut: few items by full name say more than many
that nobody can tell apart."""

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document.

    Attributes:
        next_offset: The first item of the next page; None on the last.
        clipped: Whether something besides the paged list had to be shortened.
        text: The document as compact JSON, where it is as it was.
    """

    document: dict[str, Any]
    next_offset: int | None
    clipped: bool
    text: str | None = None


def finite(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """A document with null for each number that JSON does not know, such as NaN."""
    return json.loads(json.dumps(document), parse_constant=lambda _: None)


def size_of(document: Any) -> int:  # noqa: ANN401 - any JSON
    """Bytes of a document as compact JSON."""
    return _bytes(dumped(document))


def dumped(document: Any) -> str:  # noqa: ANN401 - any JSON
    """A document as compact JSON.

    Raises:
        ValueError: It holds a number that JSON does not know; see ``finite``.
    """
    return _COMPACT.encode(document)


def readable(document: Any) -> str:  # noqa: ANN401 - any JSON
    """A document as JSON with a line for each value."""
    return json.dumps(document, ensure_ascii=False, indent=1)


def page(
    document: dict[str, Any], *, items: str | None, offset: int, budget_bytes: int
) -> Page:
    """Cut a document to a budget.

    Args:
        document: JSON data; it is not changed.
        items: Dotted path of its list that is given in pages.
        offset: First item of this page.
        budget_bytes: Size of the page as JSON.
    """
    try:
        return _page(document, items, offset, budget_bytes)
    except ValueError:
        return _page(finite(document), items, offset, budget_bytes)


def _page(
    document: dict[str, Any], items: str | None, offset: int, budget_bytes: int
) -> Page:
    if offset == 0 and _bytes(text := dumped(document)) <= budget_bytes:
        return Page(document, None, clipped=False, text=text)
    if items is None:
        return Page(_shortened(document, budget_bytes), None, clipped=True)
    everything = at(document, items)
    frame = put(document, items, [])
    short = _shortened(frame, budget_bytes // 2)
    room = budget_bytes - size_of(short)
    taken, clipped = _taken(everything[offset:], room)
    end = offset + len(taken)
    return Page(
        put(short, items, taken),
        end if end < len(everything) else None,
        clipped or short is not frame,
    )


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _taken(items: list[Any], room: int) -> tuple[list[Any], bool]:
    """As many items as fit; the first in any case, shortened if it must be."""
    taken: list[Any] = []
    for item in items:
        room -= size_of(item) + 1
        if room < 0 and taken:
            break
        if room < 0:
            return [_shortened(item, room + size_of(item) + 1)], True
        taken.append(item)
    return taken, False


def _shortened(data: Any, budget_bytes: int) -> Any:  # noqa: ANN401 - any JSON
    """The data itself if it fits, else with long strings and then lists cut."""
    short = data
    for clip in CLIPS:
        if size_of(short) <= budget_bytes:
            return short
        short = _clipped(data, clip, None)
    for count, clip in product(LISTS, NAMES):
        if size_of(short) <= budget_bytes:
            return short
        short = _clipped(data, clip, count)
    return short


def _clipped(data: Any, clip: int, count: int | None) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(data, str):
        more = len(data) - clip
        return (
            f"{data[:clip]}… [{more:,} more characters]" if more > clip // 4 else data
        )
    if isinstance(data, dict):
        kept = islice(data.items(), count if len(data) > LISTS[0] else None)
        return {key: _clipped(value, clip, count) for key, value in kept}
    if isinstance(data, list):
        return [_clipped(item, clip, count) for item in data[:count]]
    return data


def at(document: Mapping[str, Any], path: str) -> list[Any]:
    """The list at a dotted path."""
    found: Any = document
    for name in path.split("."):
        found = found[name]
    return list(found)


def put(document: dict[str, Any], path: str, items: list[Any]) -> dict[str, Any]:
    """The document with another list at a dotted path."""
    first, _, rest = path.partition(".")
    value = put(document[first], rest, items) if rest else items
    return {**document, first: value}
