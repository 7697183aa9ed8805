"""``sickbay install``: connects an assistant, without losing anything it knows."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from sickbay.cli.assistants import ASSISTANTS, Assistant, Client
from sickbay.core.errors import BadRequest, Unsupported
from sickbay.server.build import build_server
from sickbay.server.provenance import origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.server.build import Server

TOKEN = "SICKBAY_TOKEN"  # noqa: S105 - a variable's name
"""The variable with the token for a server that runs elsewhere."""

QUESTIONS = 3


def install(  # noqa: PLR0913 - one for each thing to choose
    client: Client,
    /,
    *,
    show: Annotated[bool, Parameter(name="--print", negative="")] = False,
    user: Annotated[bool, Parameter(negative="")] = False,
    http: str | None = None,
    toolsets: str | None = None,
    with_values: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Tell an assistant of this server, in the file where it looks for servers.

    Other servers in that file stay, and the file as it was is kept beside it. The
    variables that are set for the configured toolsets are named there; their values
    stay out of it unless you ask for them.

    Args:
        client: The assistant.
        show: Print what would be written instead.
        user: Write the file for all projects instead of the one of this folder.
        http: Connect to the server that runs at this URL instead of starting one.
        toolsets: Those that the assistant gets; by default those that are configured.
        with_values: Write the values of the variables, too.
    """
    assistant = ASSISTANTS[client]
    server = build_server({"toolsets": toolsets})
    names = [TOKEN] if http else _variables(server)
    values = {
        name: os.environ[name] if with_values else assistant.placeholder.format(name)
        for name in names
        if name in os.environ
    }
    if http:
        entry = assistant.entry_at(_endpoint(http, toolsets), _headers(values))
    else:
        entry = assistant.entry(_command(toolsets), values)
    wanted = assistant.document(entry, [] if with_values else list(values))
    if show:
        sys.stdout.write(json.dumps(wanted, ensure_ascii=False, indent=2) + "\n")
        return 0
    path = _file(assistant, user=user)
    sys.stdout.write(_written(path, wanted, private=with_values and bool(values)))
    sys.stdout.write(_farewell(assistant, server, values, with_values=with_values))
    return 0


def _variables(server: Server) -> list[str]:
    """The variables that set something for the server or for a toolset that is on."""
    on = {toolset.name for toolset in server.toolsets}
    known = origins(server.settings, server.house.finish.redactor)
    wanted = (
        item.origin
        for item in known
        if "." not in item.setting or item.setting.partition(".")[0] in on
    )
    return sorted({name for name in wanted if name in os.environ})


def _command(toolsets: str | None) -> list[str]:
    beside = Path(sys.executable).with_name("sickbay")
    found = str(beside) if beside.exists() else shutil.which("sickbay")
    command = [os.path.abspath(found)] if found else [sys.executable, "-m", "sickbay"]  # noqa: PTH100 - resolve() would leave the virtual environment
    return [*command, "serve", *(["--toolsets", toolsets] if toolsets else [])]


def _endpoint(url: str, toolsets: str | None) -> str:
    if not url.startswith(("http://", "https://")):
        raise BadRequest(f"--http: {url} is no URL", hint="such as http://host/mcp")
    base = url.rstrip("/")
    base = base if "/mcp" in base else f"{base}/mcp"
    return f"{base}/{toolsets}" if toolsets else base


def _headers(values: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {values[TOKEN]}"} if TOKEN in values else {}


def _file(assistant: Assistant, *, user: bool) -> Path:
    place = assistant.user if user or assistant.project is None else assistant.project
    if place is None:
        raise Unsupported(
            f"{assistant.title} writes its own file for all projects",
            hint="use its command instead: claude mcp add-json --scope user sickbay"
            " JSON, with the JSON that --print gives for sickbay",
        )
    return place().absolute()


def _written(path: Path, wanted: Mapping[str, Any], *, private: bool) -> str:
    """Merge into the file; what was done, for the user."""
    path = path.resolve()  # a link stays one
    before = _read(path)
    after = _merged(before or {}, wanted)
    if before == after:
        return f"{path} says so already\n"
    text = json.dumps(after, ensure_ascii=False, indent=2) + "\n"
    kept = f"{path.name}.bak"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if before is not None:
            shutil.copy2(path, path.with_name(kept))
        _replace(path, text, private=private)
    except OSError as exc:
        raise BadRequest(f"cannot write {path}: {exc.strerror}") from exc
    return f"wrote {path}{f' (as it was: {kept})' if before is not None else ''}\n"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise BadRequest(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise BadRequest(
            f"{path} is not JSON, and is left alone: {exc}",
            hint="mend it, or add what --print shows by hand",
        ) from None
    if not isinstance(found, dict):
        raise BadRequest(f"{path} holds no object, and is left alone")
    return found


def _merged(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What was there, with our entry and our inputs in place of older ones of ours."""
    after = dict(before)
    for key, value in wanted.items():
        there = after.get(key, type(value)())
        if type(there) is not type(value):
            raise BadRequest(f"{key} of that file is not what it has to be")
        if isinstance(value, dict):
            after[key] = {**there, **value}
        else:
            ours = {item["id"] for item in value}
            others = [i for i in there if not _is_one_of(i, ours)]
            after[key] = [*others, *value]
    return after


def _is_one_of(item: object, ids: set[str]) -> bool:
    return isinstance(item, dict) and item.get("id") in ids


def _replace(path: Path, text: str, *, private: bool) -> None:
    """Put a file in place in one step; only its owner reads one with secrets."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode & 0o700 if private else mode)
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _farewell(
    assistant: Assistant,
    server: Server,
    values: Mapping[str, str],
    *,
    with_values: bool,
) -> str:
    lines = [f"{assistant.title}: {assistant.reload}"]
    names = ", ".join(values)
    if values and with_values:
        lines.append(f"It holds the values of {names} now: keep it to yourself")
    elif values and "<" in assistant.placeholder:
        lines.append(f"Put in the values of {names} first, or use --with-values")
    elif values:
        lines.append(f"It finds the values of {names} when it starts the server")
    questions = _questions(server)
    if questions:
        lines += ["", "Then ask, for a start:", *(f"  {item}" for item in questions)]
    return "\n".join(lines) + "\n"


def _questions(server: Server) -> list[str]:
    """The first question of each toolset, then the second, as many as are wanted."""
    rows: Iterable[tuple[str | None, ...]] = zip_longest(
        *(toolset.questions for toolset in server.toolsets)
    )
    return [text for text in chain.from_iterable(rows) if text][:QUESTIONS]
