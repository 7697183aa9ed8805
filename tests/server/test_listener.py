from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import BadRequest
from sickbay.server.listener import HttpSettings, http_options
from sickbay.server.settings import settings_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("127.0.0.1:8000", "127.0.0.1", 8000),
        ("localhost:0", "localhost", 0),
        ("[::1]:8000", "::1", 8000),
        (":9000", "127.0.0.1", 9000),
        ("9000", "127.0.0.1", 9000),
        ("example.org", "example.org", 8000),
    ],
)
def test_addresses_are_read_as_people_write_them(
    address: str, host: str, port: int
) -> None:
    options = http_options(address, HttpSettings(), ["logs"])
    assert (options.host, options.port) == (host, port)
    assert options.toolsets == {"logs"}


@pytest.mark.parametrize("address", ["a:b", "::1:8000", "a:-1", "127.0.0.1:", "a:1.5"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadRequest, match=r"no address.*127\.0\.0\.1:8000"):
        http_options(address, HttpSettings(), [])


def test_environment_wins_over_the_file_here_and_that_over_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config" / "sickbay").mkdir(parents=True)
    files = {
        tmp_path / "config" / "sickbay" / "sickbay.toml": (1, 1, 1),
        tmp_path / "sickbay.toml": (2, 2),
    }
    names = ("drain_s", "max_sessions", "burst")
    for file, values in files.items():
        rows = "\n".join(
            f"{name} = {value}" for name, value in zip(names, values, strict=False)
        )
        file.write_text(f"write = true\n[http]\n{rows}\n", encoding="utf-8")
    monkeypatch.setenv("SICKBAY_HTTP__DRAIN_S", "3")
    monkeypatch.setenv("SICKBAY_HTTP__ALLOWED_HOSTS", "a.example.org, b.example.org")
    found = settings_of([], {}).http
    assert (found.drain_s, found.max_sessions, found.burst) == (3, 2, 1)
    assert found.allowed_hosts == ("a.example.org", "b.example.org")


def test_a_token_issuer_is_a_section_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[http.jwt]\nissuer = "https://a"\njwks_url = "https://a/keys"\n'
    (tmp_path / "sickbay.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("SICKBAY_HTTP__JWT__AUDIENCE", "https://us/mcp")
    jwt = http_options("127.0.0.1:0", settings_of([], {}).http, []).jwt
    assert jwt is not None
    assert (jwt.issuer, jwt.audience) == ("https://a", "https://us/mcp")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SICKBAY_HTTP__BURST", "many"),
        ("SICKBAY_HTTP__RATE_PER_S", "0"),
        ("SICKBAY_HTTP__JWT__ISSUER", "https://a"),
    ],
)
def test_a_wrong_setting_names_its_variable(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadRequest, match=variable.rpartition("__")[0]):
        settings_of([], {})
