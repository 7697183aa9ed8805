from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, SecretStr

from sickbay.core.redact import Redactor
from sickbay.server.provenance import ARGUMENT, DEFAULT, MASKED, origins

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Hud(BaseModel):
    url: str = "https://user:secret-word@hud.example.org"
    token: SecretStr = SecretStr("hidden-for-good")


class All(BaseModel):
    write: bool = False
    hud: Hud = Hud()


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("SICKBAY_WRITE", "SICKBAY_HUD", "SICKBAY_HUD__URL"):
        monkeypatch.delenv(name, raising=False)


def found(given: Mapping[str, object] | None = None) -> dict[str, str]:
    known = origins(All(), Redactor(), given)
    return {item.setting: item.origin for item in known}


def test_nothing_set_is_the_default() -> None:
    assert set(found().values()) == {DEFAULT}
    assert list(found()) == ["write", "hud.url", "hud.token"]


@pytest.mark.parametrize(
    "variable", ["SICKBAY_HUD__URL", "sickbay_hud__url", "SICKBAY_HUD"]
)
def test_a_variable_is_named_as_it_is_written(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "x")
    assert found()["hud.url"] == variable


def test_an_argument_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SICKBAY_WRITE", "true")
    assert found({"write": True})["write"] == ARGUMENT
    assert found({"write": None})["write"] == "SICKBAY_WRITE"


def test_the_file_here_wins_over_the_users(tmp_path: Path) -> None:
    user = tmp_path / "config" / "sickbay" / "sickbay.toml"
    user.parent.mkdir(parents=True)
    user.write_text('write = true\n[hud]\nurl = "x"\n', encoding="utf-8")
    assert found()["write"] == str(user)
    (tmp_path / "sickbay.toml").write_text("write = true\n", encoding="utf-8")
    assert found()["write"] == "./sickbay.toml"
    assert found()["hud.url"] == str(user)


def test_secrets_are_not_shown() -> None:
    shown = {item.setting: item.value for item in origins(All(), Redactor())}
    assert shown["hud.token"] == MASKED
    assert "secret-word" not in shown["hud.url"]
    assert "hud.example.org" in shown["hud.url"]
