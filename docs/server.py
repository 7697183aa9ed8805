"""The reference pages about the server: its tools, and its settings."""

from __future__ import annotations

import tempfile
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr

from sickbay.server.build import build_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.core.manifest import Toolset
    from sickbay.server.build import Server
    from sickbay.server.tool import BoundTool

INTRODUCTION = """\
A setting is taken from the first of these that has it: an argument of the command, the
environment, `./sickbay.toml`, the user's `sickbay.toml`, its default. In a file,
`SICKBAY_LOGS__ROOTS` is `roots` in the section `[logs]`."""


def tools() -> Iterator[str]:
    """Every tool with its arguments, and what else a client can ask for."""
    with tempfile.TemporaryDirectory() as folder:
        given = {"toolsets": "all", "write": True, "state": folder, "cache": folder}
        server = build_server(given)
        yield "# Tools"
        yield ""
        yield "`sickbay tools` lists them and their cost; `sickbay call` calls one."
        for toolset in server.toolsets:
            yield from _toolset(server, toolset)
        yield from _offers(server)


def _toolset(server: Server, toolset: Toolset) -> Iterator[str]:
    yield f"\n## {toolset.name}\n"
    yield toolset.summary
    for tool in server.tools.values():
        if tool.toolset == toolset.name:
            yield from _tool(tool)
    if toolset.aliases:
        yield "\nOld names that still work:\n"
        yield "| old name | answered by |"
        yield "|---|---|"
        for alias in sorted(toolset.aliases, key=lambda alias: alias.name):
            yield f"| `{alias.name}` | `{toolset.name}_{alias.tool}` |"


def _tool(tool: BoundTool) -> Iterator[str]:
    yield f"\n### {tool.name}\n"
    yield tool.description
    schema = tool.arguments.schema()
    if schema["properties"]:
        yield "\n| argument | type | default | |"
        yield "|---|---|---|---|"
    required = schema.get("required", ())
    for name, said in schema["properties"].items():
        default = "needed" if name in required else _shown(said.get("default"))
        words = _cell(said.get("description", ""))
        yield f"| `{name}` | {_cell(_type(said))} | {default} | {words} |"


def _offers(server: Server) -> Iterator[str]:
    catalogue = server.catalogue
    yield "\n## Resources\n"
    yield "| address | |"
    yield "|---|---|"
    readable = {**catalogue.resources, **catalogue.templates}
    for uri, resource in sorted(readable.items()):
        yield f"| `{uri}` | {resource.description} |"
    yield "\n## Prompts\n"
    yield "| prompt | arguments | |"
    yield "|---|---|---|"
    for name, prompt in sorted(catalogue.prompts.items()):
        arguments = ", ".join(f"`{item.name}`" for item in prompt.arguments or ())
        yield f"| `{name}` | {arguments} | {prompt.description} |"


def settings() -> Iterator[str]:
    """Every setting, by the variable that sets it."""
    with tempfile.TemporaryDirectory() as folder:
        found = build_server({"toolsets": "all", "state": folder, "cache": folder})
    yield "# Settings"
    yield ""
    yield from INTRODUCTION.splitlines()
    yield ""
    yield "| variable | default | |"
    yield "|---|---|---|"
    yield from _fields(type(found.settings), "SICKBAY_")
    older = type(found.settings).older
    yield "\nOther names that are honoured:\n"
    yield "| variable | stands for |"
    yield "|---|---|"
    for variable, pairs in groupby(sorted(older), key=itemgetter(0)):
        meant = ", ".join(f"`{_variable(setting)}`" for _, setting in pairs)
        yield f"| `{variable}` | {meant} |"


def _fields(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        parts = (field.annotation, *getattr(field.annotation, "__args__", ()))
        models = [kind for kind in parts if _is_model(kind)]
        if models:
            yield from _fields(models[0], f"{prefix}{name.upper()}__")
            continue
        default = "" if field.is_required() else _default(field)
        words = _cell(field.description or "")
        yield f"| `{prefix}{name.upper()}` | {default} | {words} |"


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _default(field: Any) -> str:  # noqa: ANN401 - pydantic's
    if field.default_factory is not None:
        return "the user's own" if _kind(field).endswith("path") else ""
    if isinstance(field.default, SecretStr):
        return ""
    return _shown(field.default)


def _kind(field: Any) -> str:  # noqa: ANN401 - pydantic's
    return str(getattr(field.annotation, "__name__", field.annotation)).lower()


def _variable(setting: str) -> str:
    return "SICKBAY_" + setting.upper().replace(".", "__")


def _type(said: Mapping[str, Any]) -> str:
    if "enum" in said:
        return ", ".join(f"`{value}`" for value in said["enum"])
    if "anyOf" in said:
        return " or ".join(_type(part) for part in said["anyOf"])
    kind = said.get("type", "any")
    if kind == "array":
        return f"list of {_type(said.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    return "" if value in (None, "", [], ()) else f"`{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
