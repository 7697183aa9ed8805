"""Tokens of the logins that a user has with ``bk`` and ``gh``."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WAIT_S = 2.0
"""For a program to say its token: it may have to ask a keyring."""

MAX_FILE = 1 << 20
MAX_TOKEN = 4096

_log = logging.getLogger(__name__)


async def buildkite_token(
    organization: str,
    environ: Mapping[str, str] = os.environ,
    *,
    wait_s: float = WAIT_S,
) -> str | None:
    """The token of a login with ``bk``; None without one.

    Args:
        organization: For which; a token is made for one or several.
        environ: The environment.
        wait_s: For the program to say it.
    """
    for path in _bk_files(environ):
        found = _mapping(await anyio.to_thread.run_sync(_read, path))
        of = _mapping(_mapping(found.get("organizations")).get(organization))
        if token := _token(of.get("api_token")):
            return token
    return await _said(("bk", "auth", "token"), environ, wait_s)


async def github_token(
    host: str = "github.com",
    environ: Mapping[str, str] = os.environ,
    *,
    wait_s: float = WAIT_S,
) -> str | None:
    """The token of a login with ``gh``; None without one.

    Args:
        host: Of GitHub, not of its API.
        environ: The environment.
        wait_s: For the program to say it.
    """
    folder = environ.get("GH_CONFIG_DIR") or str(_config(environ) / "gh")
    file = Path(folder) / "hosts.yml"
    found = _mapping(await anyio.to_thread.run_sync(_read, file))
    if token := _token(_mapping(found.get(host)).get("oauth_token")):
        return token
    command = ("gh", "auth", "token", "--hostname", host)
    return await _said(command, environ, wait_s)


def _bk_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    home = _home(environ)
    return _config(environ) / "bk.yaml", home / ".bk.yaml"


def _config(environ: Mapping[str, str]) -> Path:
    told = environ.get("XDG_CONFIG_HOME")
    return Path(told) if told else _home(environ) / ".config"


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or "/nonexistent")


def _read(path: Path) -> Any:  # noqa: ANN401 - any YAML
    """What a file holds; nothing where there is none, or it is broken."""
    import yaml  # noqa: PLC0415 - only where there may be a login

    try:
        if not path.is_file() or path.stat().st_size > MAX_FILE:
            return None
        return yaml.safe_load(path.read_text(errors="replace"))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as exc:
        _log.debug("no login in %s: %s", path, type(exc).__name__)
        return None


async def _said(
    command: Sequence[str], environ: Mapping[str, str], wait_s: float
) -> str | None:
    """The token that a program says, if it is there and says one in time."""
    program = shutil.which(command[0], path=environ.get("PATH", ""))
    if program is None:
        return None
    try:
        with anyio.fail_after(wait_s):
            done = await anyio.run_process(
                [program, *command[1:]],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**environ, "GH_PROMPT_DISABLED": "1"},
                check=False,
            )
    except (OSError, TimeoutError) as exc:
        _log.debug("%s said no token: %s", command[0], type(exc).__name__)
        return None
    said = done.stdout.decode(errors="replace").strip()
    return _token(said) if done.returncode == 0 else None


def _mapping(found: Any) -> dict[Any, Any]:  # noqa: ANN401 - any YAML
    return found if isinstance(found, dict) else {}


def _token(found: Any) -> str | None:  # noqa: ANN401 - any YAML
    """A token, if it can be one: no header field holds spaces or more lines."""
    if not isinstance(found, str) or not 0 < len(found) <= MAX_TOKEN:
        return None
    return (
        found if found.isascii() and found.isprintable() and " " not in found else None
    )
