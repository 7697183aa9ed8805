"""The jobs that the simulated project runs, named as PyTorch's are."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Role = Literal["check", "build", "test"]
BUILD_RUNNER = "linux.12xlarge.memory"
BUILD_MIN, TEST_MIN, BINARY_TEST_MIN = 42.0, 55.0, 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One job as the workflow files describe it.

    Attributes:
        slot: Its place among all kinds; part of its ids.
        name: Without the workflow.
        needs: Slot of the build that it waits for.
        every: It runs on every so many commits, on those with ``phase`` left over.
        until_ago: It was there only until so many commits ago.
        since_ago: It has been there only since so many commits ago.
    """

    slot: int
    workflow: str
    workflow_slot: int
    name: str
    role: Role
    runner: str
    minutes: float
    environment: str = ""
    config: str = ""
    shard: int = 0
    shards: int = 0
    flavour: str = ""
    needs: int | None = None
    every: int = 1
    phase: int = 0
    until_ago: int = 0
    since_ago: int | None = None

    @property
    def full_name(self) -> str:
        """``workflow / job``."""
        return f"{self.workflow} / {self.name}"

    @property
    def group(self) -> str:
        """The name without the shard and the runner."""
        if not self.config:
            return self.name
        return f"{self.environment} / test ({self.config})"

    @property
    def unstable(self) -> bool:
        """Whether it is known not to count."""
        return self.flavour == "unstable" or self.workflow == "unstable"

    def there(self, ago: int) -> bool:
        """Whether the project had it so many commits ago."""
        return ago >= self.until_ago and (
            self.since_ago is None or ago <= self.since_ago
        )

    def due(self, order: int) -> bool:
        """Whether it is the commit's turn."""
        return order % self.every == self.phase % self.every


@cache
def fleet() -> tuple[Kind, ...]:
    """Every kind of job, by slot."""
    text = resources.files(__package__).joinpath("fleet.toml").read_text("utf-8")
    kinds: list[Kind] = []
    for place, workflow in enumerate(tomllib.loads(text)["workflow"]):
        base = {
            "workflow": workflow["name"],
            "workflow_slot": place,
            "every": workflow.get("every", 1),
            "phase": workflow.get("phase", 0),
        }
        for check in workflow.get("checks", ()):
            kinds.append(_check(check, slot=len(kinds), **base))
        for build in workflow.get("build", ()):
            kinds.extend(_build(build, slot=len(kinds), base=base))
    return tuple(kinds)


@cache
def other_fleet() -> tuple[Kind, ...]:
    """The same on the machines of another organisation."""
    return tuple(
        replace(kind, runner=f"lf.{kind.runner}", name=_moved(kind.name, kind.runner))
        if kind.runner.startswith("linux.")
        else kind
        for kind in fleet()
    )


def _moved(name: str, runner: str) -> str:
    head, comma, rest = name.rpartition(f", {runner}")
    return f"{head}, lf.{runner}{rest}" if comma else name


def _check(text: str, **base: Any) -> Kind:  # noqa: ANN401 - fields of Kind
    name, runner, minutes = (part.strip() for part in text.split("|"))
    return Kind(name=name, role="check", runner=runner, minutes=float(minutes), **base)


def _build(
    build: Mapping[str, Any], *, slot: int, base: Mapping[str, Any]
) -> Iterator[Kind]:
    environment = build["environment"]
    common = {
        **base,
        "environment": environment,
        "until_ago": build.get("until_ago", 0),
        "since_ago": build.get("since_ago"),
    }
    binary = build.get("binary")
    suffix = "-build" if binary else ""
    made = Kind(
        slot=slot,
        name=f"{environment}{suffix} / build",
        role="build",
        runner=BUILD_RUNNER,
        minutes=BUILD_MIN,
        **common,
    )
    yield made
    if binary:
        name = f"{environment}-test / test"
        yield replace(
            made,
            slot=slot + 1,
            name=name,
            role="test",
            runner=binary,
            minutes=BINARY_TEST_MIN,
            needs=slot,
        )
    for place, test in enumerate(_shards(build.get("tests", ()))):
        yield _test(slot + 1 + place, test, {**common, "needs": slot})


def _shards(tests: list[str]) -> Iterator[tuple[str, int, int, str, str]]:
    for test in tests:
        config, count, runner, *flavour = test.split()
        for shard in range(1, int(count) + 1):
            yield config, shard, int(count), runner, "".join(flavour)


def _test(
    slot: int, test: tuple[str, int, int, str, str], common: Mapping[str, Any]
) -> Kind:
    config, shard, shards, runner, flavour = test
    inside = [config, str(shard), str(shards), runner, *([flavour] if flavour else [])]
    return Kind(
        slot=slot,
        name=f"{common['environment']} / test ({', '.join(inside)})",
        role="test",
        runner=runner,
        minutes=TEST_MIN,
        config=config,
        shard=shard,
        shards=shards,
        flavour=flavour,
        **common,
    )
