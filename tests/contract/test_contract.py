from __future__ import annotations

import asyncio
import importlib.util
from typing import TYPE_CHECKING

import pytest

from sickbay.server.discovery import discovered
from tests.contract import ward as ward_contract
from tests.contract.cases import contract_of
from tests.contract.rules import violations
from tests.contract.walk import walked
from tests.server import ward

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.core.manifest import Toolset
    from tests.contract.cases import Contract

KNOWN = {toolset.name: toolset for toolset in discovered()}


def checked(
    toolset: Toolset, contract: Contract, folder: Path, more: tuple[Toolset, ...] = ()
) -> list[str]:
    subjects = asyncio.run(walked(toolset, contract, folder, more=more))
    assert {subject.name for subject in subjects} == {
        case.tool for case in contract.cases
    }
    return [f"{v.rule} {v.tool}: {v.what}" for v in violations(subjects)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_toolset_says_how_to_call_its_tools(name: str) -> None:
    assert importlib.util.find_spec(f"tests.toolsets.{name}.contract")


@pytest.mark.timeout(60)  # every tool of a toolset, many times
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_tool_keeps_the_rules(name: str, folder: Path) -> None:
    found = checked(KNOWN[name], contract_of(name), folder)
    assert not found, "\n".join(found)


def test_every_kind_of_tool_keeps_the_rules(folder: Path) -> None:
    found = checked(ward.TOOLSET, ward_contract.CONTRACT, folder, (ward.TOOLSET,))
    assert not found, "\n".join(found)
