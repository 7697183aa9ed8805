"""Bearer tokens from a file: who holds one, and what it is good for."""

from __future__ import annotations

import hmac
import logging
import os
import stat
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import BadRequest, SickbayError
from sickbay.server.request import ALL_SCOPES, READ, WRITE

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

_SCOPES = {READ: frozenset({READ}), WRITE: ALL_SCOPES}
_SHORTEST = 20
_MAX_BYTES = 1 << 20
_EXAMPLE = (
    'each token is a table: [alice] with scope = "read" or "write", and token = "..."'
    ' or sha256 = "..."'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token of the file; the token itself is not kept."""

    name: str
    scopes: frozenset[str]
    digest: bytes


class TokenFile:
    """The tokens of a file, read again whenever it changes.

    A file that cannot be read any more lets nobody in: what it said before may be
    what somebody just took back.

    Args:
        path: A TOML file that nobody but its owner may read.

    Raises:
        BadRequest: It is not such a file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokens = _read(path)
        self._seen = self._stamp()

    def find(self, token: str) -> Token | None:
        """The entry for a token, compared in the same time wherever it differs."""
        self._refresh()
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        found = [t for t in self._tokens if hmac.compare_digest(t.digest, digest)]
        return found[0] if found else None

    def _refresh(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._tokens = _read(self._path)
            logger.info("read %d tokens", len(self._tokens))
        except SickbayError as exc:
            self._tokens = ()
            logger.error("no token is accepted: %s", exc)  # noqa: TRY400 - no bug of ours

    def _stamp(self) -> tuple[int, ...]:
        try:
            seen = self._path.stat()
        except OSError:
            return ()
        return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_mode


def _read(path: Path) -> tuple[Token, ...]:
    try:
        with path.open("rb") as file:
            _check_mode(path, os.fstat(file.fileno()))
            text = file.read(_MAX_BYTES).decode()
        tables = tomllib.loads(text)
    except OSError as exc:
        raise BadRequest(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise BadRequest(f"{path} is not TOML", hint=_EXAMPLE) from exc
    return tuple(_token(path, name, table) for name, table in tables.items())


def _check_mode(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise BadRequest(f"{path} is not a file")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadRequest(
            f"{path} holds tokens, and others may read it", hint=f"chmod 600 {path}"
        )


def _token(path: Path, name: str, table: Any) -> Token:  # noqa: ANN401 - TOML
    scope = table.get("scope") if isinstance(table, dict) else None
    if not isinstance(scope, str) or scope not in _SCOPES:
        raise BadRequest(f"{path}: {name} has no scope", hint=_EXAMPLE)
    digest = _digest(table, f"{path}: {name}")
    return Token(name=name, scopes=_SCOPES[scope], digest=digest)


def _digest(table: dict[str, Any], where: str) -> bytes:
    clear, hashed = table.get("token"), table.get("sha256")
    if isinstance(clear, str) and hashed is None:
        if len(clear) < _SHORTEST:
            raise BadRequest(
                f"{where}: the token is shorter than {_SHORTEST} characters",
                hint="make one: openssl rand -hex 32",
            )
        return sha256(clear.encode()).digest()
    if isinstance(hashed, str) and clear is None:
        try:
            digest = bytes.fromhex(hashed)
        except ValueError:
            digest = b""
        if len(digest) == sha256().digest_size:
            return digest
        raise BadRequest(f"{where}: sha256 is not 64 hexadecimal digits")
    raise BadRequest(f"{where} needs either a token or a sha256", hint=_EXAMPLE)
