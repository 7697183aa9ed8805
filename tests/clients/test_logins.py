from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING

import pytest

from sickbay.clients.logins import buildkite_token, github_token

if TYPE_CHECKING:
    from pathlib import Path

BK = """\
selected_org: vllm
organizations:
  vllm: {api_token: bkua_of_vllm}
  acme: {api_token: bkua_of_acme}
"""
GH = """\
github.com:
  user: nurse
  oauth_token: gho_of_github
ghe.example.org:
  oauth_token: gho_of_example
"""
BROKEN = [
    pytest.param(b"", id="empty"),
    pytest.param(b"{", id="cut"),
    pytest.param(b"\xff\xfe\x00", id="no text"),
    pytest.param(b"- a\n- b\n", id="list"),
    pytest.param(b"organizations: [vllm]", id="list within"),
    pytest.param(b"organizations: {vllm: {api_token: 7}}", id="number"),
    pytest.param(b"organizations: {vllm: {api_token: 'a b'}}", id="space"),
    pytest.param(b'organizations: {vllm: {api_token: "a\\nb"}}', id="line end"),
    pytest.param(b"organizations: {vllm: {api_token: ''}}", id="no token"),
    pytest.param(b"!!python/object/apply:os.abort []", id="code"),
    pytest.param(b"a: " + b"[" * 5000, id="deep"),
]


def environ(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "PATH": str(home / "bin"), **more}


def wrote(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def program(home: Path, name: str, script: str) -> None:
    """A program of that name, found on the path."""
    path = home / "bin" / name
    wrote(path, f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def bk(home: Path, organization: str = "vllm", **more: str) -> str | None:
    return asyncio.run(buildkite_token(organization, environ(home, **more)))


def gh(home: Path, host: str = "github.com", **more: str) -> str | None:
    return asyncio.run(github_token(host, environ(home, **more)))


@pytest.mark.parametrize("name", [".config/bk.yaml", ".bk.yaml"])
def test_a_login_of_bk_is_found_where_bk_keeps_it(tmp_path: Path, name: str) -> None:
    wrote(tmp_path / name, BK)
    assert bk(tmp_path) == "bkua_of_vllm"
    assert bk(tmp_path, "acme") == "bkua_of_acme"
    assert bk(tmp_path, "other") is None


def test_the_folder_of_settings_may_be_elsewhere(tmp_path: Path) -> None:
    wrote(tmp_path / "x/bk.yaml", BK)
    wrote(tmp_path / "x/gh/hosts.yml", GH)
    wrote(tmp_path / "y/hosts.yml", GH.replace("gho_", "other_"))
    assert bk(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "x")) == "bkua_of_vllm"
    assert gh(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "x")) == "gho_of_github"
    assert gh(tmp_path, GH_CONFIG_DIR=str(tmp_path / "y")) == "other_of_github"


def test_a_login_of_gh_is_for_its_host(tmp_path: Path) -> None:
    wrote(tmp_path / ".config/gh/hosts.yml", GH)
    assert gh(tmp_path) == "gho_of_github"
    assert gh(tmp_path, "ghe.example.org") == "gho_of_example"
    assert gh(tmp_path, "evil.example") is None


def test_a_token_in_a_keyring_is_asked_of_the_program(tmp_path: Path) -> None:
    program(
        tmp_path, "gh", 'test "$1 $2 $4" = "auth token github.com" && echo gho_ring'
    )
    program(tmp_path, "bk", 'test "$1 $2" = "auth token" && echo bkua_ring')
    assert gh(tmp_path) == "gho_ring"
    assert bk(tmp_path) == "bkua_ring"
    assert gh(tmp_path, "ghe.example.org") is None


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("echo no >&2; exit 1", id="not logged in"),
        pytest.param("echo gho_x; exit 4", id="token and failure"),
        pytest.param("echo a token of several words", id="talks"),
        pytest.param("exec cat /dev/zero | head -c 100000", id="too much"),
        pytest.param("cat", id="reads"),
        pytest.param("", id="silent"),
    ],
)
def test_a_program_that_says_no_token_gives_none(tmp_path: Path, script: str) -> None:
    program(tmp_path, "gh", script)
    assert gh(tmp_path) is None


def test_a_program_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    program(tmp_path, "gh", f"exec {os.path.realpath('/bin/sleep')} 60")
    token = github_token("github.com", environ(tmp_path), wait_s=0.1)
    assert asyncio.run(token) is None


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_no_login_and_no_error(tmp_path: Path, text: bytes) -> None:
    wrote(tmp_path / ".config/bk.yaml", text)
    wrote(tmp_path / ".config/gh/hosts.yml", text)
    assert bk(tmp_path) is None
    assert gh(tmp_path) is None


def test_no_home_is_no_login() -> None:
    assert asyncio.run(buildkite_token("vllm", {})) is None
    assert asyncio.run(github_token("github.com", {})) is None


def test_a_file_that_may_not_be_read_is_no_login(tmp_path: Path) -> None:
    (tmp_path / ".config/bk.yaml").mkdir(parents=True)
    assert bk(tmp_path) is None
