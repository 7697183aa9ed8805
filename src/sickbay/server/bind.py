"""Where a server may listen."""

from __future__ import annotations

import ipaddress

from sickbay.core.errors import BadRequest


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
