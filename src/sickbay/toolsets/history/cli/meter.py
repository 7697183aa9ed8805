"""Shows a person at a terminal how far a long command is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from sickbay.core.tool import Call


class Meter:
    """A call that draws a bar on stderr; where that is no terminal it draws none.

    Args:
        call: Does all else.
        title: What is going on.
        noun: What is counted.
    """

    def __init__(self, call: Call, title: str, noun: str) -> None:
        self._call = call
        self._title = title
        self._noun = noun
        self._steps = 0
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich import progress as rich  # noqa: PLC0415 - only at a terminal
            from rich.console import Console  # noqa: PLC0415 - same

            self._bar = rich.Progress(
                rich.TextColumn("{task.description}"),
                rich.BarColumn(),
                rich.TaskProgressColumn(),
                rich.TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(self._title, total=None)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def call_id(self) -> str:
        """The same."""
        return self._call.call_id

    def progress(self, done: float, total: float | None = None) -> None:
        """Draw how far it is."""
        self._steps += 1
        if self._bar is not None:
            said = f"{self._title}: {self._steps:,} {self._noun}"
            self._bar.update(self._task, completed=done, total=total, description=said)

    def say(self, message: str) -> None:
        """Write one short sentence."""
        sys.stderr.write(f"sickbay: {visible(message)}\n")

    def check(self) -> None:
        """The same."""
        self._call.check()

    async def thread(self, function: Any, *arguments: Any) -> Any:  # noqa: ANN401 - as of a call
        """The same."""
        return await self._call.thread(function, *arguments)
