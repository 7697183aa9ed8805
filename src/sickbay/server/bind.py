"""Where a server may listen."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAST_PORT = 65_535


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach that host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name may lead anywhere


def refuse_open_door(host: str, *, guarded: bool) -> None:
    """Listen to the network only where callers have to say who they are.

    Raises:
        BadRequest: They would not have to.
    """
    if not guarded and not is_loopback(host):
        raise BadRequest(
            f"{host or 'every address'} is open to the network, and nobody would be"
            " asked who they are",
            hint="give a token file or a JWT issuer, or listen on 127.0.0.1",
        )


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there; port 0 takes any that is free.

    Raises:
        BadRequest: There is no such address here, or another program has the port.
    """
    if not 0 <= port <= _LAST_PORT:
        raise BadRequest(f"there is no port {port}", hint=f"0 to {_LAST_PORT}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns off Nagle's algorithm only on sockets that say they speak TCP; with
    # it each answer waits 40 ms for the client's delayed acknowledgement
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()
        except OSError as exc:
            raise BadRequest(
                f"cannot listen on {host}:{port}: {exc.strerror}",
                hint="choose another address or port",
            ) from exc
        yield listener
