"""Looks at everything that is configured, and says what to do where it fails."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import BaseModel

from sickbay.core.errors import SickbayError
from sickbay.server.inventory import inventory
from sickbay.server.provenance import DEFAULT
from sickbay.server.session import client_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from sickbay.server.build import Server
    from sickbay.server.discovery import Standing
    from sickbay.server.listener import HttpSettings
    from sickbay.server.provenance import Origin

PACKAGES = {
    "hyperscan": "finds what rules look for: without it that takes longer",
    "re2": "confirms what was found, and searches logs",
}
"""Packages with compiled parts, which not every machine has."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        detail: What was found.
        hint: What to do; empty where all is well.
    """

    check: str
    ok: bool
    detail: str
    hint: str = ""


async def examined(server: Server, known: Sequence[Origin]) -> tuple[Check, ...]:
    """Every check of what is configured.

    Args:
        server: Not running yet.
        known: Its settings, with where they come from.
    """
    checks = [*_packages(), *_folders(server.settings), *_missing(server)]
    checks += _listed(server.settings)
    async with client_of(server) as client:
        listed = len(await client.list_tools())
        checks.append(Check("server", listed > 0, f"offers {listed} tools"))
        checks += [await _opened(server, toolset.name) for toolset in server.toolsets]
    checks += [await _attempt("http", partial(_door, server.settings.http))]
    addresses = [item for item in known if _is_address(item)]
    async with anyio.create_task_group() as group:
        for item in addresses:
            group.start_soon(_reach, item, checks)
    return tuple(checks)


def _packages() -> Iterator[Check]:
    for module, use in PACKAGES.items():
        there = importlib.util.find_spec(module) is not None
        hint = "" if there else "pip install --force-reinstall sickbay"
        yield Check(f"package {module}", there, use, hint)


def _folders(settings: Any) -> Iterator[Check]:  # noqa: ANN401 - composed at run time
    folders = {"cache": settings.cache, "state": settings.state}
    if settings.log_file is not None:
        folders["log_file"] = settings.log_file.parent
    for name, folder in folders.items():
        why = _unwritable(folder)
        hint = f"make it writable, or set SICKBAY_{name.upper()} to another"
        said = f"{folder} {f'cannot be written: {why}' if why else 'is writable'}"
        yield Check(f"folder {name}", not why, said, hint if why else "")


def _listed(settings: BaseModel, section: str = "") -> Iterator[Check]:
    """Folders that the settings list, each of which has to be there."""
    for name, value in settings:
        if isinstance(value, BaseModel):
            yield from _listed(value, f"{section}{name}.")
        elif isinstance(value, tuple):
            for folder in (item for item in value if isinstance(item, Path)):
                there = folder.is_dir()
                said = f"{folder} {'is a folder' if there else 'is no folder here'}"
                hint = "" if there else f"make {folder}, or leave it out"
                yield Check(f"{section}{name}", there, said, hint)


def _unwritable(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as exc:
        return os.strerror(exc.errno) if exc.errno else str(exc)


def _missing(server: Server) -> Iterator[Check]:
    """Toolsets that are configured, but lack a package."""
    for item in server.standings:
        why = item.why or ""
        if why.startswith("needs ") and _is_wanted(item, server.settings):
            what, _, install = why.partition(": ")
            yield Check(f"toolset {item.toolset.name}", False, what, install)  # noqa: FBT003 - a table's row


def _is_wanted(item: Standing, settings: Any) -> bool:  # noqa: ANN401 - see _folders
    toolset = item.toolset
    if toolset.name in (settings.toolsets or "").split(","):
        return True
    section = getattr(settings, toolset.name, None)
    return toolset.configured is not None and toolset.configured(section)


async def _opened(server: Server, toolset: str) -> Check:
    async def opened() -> str:
        await server.house.sources.of(toolset)
        entries = {entry.toolset: entry for entry in inventory(server)}
        return f"opens, {len(entries[toolset].tools)} tools"

    return await _attempt(f"toolset {toolset}", opened)


async def _door(settings: HttpSettings) -> str:
    """What guards the server when it serves over HTTP."""
    from sickbay.server.tokens import TokenFile  # noqa: PLC0415 - only if configured

    guards = []
    if settings.tokens is not None:
        TokenFile(settings.tokens)
        guards.append(f"tokens of {settings.tokens}")
    if settings.jwt is not None:
        from sickbay.clients.reach import reached  # noqa: PLC0415 - see above

        await reached(settings.jwt.jwks_url)
        guards.append(f"JSON Web Tokens of {settings.jwt.issuer}")
    if guards:
        return f"callers are known by {' and '.join(guards)}"
    return "callers need no token, so it serves this machine only"


def _is_address(item: Origin) -> bool:
    web = item.value.startswith(("http://", "https://"))
    return web and item.origin != DEFAULT and not item.setting.startswith("http.")


async def _reach(item: Origin, checks: list[Check]) -> None:
    from sickbay.clients.reach import reached  # noqa: PLC0415 - only if configured

    checks.append(await _attempt(item.setting, lambda: reached(item.value)))


async def _attempt(name: str, what: Callable[[], Awaitable[str]]) -> Check:
    try:
        return Check(name, True, await what())  # noqa: FBT003 - a table's row
    except SickbayError as exc:
        return Check(name, False, exc.message, exc.hint)  # noqa: FBT003 - see above
