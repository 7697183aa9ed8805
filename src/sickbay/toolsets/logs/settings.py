"""What an operator sets for the ``logs`` toolset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
)
from pydantic_settings import NoDecode

from sickbay.core.errors import SickbayError

MAX_LOG_BYTES = 1 << 30


def _paths(value: object) -> object:
    """Folders as one text, put together as in PATH."""
    if not isinstance(value, str):
        return value
    return [part for part in value.split(os.pathsep) if part]


def _words(value: object) -> object:
    """Words as one text, with commas or blanks between them."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    """Tell a wrong name when the server starts, and not at the first log."""
    if names:
        from sickbay.clients.hosts import parse_host  # noqa: PLC0415 - seldom needed

        for name in names:
            try:
                parse_host(name)
            except SickbayError as exc:
                raise ValueError(str(exc)) from None
    return names


class Settings(BaseModel):
    """Where logs may come from, and how much of them is kept."""

    model_config = ConfigDict(extra="forbid")

    roots: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)] = Field(
        (), description="folders with logs, besides the working directory"
    )
    hosts: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_hosts)
    ] = Field((), description="hosts that logs may be fetched from; none by default")
    max_log_bytes: ByteSize = Field(
        ByteSize(MAX_LOG_BYTES), gt=0, description="size of one fetched log, unpacked"
    )
