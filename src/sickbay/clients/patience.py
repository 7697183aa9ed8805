"""How long to wait for an outside system, and when to ask it again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import stamina

from sickbay.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sickbay.core.errors import SickbayError

T = TypeVar("T")

_log = logging.getLogger(__name__)


def _is_others(record: logging.LogRecord) -> bool:
    """Whether somebody else's retry is told of: ours are no warnings."""
    what = str(vars(record).get("stamina.callable", ""))
    return not what.startswith("sickbay.")


logging.getLogger("stamina").addFilter(_is_others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what.

    Attributes:
        connect_s: For a connection, and for a free one.
        read_s: For the next bytes of an answer.
        answer_s: For an answer to begin, whatever is sent before.
        total_s: For a whole body.
        attempts: Of a whole answer, or of one to begin; a busy server is asked again.
        pause_s: Before the second attempt; about twice as long before each next.
        retry_after_s: The longest that a server may ask to wait.
        per_host: Requests at the same time.
    """

    connect_s: float = 5
    read_s: float = 30
    answer_s: float = 60
    total_s: float = 600
    attempts: int = 4
    pause_s: float = 0.5
    retry_after_s: float = 30
    per_host: int = 8


PATIENCE = Patience()


class AgainError(Exception):
    """It may be worth asking again; ``wait_s`` is what the server asked to wait."""

    def __init__(self, error: SickbayError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


class BrokenOffError(Unavailable):
    """An answer began, and did not come to its end."""


class Retrying:
    """Makes attempts until one succeeds, or fails in a way that will not pass."""

    def __init__(self, patience: Patience) -> None:
        self._longest_s = patience.retry_after_s
        self._retried = stamina.retry(
            on=self._again,
            attempts=patience.attempts,
            timeout=patience.total_s,
            wait_initial=patience.pause_s,
            wait_jitter=patience.pause_s,
        )

    async def __call__(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What an attempt gives; it raises ``AgainError`` to be made again.

        Raises:
            SickbayError: The last attempt failed with it.
        """
        try:
            return await self._retried(attempt)()
        except AgainError as exc:
            raise exc.error from exc.__cause__

    def _again(self, exc: Exception) -> bool | float:
        if not isinstance(exc, AgainError) or (exc.wait_s or 0) > self._longest_s:
            return False
        _log.debug("asking again: %s", exc.error.message)
        return True if exc.wait_s is None else exc.wait_s
