from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import BadRequest
from sickbay.core.manifest import Toolset
from sickbay.server.discovery import attribute, chosen_at_start, discovered

if TYPE_CHECKING:
    from collections.abc import Sequence

LOGS = Toolset(name="logs", summary="", tools="", source="")
HUD = replace(LOGS, name="hud", configured=lambda section: section.url != "")
PYTHON = replace(LOGS, name="python", named_only=True)
GPU = replace(LOGS, name="gpu", requires=("no_such_module.inside",), extra="nvml")
KNOWN = [LOGS, HUD, PYTHON, GPU]


def standing(names: Sequence[str] | None, url: str = "") -> dict[str, str | None]:
    """Each toolset with why it is not on; None where it is."""
    settings = SimpleNamespace(hud=SimpleNamespace(url=url))
    found = chosen_at_start(KNOWN, names, settings)
    assert all(item.enabled == (item.why is None) for item in found)
    return {item.toolset.name: item.why for item in found}


def test_by_default_what_is_configured_is_on() -> None:
    assert standing(None) == {
        "logs": None,
        "hud": "not configured: set SICKBAY_HUD__URL, or name it in --toolsets",
        "python": "only when named in --toolsets",
        "gpu": "needs no_such_module.inside: pip install 'sickbay[nvml]'",
    }
    assert standing(None, url="http://h")["hud"] is None


def test_what_is_named_is_on_and_nothing_else() -> None:
    assert standing(["python", "hud"]) == {
        "logs": "not named in --toolsets",
        "hud": None,
        "python": None,
        "gpu": "not named in --toolsets",
    }


def test_all_is_all_that_can_be() -> None:
    found = standing(["all"])
    assert [name for name, why in found.items() if why is None] == [
        "logs",
        "hud",
        "python",
    ]


def test_a_toolset_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        BadRequest, match="no toolset lgos; did you mean logs"
    ) as caught:
        standing(["lgos"])
    assert caught.value.hint == "there are: logs, hud, python, gpu, all"


def test_toolsets_are_found_by_being_there_in_the_order_of_their_names() -> None:
    names = [toolset.name for toolset in discovered()]
    assert "logs" in names
    assert names == sorted(names)


def test_what_a_manifest_names_is_there() -> None:
    for toolset in discovered():
        named = [toolset.source, toolset.settings, toolset.complete]
        named += [resource.read for resource in toolset.resources]
        assert all(callable(attribute(name)) for name in named if name)
        assert attribute(toolset.tools)
