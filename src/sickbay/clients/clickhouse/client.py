"""A ClickHouse of the user's own: one statement that reads, within limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import httpx2
import msgspec
from anyio import to_thread

from sickbay.clients.clickhouse.refusal import SettingsError, refused
from sickbay.clients.clickhouse.statement import statement
from sickbay.clients.hosts import own_host
from sickbay.clients.http import Http
from sickbay.clients.patience import Patience
from sickbay.core.errors import (
    Malformed,
    NotFound,
    SickbayError,
    TimedOut,
    TooLarge,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sickbay.clients.clickhouse.values import Value
    from sickbay.clients.reply import Reply

MAX_ROWS = 10_000
MAX_BYTES = 16 << 20
MAX_S = 60

PATIENCE = Patience(read_s=MAX_S + 10, answer_s=MAX_S + 10, attempts=2)

LIMITS: Mapping[str, str | int] = {
    "max_execution_time": MAX_S,
    "max_result_rows": MAX_ROWS + 1,
    "max_result_bytes": MAX_BYTES,
    "result_overflow_mode": "break",
    "output_format_json_quote_64bit_integers": 0,
    "date_time_output_format": "iso",
    "session_timezone": "UTC",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a statement gave.

    Attributes:
        sent: The values of its parameters.
        cut: There are more rows than these.
    """

    columns: tuple[str, ...]
    rows: list[list[Any]]
    sent: dict[str, Value]
    cut: bool = False


class _Column(msgspec.Struct):
    name: str
    type: str = ""


class _Answer(msgspec.Struct):
    meta: list[_Column]
    data: list[list[Any]]


class ClickHouse:
    """Reads from a database; its credentials go to that host alone.

    Args:
        url: Of the HTTP interface.
        user: Who asks.
        password: And the password.
        database: Where tables without a database are.
        patience: How long it waits.

    Raises:
        BadRequest: The address is none.
        Denied: The password would go over the internet unencrypted.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        database: str = "default",
        patience: Patience = PATIENCE,
    ) -> None:
        self._database = database
        self._known = bool(user)
        self._url, self._http = reached(
            url,
            user=user,
            password=password,
            patience=patience,
            setting="SICKBAY_HUD__CLICKHOUSE_URL",
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, now: datetime
    ) -> Table:
        """The rows of one statement.

        Args:
            sql: One statement that only reads.
            parameters: Values of the ``{name: Type}`` in it.
            now: The time, with its zone.

        Raises:
            SickbayError: It is refused, here or there, or not to be had.
        """
        asked = statement(sql, parameters or {}, now=now)
        fields = {"database": self._database, "default_format": "JSONCompact"}
        fields |= {"query": asked.sql, **asked.parameters, "wait_end_of_query": "1"}
        try:
            reply = await self._read({**LIMITS, **fields})
        except SettingsError:
            reply = await self._read(fields)
        answer = await to_thread.run_sync(_decoded, reply.body)
        columns = tuple(column.name for column in answer.meta)
        return Table(
            columns=columns,
            rows=answer.data[:MAX_ROWS],
            sent=dict(asked.sent),
            cut=len(answer.data) > MAX_ROWS,
        )

    async def _read(self, fields: Mapping[str, str | int]) -> Reply:
        return await self._http.read(
            f"{self._url}?{urlencode(fields)}", self._told, max_bytes=2 * MAX_BYTES
        )

    async def _told(self, reply: Reply) -> Reply:
        if reply.success:
            return reply
        raise refused(reply, credential=self._known, hint=_hint)


def _hint(kind: type[SickbayError]) -> str:
    if kind in {TooLarge, TimedOut}:
        return f"it may take {MAX_S} s; narrow it, or add a LIMIT"
    return "SHOW TABLES and DESCRIBE say what there is" if kind is NotFound else ""


def _decoded(body: bytes) -> _Answer:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise Malformed(f"ClickHouse answered no table: {exc}") from exc
    if any(len(row) != len(answer.meta) for row in answer.data):
        raise Malformed("ClickHouse answered no table: its rows are not of one length")
    return answer


def reached(
    address: str,
    *,
    user: str | None,
    password: str | None,
    patience: Patience,
    setting: str,
) -> tuple[str, Http]:
    """The address without what is behind the question mark, and the way there.

    Raises:
        BadRequest: The address is none.
        Denied: The password would go over the internet unencrypted.
    """
    host = own_host(address, system="a ClickHouse", secret=bool(user))
    fields = {"X-ClickHouse-User": user or "", "X-ClickHouse-Key": password or ""}
    credentials = {str(host): fields} if user else {}
    http = Http([host], credentials=credentials, patience=patience, setting=setting)
    return str(httpx2.URL(address).copy_with(query=None, fragment=None)), http
