"""The page about a change: what was done, or would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.page import Quote, block, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

_MOODS = {"ok": "bold green", "already_done": "bold green"}
_UNASKED = "Nothing was done. To agree, add --yes, or run it in a terminal."


def change_page(document: Document) -> Iterator[Part]:
    """What became of a change."""
    yield block(_head(document))
    if document["outcome"] == "confirmation_required":
        yield block(_effect(document))
        yield block([line(_UNASKED, mood="bold")])
    elif document["message"]:
        yield block([line(Quote(document["message"]))])
    if document.get("url"):
        yield block([line(Quote(document["url"]), mood="dim")])


def _head(document: Document) -> Iterator[Line]:
    outcome = document["outcome"].replace("_", " ").upper()
    action = f" {document['action']}:" if document["action"] else ""
    mood = _MOODS.get(document["outcome"], "bold yellow")
    yield line(f"{outcome}{action} ", Quote(document["target"] or ""), mood=mood)


def _effect(document: Document) -> Iterator[Line]:
    yield line("What it would do:")
    for consequence in document["consequences"]:
        for text in consequence.split("\n"):
            yield line(Quote(text), level=1)
