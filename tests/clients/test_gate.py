from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from sickbay.clients.http import Http
from sickbay.clients.patience import Patience
from sickbay.core.errors import Unavailable
from tests.clients.site import Site, served

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

HASTE = Patience(attempts=2, pause_s=0.001)


@dataclass
class Noted:
    """A gate that lets all pass, and notes what it hears."""

    entered: list[str] = field(default_factory=list)
    heard: list[tuple[str, int | None, str]] = field(default_factory=list)

    async def enter(self, url: httpx2.URL) -> None:
        self.entered.append(url.path)

    def left(
        self, url: httpx2.URL, status: int | None, headers: Mapping[str, str]
    ) -> None:
        self.heard.append((url.path, status, headers.get("X-Left", "")))


def test_a_gate_hears_of_every_answer_whichever_way_it_is_read() -> None:
    gate = Noted()
    with served() as site:
        site.says("/a", b"text", X_Left="2")
        site.says("/b", status=302, Location="/a")
        site.says("/busy", status=503, X_Left="0")

        async def work() -> None:
            host = f"127.0.0.1:{site.port}"
            async with Http([host], patience=HASTE, gate=gate) as http:
                await http.get(f"http://{host}/b")
                async for _ in http.stream(f"http://{host}/a"):
                    pass
                with pytest.raises(Unavailable):
                    await http.get(f"http://{host}/busy")

        asyncio.run(work())
    assert gate.heard == [
        ("/b", 302, ""),
        *[("/a", 200, "2")] * 2,
        *[("/busy", 503, "0")] * 2,
    ]
    assert gate.entered == [path for path, _, _ in gate.heard]


def test_a_gate_hears_of_a_request_that_got_no_answer() -> None:
    gate = Noted()
    with served() as site:
        port = site.port

    async def work() -> None:
        async with Http([f"127.0.0.1:{port}"], patience=HASTE, gate=gate) as http:
            with pytest.raises(Unavailable):
                await http.get(f"http://127.0.0.1:{port}/a")

    asyncio.run(work())
    assert gate.heard == [("/a", None, "")] * 2


def tokens(site: Site, root: str) -> dict[str, bool]:
    """Which paths got the credential that is kept for a part of the host."""
    paths = ["/v2", "/v2/a", "/v2x/a", "/store", "/"]
    for path in paths:
        site.says(path)

    async def work() -> None:
        host = f"127.0.0.1:{site.port}"
        held = {f"{host}{root}": {"Authorization": "Bearer t"}}
        async with Http([host], credentials=held) as http:
            for path in paths:
                await http.get(f"http://{host}{path}")

    asyncio.run(work())
    lower = [(path, {name.lower() for name in fields}) for path, fields in site.asked]
    return {path: "authorization" in names for path, names in lower}


@pytest.mark.parametrize("root", ["/v2", "/v2/"])
def test_a_credential_for_a_part_of_a_host_stays_there(root: str) -> None:
    with served() as site:
        found = tokens(site, root)
    assert [path for path, sent in found.items() if sent] == ["/v2", "/v2/a"]


def test_a_credential_for_a_host_goes_everywhere_on_it() -> None:
    with served() as site:
        assert all(tokens(site, "").values())
