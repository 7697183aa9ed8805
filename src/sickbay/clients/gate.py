"""What may hold a request back before it leaves, and hears of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2


class Gate(Protocol):
    """Keeps to what a server allows, whichever way its answers are read."""

    async def enter(self, url: httpx2.URL) -> None:
        """Wait until a request may leave; each that did is told of by ``left``."""

    def left(
        self, url: httpx2.URL, status: int | None, headers: Mapping[str, str]
    ) -> None:
        """Hear of an answer; its status is None where there was none."""


class OpenGate:
    """Holds nothing back."""

    async def enter(self, url: httpx2.URL) -> None:
        """Let it pass."""

    def left(
        self, url: httpx2.URL, status: int | None, headers: Mapping[str, str]
    ) -> None:
        """Take no note of it."""
