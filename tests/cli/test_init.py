from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.desk import Desk


def test_the_file_changes_nothing_until_it_is_changed(desk: Desk) -> None:
    assert desk.main("init").returncode == 0
    text = (desk.work / "sickbay.toml").read_text("utf-8")
    assert tomllib.loads(text) == {}
    assert desk.main("tools").returncode == 0


def test_every_setting_is_in_it_with_its_default(desk: Desk) -> None:
    desk.main("init")
    rows = (desk.work / "sickbay.toml").read_text("utf-8").splitlines()
    used = [row.removeprefix("# ") for row in rows if " = " in row or "# [" in row]
    tables = tomllib.loads("\n".join(row for row in used if "# not set" not in row))
    assert tables["consent"] == "auto"
    assert tables["write"] is False
    assert tables["http"]["burst"] == 100
    assert tables["http"]["jwt"] == {"algorithm": "RS256"}
    assert tables["logs"]["hosts"] == []


def test_a_setting_taken_from_it_holds(desk: Desk) -> None:
    desk.main("init")
    path = desk.work / "sickbay.toml"
    text = path.read_text("utf-8").replace("# write = false", "write = true")
    path.write_text(text, encoding="utf-8")
    assert "[write]" in desk.main("tools", "ward").stdout


@pytest.mark.parametrize("options", [[], ["--user"]])
def test_a_file_that_is_there_is_left_alone(desk: Desk, options: list[str]) -> None:
    folder = desk.folder / "xdg_config_home" / "sickbay" if options else desk.work
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sickbay.toml").write_text("write = true\n", encoding="utf-8")
    done = desk.main("init", *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (folder / "sickbay.toml").read_text("utf-8") == "write = true\n"
