from __future__ import annotations

import re
import signal
import subprocess
from typing import TYPE_CHECKING

import httpx2
import pytest

if TYPE_CHECKING:
    from tests.cli.desk import Desk


def started(desk: Desk, *options: str, name: str = "hud") -> subprocess.Popen[str]:
    return subprocess.Popen(
        desk.command("simulate", name, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=desk.work,
        env=desk.environment,
    )


def environment(
    process: subprocess.Popen[str], until: str = "SICKBAY_HUD__STATS_URL"
) -> dict[str, str]:
    """The lines to paste, up to one: by default HUD's last without a firewall."""
    found: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        if match := re.fullmatch(r"export (\w+)=(\S+)\n", line):
            found[match[1]] = match[2]
        if until in found:
            break
    return found


@pytest.mark.timeout(20)
def test_double_answers_until_it_is_interrupted(desk: Desk) -> None:
    with started(desk, "--commits", "60") as process:
        try:
            places = environment(process)
            url = places["SICKBAY_HUD__URL"]
            assert set(places.values()) == {url}
            path = "/api/hud/pytorch/pytorch/main/1?per_page=2"
            assert len(httpx2.get(url + path, timeout=10).json()["shaGrid"]) == 2
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()


@pytest.mark.timeout(20)
def test_firewall_comes_with_its_token(desk: Desk) -> None:
    with started(desk, "--firewall") as process:
        try:
            url = environment(process)["SICKBAY_HUD__URL"]
            assert process.stdout is not None
            token = process.stdout.readline().strip().partition("BOT_TOKEN=")[2]
            path = f"{url}/api/crcr/allowlist"
            assert httpx2.get(path).status_code == 429
            secret = {"x-hud-internal-bot": token}
            assert httpx2.get(path, headers=secret).status_code == 200
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--commits", "3"], "--commits", id="too-few-commits"),
        pytest.param(["--faults", "2"], "--faults", id="more-than-all"),
        pytest.param(["--port", "70000"], "--port", id="no-such-port"),
    ],
)
def test_wrong_option_is_told(desk: Desk, options: list[str], said: str) -> None:
    with started(desk, *options) as process:
        _, complaint = process.communicate(timeout=10)
    assert process.returncode == 2
    assert said in complaint


@pytest.mark.timeout(20)
def test_buildkite_and_github_answer_with_the_tokens_told(desk: Desk) -> None:
    with started(desk, "--days", "3", "--jobs", "30", name="buildkite") as process:
        try:
            places = environment(process, until="SICKBAY_BUILDKITE__GITHUB_TOKEN")
            named = {name.partition("__")[2]: value for name, value in places.items()}
            path = f"{named['URL']}/v2/organizations/vllm/pipelines/ci/builds"
            held = {"Authorization": f"Bearer {named['TOKEN']}"}
            builds = httpx2.get(path, headers=held, timeout=10).json()
            assert "Full CI run - nightly" in {build["message"] for build in builds}
            path = f"{named['GITHUB_URL']}/repos/vllm-project/vllm/issues"
            held = {"Authorization": f"Bearer {named['GITHUB_TOKEN']}"}
            assert httpx2.get(path, headers=held, timeout=10).status_code == 200
            page = f"{named['WEB_URL']}/vllm/ci/builds/{builds[0]['number']}"
            assert httpx2.get(page, timeout=10).status_code == 200
        finally:
            process.kill()
