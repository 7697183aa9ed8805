"""The key that seals what a client carries between two calls: it outlives a restart."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from mcp.server.request_state import RequestStateSecurity

from sickbay.core.errors import Denied

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 32


def sealing(state: Path) -> RequestStateSecurity:
    """How request states are sealed; the key is made on first use.

    Args:
        state: The folder of the user's own where it is kept, mode 0600.

    Raises:
        Denied: The key can neither be read nor made.
    """
    path = state / "request-state.key"
    try:
        key = _made(path) if not path.exists() else path.read_bytes()
    except OSError as exc:
        raise Denied(
            f"cannot keep a key in {state}: {exc.strerror}",
            hint="make the folder writable, or set SICKBAY_STATE to another",
        ) from exc
    if len(key) < _BYTES:
        raise Denied(f"{path} holds no key", hint="remove it; a new one will be made")
    return RequestStateSecurity(keys=[key], audience="sickbay")


def _made(path: Path) -> bytes:
    """Write a new key, unless another process is first: then take that one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mine = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(_BYTES))
        os.fsync(handle)
        os.link(mine, path)
    except FileExistsError:
        pass
    finally:
        os.close(handle)
        mine.unlink()
    return path.read_bytes()
