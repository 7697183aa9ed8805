"""``sickbay simulate``: the double of an outside system, to try things on."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from sickbay.server.bind import listening

if TYPE_CHECKING:
    from collections.abc import Mapping

Share = Annotated[float, Parameter(validator=Number(gte=0, lte=1))]
Positive = Annotated[float, Parameter(validator=Number(gte=0))]
Commits = Annotated[int, Parameter(validator=Number(gte=60, lte=10_000))]
Bytes = Annotated[int, Parameter(validator=Number(gte=0, lte=1 << 30))]
Port = Annotated[int, Parameter(validator=Number(gte=0, lte=65_535))]


def simulate(  # noqa: PLR0913 - one for each thing to choose
    name: Literal["hud"],
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
    """Serve the double of an outside system on this machine, until Ctrl-C.

    Everything in it is made up, but hangs together; the same seed gives the same.

    Args:
        name: hud is PyTorch HUD with its store of logs.
        port: Where to listen on 127.0.0.1; 0 takes a free one.
        latency: Seconds that every answer takes longer.
        faults: Share of the requests that go wrong: refused, cut, slow or no JSON.
        firewall: Turn away whoever shows no token.
        rate: How many requests a second are answered; 0 is no limit.
        commits: How many commits there are.
        log_bytes: Size of each log; 0 is a few lines.
        seed: Of all that happens by chance.
    """
    import uvicorn  # noqa: PLC0415 - not for the help

    from sickbay.simulators.hud.app import app  # noqa: PLC0415 - same
    from sickbay.simulators.hud.gate import HudFaults  # noqa: PLC0415 - same
    from sickbay.simulators.hud.world import World  # noqa: PLC0415 - same
    from sickbay.simulators.serving import config  # noqa: PLC0415 - same

    world = World(seed, commits=commits, log_bytes=log_bytes)
    manners = HudFaults(
        latency_s=latency, share=faults, firewall=firewall, rate_per_s=rate, seed=seed
    )
    with listening("127.0.0.1", port) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        token = manners.bot_token if firewall else ""
        sys.stdout.write(_greeting(name, url, _environment(url, token)))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config(app(world, manners))).run(sockets=[listener])
    return 0


def _environment(url: str, token: str) -> dict[str, str]:
    places = ("URL", "LOG_URL", "TEMP_LOG_URL", "STATS_URL")
    found = {f"SICKBAY_HUD__{place}": url for place in places}
    return found | ({"SICKBAY_HUD__BOT_TOKEN": token} if token else {})


def _greeting(name: str, url: str, environment: Mapping[str, str]) -> str:
    lines = (f"export {key}={value}" for key, value in environment.items())
    return (
        f"The simulated {name} answers on {url} until Ctrl-C.\n"
        "For Sickbay to ask it, set in another shell:\n\n" + "\n".join(lines) + "\n"
    )
