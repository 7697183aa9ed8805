from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.cli.assistants import ASSISTANTS

if TYPE_CHECKING:
    from tests.cli.desk import Desk

FILES = {
    "claude-code": "work/.mcp.json",
    "claude-desktop": "xdg_config_home/Claude/claude_desktop_config.json",
    "cursor": "work/.cursor/mcp.json",
    "vscode": "work/.vscode/mcp.json",
}
SECRET = {"SICKBAY_LOGS__HOSTS": "logs.example.org"}


def written(desk: Desk, client: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((desk.folder / FILES[client]).read_text("utf-8"))
    return found


def entry(document: dict[str, Any]) -> dict[str, Any]:
    servers = document.get("mcpServers") or document["servers"]
    found: dict[str, Any] = servers["sickbay"]
    return found


def test_every_assistant_is_tested() -> None:
    assert set(ASSISTANTS) == set(FILES)


@pytest.mark.parametrize("client", FILES)
def test_what_is_written_starts_a_server(desk: Desk, client: str) -> None:
    done = desk.main("install", client, "--toolsets", "logs")
    assert done.returncode == 0, done.stderr
    assert str(desk.folder / FILES[client]) in done.stdout
    found = entry(written(desk, client))
    assert Path(found["command"]).is_absolute()
    assert found["args"][-3:] == ["serve", "--toolsets", "logs"]
    ran = subprocess.run(
        [found["command"], *found["args"]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=desk.environment,
        cwd=desk.work,
    )
    assert (ran.returncode, ran.stdout) == (0, b"")


@pytest.mark.parametrize(
    ("client", "stands"),
    [
        ("claude-code", "${SICKBAY_LOGS__HOSTS}"),
        ("claude-desktop", "<value of SICKBAY_LOGS__HOSTS>"),
        ("cursor", "${env:SICKBAY_LOGS__HOSTS}"),
        ("vscode", "${input:SICKBAY_LOGS__HOSTS}"),
    ],
)
def test_variables_are_named_and_their_values_only_on_request(
    desk: Desk, client: str, stands: str
) -> None:
    desk.variables = SECRET
    desk.main("install", client)
    document = written(desk, client)
    assert entry(document)["env"]["SICKBAY_LOGS__HOSTS"] == stands
    assert SECRET["SICKBAY_LOGS__HOSTS"] not in json.dumps(document)
    asked = [item["id"] for item in document.get("inputs", [])]
    assert ("SICKBAY_LOGS__HOSTS" in asked) == (client == "vscode")
    done = desk.main("install", client, "--with-values")
    assert entry(written(desk, client))["env"].items() >= SECRET.items()
    assert "keep it to yourself" in done.stdout
    assert (desk.folder / FILES[client]).stat().st_mode & 0o077 == 0


def test_variables_of_toolsets_that_are_off_stay_out(desk: Desk) -> None:
    desk.variables = SECRET
    desk.main("install", "cursor", "--toolsets", "ward")
    assert "SICKBAY_LOGS__HOSTS" not in entry(written(desk, "cursor"))["env"]


OTHERS = {
    "mcpServers": {"other": {"command": "x"}, "sickbay": {"command": "old"}},
    "theme": "dürr",
    "inputs": [{"id": "mine"}],
}


def test_nothing_of_a_file_is_lost(desk: Desk) -> None:
    file = desk.folder / FILES["cursor"]
    file.parent.mkdir()
    before = json.dumps(OTHERS)
    file.write_text(before, encoding="utf-8")
    file.chmod(0o640)
    desk.main("install", "cursor")
    after = written(desk, "cursor")
    assert list(after) == list(OTHERS)
    assert (after["theme"], after["inputs"]) == ("dürr", [{"id": "mine"}])
    assert after["mcpServers"]["other"] == {"command": "x"}
    assert after["mcpServers"]["sickbay"]["command"] != "old"
    assert file.with_name("mcp.json.bak").read_text("utf-8") == before
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_second_time_changes_nothing(desk: Desk) -> None:
    desk.variables = SECRET
    desk.main("install", "vscode")
    first = written(desk, "vscode")
    done = desk.main("install", "vscode")
    assert "says so already" in done.stdout
    assert written(desk, "vscode") == first


def test_a_linked_file_stays_a_link(desk: Desk) -> None:
    real = desk.folder / "dotfiles.json"
    real.write_text("{}", encoding="utf-8")
    link = desk.folder / FILES["claude-code"]
    link.symlink_to(real)
    desk.main("install", "claude-code")
    assert link.is_symlink()
    assert "sickbay" in real.read_text("utf-8")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('{"a": 1,}', id="comma"),
        pytest.param("// said\n{}", id="comment"),
        pytest.param("[]", id="list"),
        pytest.param('{"mcpServers": []}', id="other-type"),
    ],
)
def test_a_file_that_cannot_be_merged_is_left_alone(desk: Desk, broken: str) -> None:
    file = desk.folder / FILES["claude-code"]
    file.write_text(broken, encoding="utf-8")
    done = desk.main("install", "claude-code")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert file.read_text("utf-8") == broken
    assert list(desk.work.iterdir()) == [file]


def test_print_writes_nothing(desk: Desk) -> None:
    done = desk.main("install", "claude-code", "--print")
    assert "sickbay" in json.loads(done.stdout)["mcpServers"]
    assert not list(desk.work.iterdir())


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://sickbay.example.org", "https://sickbay.example.org/mcp/logs"),
        ("http://127.0.0.1:8000/mcp/", "http://127.0.0.1:8000/mcp/logs"),
    ],
)
def test_a_server_elsewhere_is_named_by_its_url(
    desk: Desk, given: str, url: str
) -> None:
    desk.variables = {"SICKBAY_TOKEN": "t" * 30}
    options = ("--http", given, "--toolsets", "logs", "--print")
    found = entry(json.loads(desk.main("install", "claude-code", *options).stdout))
    bearer = {"Authorization": "Bearer ${SICKBAY_TOKEN}"}
    assert found == {"type": "http", "url": url, "headers": bearer}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["claude"], id="no-such-client"),
        pytest.param(["claude-desktop", "--http", "http://x"], id="no-url-there"),
        pytest.param(["claude-code", "--user"], id="not-our-file"),
        pytest.param(["cursor", "--http", "x"], id="no-url"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    desk: Desk, options: list[str]
) -> None:
    done = desk.main("install", *options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_three_questions_are_offered(desk: Desk) -> None:
    said = desk.main("install", "claude-code", "--toolsets", "logs").stdout
    assert len(said.partition("for a start:\n")[2].splitlines()) == 3
