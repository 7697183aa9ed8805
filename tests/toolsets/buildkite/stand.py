"""Simulated Buildkites for the tests of the toolset, and calls of its tools."""

from __future__ import annotations

import atexit
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from sickbay.simulators.buildkite.gate import READ
from sickbay.simulators.github.manners import GitHubManners
from tests.cli.desk import Desk
from tests.simulators.buildkite import Site, buildkite_at
from tests.toolsets import stand
from tests.toolsets.buildkite.cases import WORLD
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "canary-7d20c4-buildkite"
GITHUB_CANARY = "canary-9a11e7-github"
CANARIES = (CANARY, GITHUB_CANARY)


@contextmanager
def site_at(**options: Any) -> Iterator[Site]:  # noqa: ANN401 - of buildkite_at
    """A Buildkite and a GitHub that let the canaries do everything."""
    manners = GitHubManners(tokens={GITHUB_CANARY: "write"})
    tokens = {CANARY: READ | {"write_builds"}}
    given = {**WORLD, "tokens": tokens, "github": manners, **options}
    with buildkite_at(**given) as site:
        yield site


@cache
def shared() -> Site:
    """A Buildkite where nothing is broken but what was planted; nobody changes it."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(site_at())


def settings_of(site: Site, **more: object) -> dict[str, Any]:
    """What a server needs to ask it, with the tokens."""
    return site.settings(**{"token": CANARY, "github_token": GITHUB_CANARY, **more})


def desk_at(folder: Path, site: Site) -> Desk:
    """A machine with that Buildkite, whose rules are compiled."""
    samples.settings(folder / "made")
    settings = settings_of(site)["buildkite"]
    made = Desk(
        folder,
        {
            f"SICKBAY_BUILDKITE__{name.upper()}": str(settings[name])
            for name in settings
        },
    )
    cached = folder / "sickbay_cache"
    cached.mkdir()
    (cached / "rules").symlink_to(user_cache_path("sickbay") / "rules")
    return made


class Stand(stand.Stand):
    """A server with the toolset, and a client of it.

    Args:
        folder: Holds what it keeps, but for the rules: they are compiled once.
        site: Where it asks; the shared one by default.
        buildkite: More settings of the toolset.
        given: More settings of the server.
    """

    def __init__(
        self,
        folder: Path,
        site: Site | None = None,
        *,
        buildkite: dict[str, object] | None = None,
        **given: object,
    ) -> None:
        self.site = site or shared()
        super().__init__(
            {
                **samples.settings(folder / ".stand"),
                "toolsets": "buildkite",
                **settings_of(self.site, **(buildkite or {})),
                **given,
            }
        )
