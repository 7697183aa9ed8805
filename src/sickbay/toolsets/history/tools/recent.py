"""What was just computed: the next page of an answer needs it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sickbay.toolsets.history.tools.lines import minute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sickbay.toolsets.history.source import HistorySource

Made = TypeVar("Made")


async def kept(
    source: HistorySource,
    question: tuple[object, ...],
    make: Callable[[], Awaitable[Made]],
) -> Made:
    """What ``make`` comes to, or came to while nothing was written since.

    Args:
        source: Remembers it for a minute.
        question: Names the tool and its arguments.
        make: Works it out.
    """
    key = (*question, minute(source), await source.reading.newest())
    if key not in source.recent:
        source.recent[key] = await make()
    found: Made = source.recent[key]
    return found
