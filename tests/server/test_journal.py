from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import BadRequest
from sickbay.core.redact import Redactor
from sickbay.server import journal
from sickbay.server.journal import JsonFormat, TextFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "canary-4f1c9d-secret"
REDACTOR = Redactor([CANARY])


def record(message: str, *arguments: object, error: bool = False) -> logging.LogRecord:
    exc_info = None
    if error:
        try:
            int(f"{CANARY}\nsecond line")
        except ValueError:
            exc_info = sys.exc_info()
    return logging.LogRecord(
        "sickbay.x", logging.WARNING, "x.py", 1, message, arguments, exc_info
    )


@pytest.mark.parametrize("form", [TextFormat(REDACTOR), JsonFormat(REDACTOR)])
def test_secrets_stay_out_of_messages_arguments_and_tracebacks(
    form: logging.Formatter,
) -> None:
    said = form.format(record(f"a {CANARY} %s", CANARY, error=True))
    assert "ValueError" in said
    assert CANARY not in said


def test_no_text_can_pass_for_another_record() -> None:
    forged = "x\n2026-01-01T00:00:00.000Z error sickbay: all is lost\r\nand more"
    said = TextFormat(REDACTOR).format(record("%s", forged))
    assert all(row.startswith("    ") for row in said.splitlines()[1:])
    assert "\n" not in JsonFormat(REDACTOR).format(record("%s", forged))


def test_json_says_when_who_and_what() -> None:
    said = json.loads(JsonFormat(REDACTOR).format(record("%d beds", 3)))
    assert list(said) == ["time", "level", "logger", "message"]
    assert said["time"].endswith("Z")
    assert (said["level"], said["message"]) == ("warning", "3 beds")


@pytest.fixture
def untouched() -> Iterator[None]:
    """Puts back what a journal changes for the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", ["sickbay", "fastmcp.server", "mcp", "uvicorn.error"])
def test_all_loggers_write_to_the_one_place(tmp_path: Path, name: str) -> None:
    logging.getLogger("fastmcp").addHandler(logging.StreamHandler())
    file = tmp_path / "log"
    journal.start("info", REDACTOR, file=file)
    logging.getLogger(name).info("good morning")
    logging.getLogger(name).debug("too much")
    assert file.read_text("utf-8").count("good morning") == 1
    assert "too much" not in file.read_text("utf-8")


@pytest.mark.usefixtures("untouched")
def test_a_file_that_cannot_be_written_is_bad_usage() -> None:
    with pytest.raises(BadRequest, match="cannot write the log file"):
        journal.start("info", REDACTOR, file=Path("/proc/nowhere/log"))
