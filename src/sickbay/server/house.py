"""What all tools share: sources, consent, audit, redaction, threads, figures."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from anyio import CapacityLimiter

from sickbay.core.errors import SickbayError
from sickbay.server.call import THREADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.clients.audit import AuditLog
    from sickbay.server.answer import Finish
    from sickbay.server.client import Client
    from sickbay.server.consent import Asker

_log = logging.getLogger(__name__)


class Sources(Protocol):
    """Gives the opened source of a toolset."""

    async def of(self, toolset: str) -> Any:  # noqa: ANN401 - each has its own
        """The object that the toolset's tools get first."""


class Observer(Protocol):
    """Counts finished calls; see ``sickbay.server.metrics``."""

    def observe(self, tool: str, outcome: str, seconds: float) -> None:
        """Count one."""


@dataclass(slots=True)
class House:
    """The services that the server gives to every tool."""

    sources: Sources
    asker: Asker
    audit: AuditLog
    finish: Finish
    observer: Observer | None = None
    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(THREADS))

    def recorded(self, record: Record, *, durable: bool = False) -> None:
        """Write one audit record; only a durable one fails the call when it cannot.

        Raises:
            Unavailable: A durable record cannot be written.
        """
        redacted = self.finish.redactor.data(record.data())
        try:
            self.audit.write(redacted, durable=durable)
        except SickbayError as exc:
            if durable:
                raise
            _log.warning("%s", exc)

    def counted(self, record: Record) -> None:
        """Count a finished call."""
        if self.observer is not None:
            self.observer.observe(record.tool, record.outcome, record.duration_s)


@dataclass(slots=True)
class Record:
    """What the audit log says of one call."""

    call_id: str
    tool: str
    client: Client
    arguments: Mapping[str, Any]
    called_as: str | None = None
    outcome: str = "error"
    error: str | None = None
    target: str | None = None
    started: float = field(default_factory=time.perf_counter)

    @property
    def duration_s(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.started

    def data(self) -> dict[str, Any]:
        """The record as JSON data."""
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "call_id": self.call_id,
            "tool": self.tool,
            "called_as": self.called_as,
            "principal": self.client.principal,
            "client": self.client.name,
            "transport": self.client.transport,
            "arguments": dict(self.arguments),
            "outcome": self.outcome,
            "error": self.error,
            "target": self.target,
            "duration_ms": round(self.duration_s * 1000, 1),
        }
