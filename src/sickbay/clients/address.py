"""Addresses that an operator sets, checked before anything is asked there."""

from __future__ import annotations

from urllib.parse import urlsplit


def web_address(address: str) -> str:
    """The same without a slash at the end.

    Raises:
        ValueError: It is no address of a web server, or holds a password.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{address} is no http or https URL")
    if parts.username or parts.password:
        raise ValueError("a URL must not hold a name or password")
    return address.rstrip("/")
