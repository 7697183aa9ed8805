from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.cli.desk import Desk


def examined(desk: Desk, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = desk.run("doctor", "--format", "json", *arguments)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def failing(report: dict[str, Any]) -> dict[str, str]:
    return {c["check"]: c["hint"] for c in report["checks"] if not c["ok"]}


def test_a_fresh_machine_is_well(desk: Desk) -> None:
    status, report = examined(desk)
    assert (status, report["well"], failing(report)) == (0, True, {})
    assert {"toolset": "ward", "enabled": True, "why_not": None} in report["toolsets"]


def test_each_setting_says_where_it_comes_from(desk: Desk) -> None:
    user = desk.folder / "xdg_config_home" / "sickbay" / "sickbay.toml"
    user.parent.mkdir(parents=True)
    user.write_text('consent = "param"\nlog_level = "error"\n', encoding="utf-8")
    here = desk.work / "sickbay.toml"
    here.write_text('log_level = "info"\nlog_json = true\n', encoding="utf-8")
    desk.variables = {"LOG_LEVEL": "warning", "SICKBAY_HTTP__BURST": "7"}
    _, report = examined(desk, "--toolsets", "ward")
    origins = {item["setting"]: item["origin"] for item in report["settings"]}
    assert origins["consent"] == str(user)
    assert origins["log_json"] == "./sickbay.toml"
    assert origins["log_level"] == "LOG_LEVEL"
    assert origins["http.burst"] == "SICKBAY_HTTP__BURST"
    assert origins["toolsets"] == "argument"
    assert origins["write"] == "default"


def test_a_folder_that_cannot_be_written_is_named(desk: Desk) -> None:
    desk.variables = {"SICKBAY_CACHE": "/proc/nowhere"}
    status, report = examined(desk)
    assert status == 1
    assert "SICKBAY_CACHE" in failing(report)["folder cache"]


def test_a_folder_of_logs_that_is_not_there_is_named(desk: Desk) -> None:
    gone = desk.folder / "gone"
    desk.variables = {"SICKBAY_LOGS__ROOTS": f"{desk.work}:{gone}"}
    status, report = examined(desk)
    assert (status, failing(report)) == (
        1,
        {"logs.roots": f"make {gone}, or leave it out"},
    )


def test_a_setting_that_does_not_exist_is_traced_to_its_variable(desk: Desk) -> None:
    desk.variables = {"SICKBAY_LOGS__ROTS": "logs"}
    _, report = examined(desk)
    assert "SICKBAY_LOGS__ROTS" in failing(report)["settings"]
    said = [check["detail"] for check in report["checks"]]
    assert said == ["there is no setting logs.rots; did you mean logs.roots?"]


def test_a_cache_that_is_a_file_is_named(desk: Desk) -> None:
    file = desk.folder / "file"
    file.touch()
    desk.variables = {"SICKBAY_CACHE": str(file)}
    done = desk.run("doctor")
    assert done.returncode == 1
    assert str(file) in done.stdout
    assert "What to do:" in done.stdout


def test_a_wrong_setting_is_a_finding_not_a_crash(desk: Desk) -> None:
    desk.variables = {"SICKBAY_CONSENT": "maybe"}
    status, report = examined(desk)
    assert status == 1
    assert "SICKBAY_CONSENT" in failing(report)["settings"]


def test_tokens_that_others_may_read_are_a_finding(desk: Desk) -> None:
    tokens = desk.folder / "tokens.toml"
    tokens.write_text("", encoding="utf-8")
    tokens.chmod(0o644)
    desk.variables = {"SICKBAY_HTTP__TOKENS": str(tokens)}
    status, report = examined(desk)
    assert status == 1
    assert failing(report)["http"] == f"chmod 600 {tokens}"


def test_an_issuer_that_nobody_hears_of_is_a_finding(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    jwt = {"ISSUER": "http://127.0.0.1", "JWKS_URL": f"http://127.0.0.1:{port}/keys"}
    desk.variables = {f"SICKBAY_HTTP__JWT__{name}": jwt[name] for name in jwt}
    status, report = examined(desk)
    assert (status, list(failing(report))) == (1, ["http"])


def test_the_page_says_what_differs_from_the_defaults(desk: Desk) -> None:
    page = desk.run("doctor", "--toolsets", "ward").stdout
    assert "SICKBAY_STATE" in page
    assert "log_json" not in page
    assert "off: not named in --toolsets" in page
