"""Which hosts may be asked, and which addresses they may have."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from sickbay.core.errors import BadRequest, Denied, Malformed, SickbayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PRIVATE = "+private"
"""Written behind a host that may have an address which is not public."""

USUAL_PORTS = {"http": 80, "https": 443}

_WRITTEN = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::(\d{1,5}))?")
_NAME = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f\\]")

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared by a carrier's customers
        "168.63.129.16/32",  # where Azure answers each of its guests
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "2002::/16",  # holds an IPv4 address, as the one above may
        "3fff::/20",
    )
)
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be asked.

    Attributes:
        name: As in a URL; one that begins with ``*.`` stands for all below it.
        port: None is the usual one.
        private: Whether it may have an address that is not public.
    """

    name: str
    port: int | None = None
    private: bool = False

    def fits(self, name: str, port: int) -> bool:
        """Whether this is the host."""
        ports = USUAL_PORTS.values() if self.port is None else (self.port,)
        below = self.name.startswith("*.") and name.endswith(self.name[1:])
        return port in ports and (below or name == self.name)

    def __str__(self) -> str:
        return place(self.name, self.port)


def parse_host(text: str) -> Host:
    """Read an allowed host: ``name``, ``name:port``, ``*.suffix``, ``name+private``.

    An IP address and ``localhost`` may be private without saying so.

    Raises:
        BadRequest: It is none of these.
    """
    written = text.strip().lower()
    match = _WRITTEN.fullmatch(written.removesuffix(PRIVATE))
    name = _canonical(match[1].strip("[]")) if match else ""
    itself = _is_address(name) or name == "localhost"
    private = written.endswith(PRIVATE)
    known = itself or (_NAME.fullmatch(name) and not (private and "*" in name))
    if not match or not known:
        raise BadRequest(
            f"{text!r} is no host to allow",
            hint=f"write name, name:port, *.suffix, or name{PRIVATE} for a private one",
        )
    return Host(name, int(match[2]) if match[2] else None, private or itself)


def own_host(address: str, *, system: str, secret: bool = False) -> Host:
    """The host of a system that the operator named by its URL: it may be private.

    Args:
        address: The URL.
        system: What it is of, for messages.
        secret: Whether a credential is sent there.

    Raises:
        BadRequest: That is no URL.
        Denied: The credential would go over the internet unencrypted.
    """
    try:
        url = httpx2.URL(address)
        host = parse_host(place(url.host, url.port))
    except (httpx2.InvalidURL, BadRequest) as exc:
        raise BadRequest(f"{address[:200]!r} is no URL of {system}") from exc
    if url.scheme not in USUAL_PORTS or url.userinfo:
        raise BadRequest(f"{address[:200]!r} is no URL of {system}")
    if secret and url.scheme == "http" and not _is_near(host.name):
        raise Denied(
            f"the credential for {host} is not sent without encryption",
            hint="use https",
        )
    return Host(host.name, host.port, private=True)


def _is_near(name: str) -> bool:
    """Whether it is surely no host of the internet."""
    try:
        return name == "localhost" or not is_public(name)
    except ValueError:  # a name
        return False


class Hosts:
    """The hosts that may be asked.

    Args:
        allowed: These and no others.
        setting: What the operator sets them with, for hints.
    """

    def __init__(self, allowed: Iterable[Host], *, setting: str = "") -> None:
        self._allowed = tuple(allowed)
        self._setting = setting

    def url(self, text: str | httpx2.URL) -> httpx2.URL:
        """A URL that may be asked for, in canonical form.

        Raises:
            BadRequest: It is no URL, or of another kind, or holds a password.
            Denied: Its host is not allowed.
        """
        if _INVISIBLE.search(str(text)):
            raise BadRequest("that URL has a space, a backslash or a control in it")
        try:
            url = httpx2.URL(text)
            name = _canonical(url.raw_host.decode("ascii"))
        except (httpx2.InvalidURL, ValueError) as exc:
            raise BadRequest(f"that is no URL: {exc}") from exc
        is_host = _is_address(name) or _NAME.fullmatch(name)
        if url.scheme not in USUAL_PORTS or not is_host:
            raise BadRequest("only http and https URLs of a host can be fetched")
        if url.userinfo:
            raise BadRequest("a URL must not hold a name or password")
        if self._found(name, port_of(url)) is None:
            raise Denied(
                f"{place(name, url.port)} is not an allowed host", hint=self._hint()
            )
        return url.copy_with(host=name, fragment=None)

    def redirect(self, source: httpx2.URL, location: str) -> httpx2.URL:
        """Where a redirect leads, checked like any other URL.

        Raises:
            SickbayError: As ``url`` does; Denied where it gives up encryption.
        """
        try:
            target = source.join(location)
        except httpx2.InvalidURL as exc:
            raise Malformed(f"{source.host} redirects to no URL") from exc
        if source.scheme == "https" and target.scheme == "http":
            raise Denied(f"{source.host} redirects from https to http")
        try:
            return self.url(target)
        except SickbayError as exc:
            said = f"{source.host} redirects elsewhere: {exc.message}"
            raise type(exc)(said, hint=exc.hint) from exc

    def is_private(self, name: str, port: int) -> bool:
        """Whether the operator said that the host may have a private address."""
        host = self._found(name, port)
        return host is not None and host.private

    def checked(self, name: str, port: int, addresses: Sequence[str]) -> Sequence[str]:
        """The addresses of a host, if every one of them may be connected to.

        Raises:
            Denied: One is not public.
        """
        if not self.is_private(name, port):
            for address in addresses:
                if not is_public(address):
                    raise Denied(
                        f"{name} has the address {address}, which is not public",
                        hint=f"the operator can allow it as {name}{PRIVATE}",
                    )
        return addresses

    def _found(self, name: str, port: int) -> Host | None:
        return next((host for host in self._allowed if host.fits(name, port)), None)

    def _hint(self) -> str:
        there = f"allowed: {', '.join(map(str, self._allowed)) or 'none'}"
        return f"{there}; set {self._setting}" if self._setting else there


def is_public(address: str) -> bool:
    """Whether an address is one of the whole internet's, and no group's."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is None and ip not in _GLOBAL_IPV6:
            return False
        ip = inner or ip
    special = ip.is_multicast or any(ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not special


def port_of(url: httpx2.URL) -> int:
    """The port that a URL means."""
    return USUAL_PORTS[url.scheme] if url.port is None else url.port


def place(name: str, port: int | None) -> str:
    """A host and its port as a URL has them."""
    shown = f"[{name}]" if ":" in name else name
    return shown if port is None else f"{shown}:{port}"


def _canonical(name: str) -> str:
    name = name.lower().rstrip(".")
    return str(ipaddress.ip_address(name)) if _is_address(name) else name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
