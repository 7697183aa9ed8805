"""Finds the toolsets in their folder, and says which are on and why not."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sickbay import toolsets
from sickbay.core.errors import BadRequest
from sickbay.core.manifest import Toolset
from sickbay.server.arguments import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = "all"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a toolset is on, and if not, why."""

    toolset: Toolset
    enabled: bool
    why: str | None = None


def discovered() -> list[Toolset]:
    """Every toolset that has a manifest, in the order of their names."""
    found = []
    for module in pkgutil.iter_modules(toolsets.__path__, f"{toolsets.__name__}."):
        manifest = f"{module.name}.manifest"
        if importlib.util.find_spec(manifest) is None:
            continue
        toolset = importlib.import_module(manifest).TOOLSET
        if not isinstance(toolset, Toolset):
            raise TypeError(f"{manifest}: TOOLSET is no Toolset")
        found.append(toolset)
    return found


def chosen_at_start(
    known: Sequence[Toolset],
    names: Sequence[str] | None,
    settings: Any,  # noqa: ANN401 - composed at run time
) -> list[Standing]:
    """Which toolsets are on.

    Args:
        known: All there are.
        names: Those that the operator named; ``all`` for every one; None for those
            that are on by default.
        settings: Holds a section for each toolset that has settings.

    Raises:
        BadRequest: A name is unknown.
    """
    known_names = [toolset.name for toolset in known]
    for name in names or ():
        if name != ALL and name not in known_names:
            raise BadRequest(
                f"there is no toolset {name}{nearest(name, known_names)}",
                hint=f"there are: {', '.join(known_names)}, {ALL}",
            )
    return [_standing(toolset, names, settings) for toolset in known]


def company(known: Sequence[Toolset], name: str, settings: Any) -> list[str]:  # noqa: ANN401 - composed at run time
    """A toolset and those that have what it wants, as far as they are on by default."""
    wanted = {one for toolset in known if toolset.name == name for one in toolset.wants}
    return [name] + [
        toolset.name
        for toolset in known
        if toolset.name != name
        and wanted.intersection(toolset.provides)
        and _standing(toolset, None, settings).enabled
    ]


def _standing(
    toolset: Toolset,
    names: Sequence[str] | None,
    settings: Any,  # noqa: ANN401 - see above
) -> Standing:
    named = names is not None and (toolset.name in names or ALL in names)
    if names is not None and not named:
        return Standing(toolset, enabled=False, why="not named in --toolsets")
    missing = [name for name in toolset.requires if not _is_there(name)]
    if missing:
        install = f"pip install 'sickbay[{toolset.extra or toolset.name}]'"
        return Standing(toolset, enabled=False, why=f"needs {missing[0]}: {install}")
    if named:
        return Standing(toolset, enabled=True)
    if toolset.named_only:
        return Standing(toolset, enabled=False, why="only when named in --toolsets")
    section = getattr(settings, toolset.name, None)
    if toolset.configured is not None and not toolset.configured(section):
        url = f"SICKBAY_{toolset.name.upper()}__URL"
        why = f"not configured: set {url}, or name it in --toolsets"
        return Standing(toolset, enabled=False, why=why)
    return Standing(toolset, enabled=True)


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def attribute(named: str) -> Any:  # noqa: ANN401 - whatever is there
    """What ``module:attribute`` stands for."""
    module, _, name = named.partition(":")
    return getattr(importlib.import_module(module), name)
