"""Answers questions on the files of a history."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from sickbay.core.errors import Malformed, TooLarge, Unavailable
from sickbay.history.duck.selection import selected
from sickbay.history.duck.views import Snapshot, connected, in_utc, prepare
from sickbay.history.statements import query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from sickbay.core.errors import SickbayError
    from sickbay.history.face import Answer

_T = TypeVar("_T")

_GONE = re.compile(r"No files found|No such file|Cannot open file")
_NAMED = re.compile(r"""["']([^"']+\.parquet)["']""")
_OURS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
"""Not the files are at fault: our own statement is."""
_REPAIR = "`sickbay history tidy --repair` drops what is damaged"


class Engine:
    """One connection in memory, on which any number of threads may ask.

    Args:
        snapshot_of: Gives the files as they are now; asked before every question.
    """

    def __init__(self, snapshot_of: Callable[[], Snapshot]) -> None:
        self._snapshot_of = snapshot_of
        self._connection = connected()
        self._prepared: Any = None
        self._lock = Lock()

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()

    def ask(self, name: str, parameters: Mapping[str, Any]) -> pa.Table:
        """The rows of a query.

        Raises:
            Unavailable: Files of the history are gone.
            Malformed: One is damaged.
            TooLarge: There is not enough memory.
        """
        text = query(name).text
        values = {key: _plain(value) for key, value in parameters.items()}
        return self._tried(lambda snapshot: self._asked(snapshot, text, values))

    def select(
        self, sql: str, *, max_rows: int, max_s: float, max_bytes: int
    ) -> Answer:
        """The rows of a statement of the user's; see ``History.select``."""

        def answered(snapshot: Snapshot) -> Answer:
            return selected(
                snapshot, sql, max_rows=max_rows, max_s=max_s, max_bytes=max_bytes
            )

        return self._tried(answered)

    def _asked(
        self, snapshot: Snapshot, text: str, parameters: Mapping[str, Any]
    ) -> pa.Table:
        with self._lock:
            if self._prepared != snapshot.version:
                self._prepared = None
                prepare(self._connection, snapshot)
                self._prepared = snapshot.version
            cursor = self._connection.cursor()
        with cursor:
            return in_utc(cursor.sql(text, params=dict(parameters)).to_arrow_table())

    def _tried(self, asked: Callable[[Snapshot], _T], *, again: bool = True) -> _T:
        """An answer; where files went meanwhile, from those that there are now."""
        try:
            return asked(self._snapshot_of())
        except _OURS:
            raise
        except duckdb.Error as error:
            if not again or not _GONE.search(str(error)):
                raise _mapped(error) from error
        return self._tried(asked, again=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a parameter
    """The value; half a character, which nothing kept has, as a question mark."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return value


def _mapped(error: duckdb.Error) -> SickbayError:
    named = _NAMED.search(str(error))
    what = f"the file {named[1]}" if named else "a file"
    if isinstance(error, duckdb.OutOfMemoryException):
        return TooLarge("the history's engine has not enough memory for this")
    if _GONE.search(str(error)):
        return Unavailable(f"{what} of the history is gone", hint=_REPAIR)
    return Malformed(f"{what} of the history cannot be read", hint=_REPAIR)
