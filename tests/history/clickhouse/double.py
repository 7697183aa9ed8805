"""A ClickHouse on this machine for tests: its real engine, behind HTTP as it speaks it.

The engine is ``chdb``, which keeps a folder to one process: so it has one of its own,
which ends when its parent closes the pipe, or ends.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Query = Callable[..., Any]

USER, PASSWORD = "sickbay", "canary-5b1e"

NOT_SETTINGS = frozenset({"query", "database", "default_format", "wait_end_of_query"})
STATUSES = {60: 404, 81: 404, 159: 408, 516: 403}
"""Of its codes; where a statement is wrong, as it is with the others, it is 400."""

_CODE = re.compile(r"Code: (\d+)\.")
_INSERT = re.compile(
    r"\s*INSERT\s+INTO\s+(?P<table>\S+)\s*\((?P<columns>[^)]*)\)\s*FORMAT\s+Parquet\s*",
    re.IGNORECASE,
)
_FORMAT = re.compile(r"\sFORMAT\s+(?P<format>\w+)\s*\Z", re.IGNORECASE)
_READS = re.compile(r"[\s(]*(?:SELECT|WITH)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Double:
    """Where it listens, and for whom."""

    url: str
    user: str = USER
    password: str = PASSWORD


@contextmanager
def running(folder: Path) -> Iterator[Double]:
    """A server that keeps its data in a folder until the block ends."""
    command = [sys.executable, "-m", __name__, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield Double(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.stdin.close()


@dataclass
class Engine:
    """Runs statements; every database has a session, for it says which is meant.

    One at a time: parameters of statements that run at once mix in the engine.
    """

    folder: Path
    sessions: dict[str, Query] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, asked: Mapping[str, str], body: bytes) -> bytes:
        """What a statement gives."""
        with self.lock:
            return self._run(asked, body)

    def _run(self, asked: Mapping[str, str], body: bytes) -> bytes:
        sql = asked.get("query", "")
        insert = _INSERT.fullmatch(sql)
        query = self._query(asked.get("database", "default"))
        settings = _settings(asked)
        if insert:
            return self._insert(query, insert, body, settings)
        sql += body.decode()
        found = _FORMAT.search(sql)
        sql = _FORMAT.sub("", sql)
        if settings and _READS.match(sql):
            sql = f"{sql} SETTINGS {settings}"
        form = found["format"] if found else asked.get("default_format", "TSV")
        given = {
            name.removeprefix("param_"): value
            for name, value in asked.items()
            if name.startswith("param_")
        }
        return bytes(query(sql, form, params=given).bytes())

    def _insert(
        self, query: Query, insert: re.Match[str], body: bytes, settings: str
    ) -> bytes:
        """Insert from a file: a statement is text here, and cannot hold the data."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".parquet") as spool:
            spool.write(body)
            spool.flush()
            columns = insert["columns"]
            query(
                f"INSERT INTO {insert['table']} ({columns}) SELECT {columns}"  # noqa: S608 - a test's own
                f" FROM file('{spool.name}', Parquet) SETTINGS {settings or 'final=0'}"
            )
        return b""

    def _query(self, database: str) -> Query:
        from chdb.session import Session  # noqa: PLC0415 - half a second

        if database not in self.sessions:
            connected: Any = Session
            session = connected(str(self.folder / "data"))
            session.query(f"USE `{database}`")
            self.sessions[database] = session.query
        return self.sessions[database]


def _settings(asked: Mapping[str, str]) -> str:
    """What else is in the address."""
    return ", ".join(
        f"{name}='{value}'"
        for name, value in asked.items()
        if name not in NOT_SETTINGS and not name.startswith("param_")
    )


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    engine: Engine

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        who = (self.headers["X-ClickHouse-User"], self.headers["X-ClickHouse-Key"])
        if who != (USER, PASSWORD):
            self._refuse(f"Code: 516. DB::Exception: {who[0]}: Authentication failed")
            return
        try:
            answer = self.engine.run(asked, body)
        except RuntimeError as exc:
            self._refuse(str(exc))
        else:
            self._answer(200, answer)

    def _refuse(self, said: str) -> None:
        found = _CODE.search(said)
        code = int(found[1]) if found else 1001
        body = f"{said.strip()} (version 26.9.2.1)\n".encode()
        self._answer(
            STATUSES.get(code, 400), body, {"X-ClickHouse-Exception-Code": str(code)}
        )

    def _answer(
        self, status: int, body: bytes, fields: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def main(folder: Path) -> None:
    """Serve until nobody is at the other end of the pipe."""
    os.chdir("/")  # the engine reads no file that is not below
    engine = Engine(folder)
    handler = type("Handler", (Handler,), {"engine": engine})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # the engine says something of its own when it goes


if __name__ == "__main__":
    main(Path(sys.argv[1]))
