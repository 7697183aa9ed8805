"""The operator's log: one handler for our own words and those of all libraries."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.core.redact import Redactor

_OWN_HANDLERS = ("fastmcp", "mcp", "uvicorn", "uvicorn.error", "uvicorn.access")
"""Loggers of libraries that bring handlers of their own, or might."""

_CHATTY = ("httpx2", "httpcore2", "asyncio")
"""Loggers that tell of each request, or each selector, below a warning."""

STILL_USED = "The logging capability is deprecated"
"""A warning of mcp's; it is how users of the handshake era hear of a running call."""


def start(
    level: str,
    redactor: Redactor,
    *,
    file: Path | None = None,
    as_json: bool = False,
) -> None:
    """Send every log record of this process to one place, without secrets.

    Args:
        level: The lowest level that is written.
        redactor: Takes secrets out of each record, tracebacks included.
        file: Where to; stderr if None. It may be moved away by a log rotation.
        as_json: One JSON object a line.

    Raises:
        BadRequest: The file cannot be written.
    """
    handler = _handler(file)
    handler.setFormatter(JsonFormat(redactor) if as_json else TextFormat(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _OWN_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    if root.level > logging.DEBUG:
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    warnings.filterwarnings("ignore", message=STILL_USED)


def _handler(file: Path | None) -> logging.Handler:
    if file is None:
        stream: logging.StreamHandler[TextIO] = logging.StreamHandler(sys.stderr)
        return stream
    from logging.handlers import WatchedFileHandler  # noqa: PLC0415 - only on request

    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return WatchedFileHandler(file, encoding="utf-8", errors="backslashreplace")
    except OSError as exc:
        raise BadRequest(
            f"cannot write the log file {file}: {exc.strerror}",
            hint="name another with --log-file",
        ) from exc


class _Format(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def said(self, record: logging.LogRecord) -> dict[str, Any]:
        """What a record says, without secrets."""
        when = datetime.fromtimestamp(record.created, UTC)
        said = {
            "time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        cleaned: dict[str, Any] = self._redactor.data(said)
        return cleaned


class TextFormat(_Format):
    """One line a record, for people; further lines of a record are indented."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text: nothing in it can pass for another record."""
        said = self.said(record)
        head = f"{said['time']} {said['level']} {said['logger']}: {said['message']}"
        trace = f"\n{said['traceback']}" if "traceback" in said else ""
        return "\n    ".join((head + trace).splitlines())


class JsonFormat(_Format):
    """One JSON object a record, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON on one line."""
        return json.dumps(self.said(record), ensure_ascii=False)
