"""``sickbay simulate``: the double of an outside system, to try things on."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from sickbay.server.bind import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

Share = Annotated[float, Parameter(validator=Number(gte=0, lte=1))]
Positive = Annotated[float, Parameter(validator=Number(gte=0))]
Commits = Annotated[int, Parameter(validator=Number(gte=60, lte=10_000))]
Days = Annotated[int, Parameter(validator=Number(gte=3, lte=365))]
Jobs = Annotated[int, Parameter(validator=Number(gte=30, lte=4_000))]
Count = Annotated[int, Parameter(validator=Number(gte=0, lte=100_000))]
Bytes = Annotated[int, Parameter(validator=Number(gte=0, lte=1 << 30))]
Port = Annotated[int, Parameter(validator=Number(gte=0, lte=65_535))]

EVENTFUL = 28
"""A seed whose newest nightly build has most kinds of trouble."""

simulate = App(
    name="simulate",
    help="Serve the double of an outside system on this machine, until Ctrl-C.\n\n"
    "Everything in it is made up, but hangs together; the same seed gives the same.",
    help_format="plaintext",
)


@simulate.command
def hud(  # noqa: PLR0913 - one for each thing to choose
    *,
    port: Port = 0,
    latency: Positive = 0.0,
    faults: Share = 0.0,
    firewall: bool = False,
    rate: Positive = 0.0,
    commits: Commits = 300,
    log_bytes: Bytes = 0,
    seed: int = 0,
) -> int:
    """Serve PyTorch HUD with its store of logs.

    Args:
        port: Where to listen on 127.0.0.1; 0 takes a free one.
        latency: Seconds that every answer takes longer.
        faults: Share of the requests that go wrong: refused, cut, slow or no JSON.
        firewall: Turn away whoever shows no token.
        rate: How many requests a second are answered; 0 is no limit.
        commits: How many commits there are.
        log_bytes: Size of each log; 0 is a few lines.
        seed: Of all that happens by chance.
    """
    from sickbay.simulators.hud.app import app  # noqa: PLC0415 - not for the help
    from sickbay.simulators.hud.gate import HudFaults  # noqa: PLC0415 - same
    from sickbay.simulators.hud.world import World  # noqa: PLC0415 - same

    world = World(seed, commits=commits, log_bytes=log_bytes)
    manners = HudFaults(
        latency_s=latency, share=faults, firewall=firewall, rate_per_s=rate, seed=seed
    )
    token = {"BOT_TOKEN": manners.bot_token} if firewall else {}

    def environment(url: str) -> Mapping[str, str]:
        places = ("URL", "LOG_URL", "TEMP_LOG_URL", "STATS_URL")
        named = dict.fromkeys(places, url) | token
        return {f"SICKBAY_HUD__{name}": value for name, value in named.items()}

    return _served("hud", app(world, manners), port, environment)


@simulate.command
def buildkite(  # noqa: PLR0913 - one for each thing to choose
    *,
    port: Port = 0,
    latency: Positive = 0.0,
    faults: Share = 0.0,
    rate: Count = 200,
    days: Days = 60,
    jobs: Jobs = 200,
    running: bool = False,
    failed: Count = 0,
    log_bytes: Bytes = 0,
    seed: int = EVENTFUL,
) -> int:
    """Serve Buildkite with an organization like vLLM's, and GitHub with its issues.

    Args:
        port: Where to listen on 127.0.0.1; 0 takes a free one.
        latency: Seconds that every answer takes longer.
        faults: Share of the requests that go wrong: refused, cut, slow or no JSON.
        rate: How many requests a minute are answered; 0 is no limit.
        days: How many nightly builds there are.
        jobs: How many jobs a build has.
        running: The newest nightly build still runs.
        failed: How many of its jobs fail at least.
        log_bytes: Size of each log; 0 is a few lines.
        seed: Of all that happens by chance.
    """
    from sickbay.simulators.buildkite.app import app  # noqa: PLC0415 - not for the help
    from sickbay.simulators.buildkite.gate import BuildkiteFaults  # noqa: PLC0415 - same
    from sickbay.simulators.buildkite.world import World  # noqa: PLC0415 - same

    world = World(
        seed, days=days, jobs=jobs, running=running, failed=failed, log_bytes=log_bytes
    )
    manners = BuildkiteFaults(
        latency_s=latency, share=faults, org_limit=rate, seed=seed
    )

    def environment(url: str) -> Mapping[str, str]:
        named = {
            "URL": url,
            "WEB_URL": f"{url}/web",
            "GITHUB_URL": f"{url}/github",
            "TOKEN": "reader",
            "GITHUB_TOKEN": "github-reader",
        }
        return {f"SICKBAY_BUILDKITE__{name}": value for name, value in named.items()}

    return _served("buildkite", app(world, manners), port, environment)


def _served(
    name: str, app: ASGIApp, port: int, environment: Callable[[str], Mapping[str, str]]
) -> int:
    import uvicorn  # noqa: PLC0415 - not for the help

    from sickbay.simulators.serving import config  # noqa: PLC0415 - same

    with listening("127.0.0.1", port) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sys.stdout.write(_greeting(name, url, environment(url)))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config(app)).run(sockets=[listener])
    return 0


def _greeting(name: str, url: str, environment: Mapping[str, str]) -> str:
    lines = (f"export {key}={value}" for key, value in environment.items())
    return (
        f"The simulated {name} answers on {url} until Ctrl-C.\n"
        "For Sickbay to ask it, set in another shell:\n\n" + "\n".join(lines) + "\n"
    )
