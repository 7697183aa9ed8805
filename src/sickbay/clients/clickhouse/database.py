"""A ClickHouse that Sickbay keeps something in: what it is told, it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from sickbay.clients.clickhouse.client import reached
from sickbay.clients.clickhouse.refusal import SettingsError, refused
from sickbay.clients.clickhouse.statement import outer
from sickbay.clients.patience import AgainError, Patience
from sickbay.core.errors import Denied, NotFound, TimedOut, TooLarge, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.clients.clickhouse.values import Value
    from sickbay.clients.reply import Reply
    from sickbay.core.errors import SickbayError

Settings = dict[str, str | int]

MAX_BYTES = 256 << 20
"""Of an answer."""

PATIENCE = Patience(read_s=300, answer_s=300)

_HINTS: dict[type[SickbayError], str] = {
    Denied: "the user needs SELECT, INSERT, ALTER, CREATE and OPTIMIZE there",
    NotFound: "is it the right database?",
    TimedOut: "ask for less at a time",
    TooLarge: "ask for less at a time",
}


class Database:
    """One database of a ClickHouse; its credentials go to that host alone.

    Args:
        url: Of the HTTP interface.
        user: Who asks.
        password: And the password.
        name: Of the database.
        setting: What the operator sets the address with, for hints.
        patience: How long it waits.

    Raises:
        BadRequest: The address is none.
        Denied: The password would go over the internet unencrypted.
    """

    def __init__(  # noqa: PLR0913 - all but the first have a default
        self,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        name: str = "default",
        setting: str = "",
        patience: Patience = PATIENCE,
    ) -> None:
        self.name = name
        self._known = bool(user)
        self.url, self._http = reached(
            url, user=user, password=password, patience=patience, setting=setting
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def read(
        self,
        sql: str,
        parameters: Mapping[str, Value] | None = None,
        settings: Settings | None = None,
    ) -> bytes:
        """What a statement gives, which can change nothing.

        Args:
            sql: It says in which format.
            parameters: Values of the ``{name: Type}`` in it.
            settings: For this statement.

        Raises:
            SickbayError: It is refused, or not to be had.
        """
        given = {f"param_{name}": outer(v) for name, v in (parameters or {}).items()}
        fields = {**(settings or {}), **given, "readonly": 1}
        return await self._posted(fields, sql.encode())

    async def write(self, sql: str, settings: Settings | None = None) -> None:
        """Do what a statement says; it must do no harm twice.

        Raises:
            SickbayError: It is refused, or there is no answer.
        """
        await self._posted(settings or {}, sql.encode())

    async def insert(
        self, sql: str, data: bytes, settings: Settings | None = None
    ) -> None:
        """Insert rows; nothing may come of inserting them twice.

        Args:
            sql: Up to its format.
            data: In that format.
            settings: For this statement.

        Raises:
            SickbayError: As of ``write``.
        """
        await self._posted({**(settings or {}), "query": sql}, data)

    async def create(self) -> None:
        """Make the database, where it is not there."""
        sql = f"CREATE DATABASE IF NOT EXISTS {quoted(self.name)}"
        await self._posted({"database": "default"}, sql.encode())

    async def _posted(self, fields: Settings, content: bytes) -> bytes:
        asked = {"database": self.name, "wait_end_of_query": 1, **fields}
        try:
            return await self._http.post(
                f"{self.url}?{urlencode(asked)}",
                self._told,
                content=content,
                max_bytes=MAX_BYTES,
            )
        except SettingsError as exc:
            raise Denied(
                "this user of ClickHouse may not choose settings",
                hint="give it readonly=2, or 0 where it is to write",
            ) from exc

    async def _told(self, reply: Reply) -> bytes:
        if reply.success:
            return reply.body
        error = refused(
            reply, credential=self._known, hint=lambda kind: _HINTS.get(kind, "")
        )
        raise AgainError(error) if isinstance(error, Unavailable) else error


def quoted(name: str) -> str:
    """A name as SQL has it."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"
