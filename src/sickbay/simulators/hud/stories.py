"""What happens in the simulated project, and why: the truth that tools have to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sickbay.simulators.hud.commits import Draft
from sickbay.simulators.hud.fleet import fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sickbay.simulators.hud.fleet import Kind

StoryKind = Literal[
    "ongoing",
    "reverted",
    "autoreverted",
    "relapse",
    "dependency",
    "flaky",
    "infrastructure",
    "unstable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Commits on which some jobs fail: both ends belong to it."""

    first: int
    last: int
    slots: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One thing that goes wrong, by the places of its commits.

    Attributes:
        key: Of what fails (see ``failures``); empty leaves no log.
        conclusion: Of the jobs that it hits.
        share: How often it fails where it can.
        retried: How often a second attempt of a failed job passes.
        culprit: The commit that broke it, if one did.
        fixed_by: The commit that mended it, if one did.
    """

    kind: StoryKind
    key: str
    spells: tuple[Spell, ...]
    conclusion: str = "failure"
    share: float = 1.0
    retried: float = 0.0
    culprit: int | None = None
    fixed_by: int | None = None

    @property
    def restarted(self) -> frozenset[int]:
        """The commits on which a bot ran the jobs once more."""
        if self.kind != "autoreverted" or self.culprit is None:
            return frozenset()
        return frozenset({self.culprit})

    def slots(self, order: int) -> frozenset[int]:
        """The jobs that it hits on the commit."""
        hit = (
            spell.slots for spell in self.spells if spell.first <= order <= spell.last
        )
        return frozenset().union(*hit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The truth about one thing that went wrong.

    Attributes:
        cause: The line that says it best, as HUD stores it.
        captures: What is special about that line.
        jobs: Full names of all jobs that it can hit.
        first_bad: The first commit that it hit.
        last_bad: The last one; None while it goes on.
        culprit: The commit that broke it, if one did.
        fixed_by: The commit that mended it, if one did.
    """

    kind: StoryKind
    category: str
    cause: str
    captures: tuple[str, ...]
    jobs: tuple[str, ...]
    first_bad: str
    last_bad: str | None
    culprit: str | None
    fixed_by: str | None


def slots(wanted: Callable[[Kind], bool]) -> frozenset[int]:
    """The jobs that are like that."""
    return frozenset(kind.slot for kind in fleet() if wanted(kind))


def plots(count: int) -> tuple[Plot, ...]:
    """What goes wrong on a branch of so many commits."""
    newest = count - 1
    return (
        _ongoing(newest),
        _reverted(newest - 41, newest - 33, "cpu_repro", _inductor()),
        _autoreverted(newest - 24, newest - 20),
        _relapse(newest),
        _dependency(newest - 15, newest - 10),
        *_earlier(newest),
        *_flaky(newest),
        _infrastructure(newest),
        _unstable(newest),
    )


def states(count: int) -> dict[int, dict[str, str]]:
    """Workflows that were cancelled, or never began, in the midst of a breakage."""
    newest = count - 1
    return {newest - 39: {"pull": "cancelled"}, newest - 18: {"pull": "idle"}}


def drafts(count: int) -> dict[int, Draft]:
    """The commits that the stories need as they are."""
    made: dict[int, Draft] = {}
    for plot in plots(count):
        if plot.culprit is not None:
            made[plot.culprit] = Draft(title=TITLES[plot.key])
        if plot.fixed_by is None:
            continue
        if plot.kind == "dependency":
            made[plot.fixed_by] = Draft(title="[docs] Pin what the docs are built with")
        elif plot.kind == "relapse":
            made[plot.fixed_by] = Draft(title="[dynamo] Count recompiles from zero")
        else:
            by_bot = plot.kind == "autoreverted"
            made[plot.fixed_by] = Draft(title="", reverts=plot.culprit, by_bot=by_bot)
    return made


TITLES = {
    "ops": "Speed up special.erf on CPU with a rational approximation",
    "cpu_repro": "[inductor] Let the storage of a buffer know its size",
    "header": "[c10] Take the bytes of a storage from its item size",
    "misc": "[dynamo] Compare recompiles with the limit where a frame is guarded",
    "nn": "Index upsampling with 64 bits in channels last",
    "jit": "[jit] Register in-place variants in the schema",
    "module": "[torchgen] Parse the names of operators",
}


def _inductor() -> frozenset[int]:
    return slots(lambda kind: kind.workflow == "inductor" and kind.config == "inductor")


def _default(*environments: str, shard: int) -> frozenset[int]:
    return slots(
        lambda kind: (
            kind.environment in environments
            and (kind.config, kind.shard) == ("default", shard)
            and kind.every == 1
        )
    )


def _ongoing(newest: int) -> Plot:
    """It moves to another shard on the way, and a periodic job has it, too."""
    first, moved = max(newest - 57, 6), newest - 25
    here = (
        "linux-jammy-py3.10-gcc11",
        "linux-jammy-py3.13-clang12",
        "linux-jammy-cuda12.8-py3.10-gcc11",
    )
    periodic = slots(
        lambda kind: (
            (kind.workflow, kind.config, kind.shard) == ("periodic", "nogpu_AVX512", 2)
        )
    )
    return Plot(
        kind="ongoing",
        key="ops",
        spells=(
            Spell(
                first=first, last=moved - 1, slots=_default(*here, shard=2) | periodic
            ),
            Spell(first=moved, last=newest, slots=_default(*here, shard=3) | periodic),
        ),
        culprit=first,
    )


def _reverted(first: int, fixed: int, key: str, hit: frozenset[int]) -> Plot:
    spell = Spell(first=first, last=fixed - 1, slots=hit)
    return Plot(
        kind="reverted", key=key, spells=(spell,), culprit=first, fixed_by=fixed
    )


def _autoreverted(first: int, fixed: int) -> Plot:
    hit = slots(
        lambda kind: kind.role == "build" and kind.environment.startswith("win-vs2022")
    )
    spell = Spell(first=first, last=fixed - 1, slots=hit)
    return Plot(
        kind="autoreverted",
        key="header",
        spells=(spell,),
        culprit=first,
        fixed_by=fixed,
    )


def _relapse(newest: int) -> Plot:
    """It was there, was gone for a while, came back, and was mended."""
    hit = slots(lambda kind: kind.config == "dynamo_wrapped" and kind.shard == 1)
    earlier = Spell(first=newest - 48, last=newest - 46, slots=hit)
    again = Spell(first=newest - 30, last=newest - 27, slots=hit)
    return Plot(
        kind="relapse",
        key="misc",
        spells=(earlier, again),
        culprit=newest - 48,
        fixed_by=newest - 26,
    )


def _dependency(first: int, fixed: int) -> Plot:
    """A package of somebody else changed: no commit did it."""
    hit = slots(
        lambda kind: kind.workflow == "docs-build" or kind.config == "docs_test"
    )
    spell = Spell(first=first, last=fixed - 1, slots=hit)
    return Plot(kind="dependency", key="docs", spells=(spell,), fixed_by=fixed)


def _earlier(newest: int) -> Iterator[Plot]:
    """Breakages of the days before, each reverted."""
    hits = (
        ("nn", slots(lambda kind: ".rocm.gpu.4" in kind.runner and kind.every == 1)),
        ("jit", slots(lambda kind: kind.config == "jit_legacy")),
        ("module", slots(lambda kind: kind.name.startswith("lintrunner"))),
        ("cpu_repro", _inductor()),
    )
    for place, ago in enumerate(range(95, newest - 12, 37)):
        key, hit = hits[place % len(hits)]
        yield _reverted(newest - ago, newest - ago + 3 + place % 5, key, hit)


def _flaky(newest: int) -> Iterator[Plot]:
    rare = slots(lambda kind: kind.config == "distributed" and kind.shard == 1)
    often = _default("linux-jammy-py3.10-clang18-asan", "macos-py3-arm64", shard=3)
    for key, hit, share in (("gloo", rare, 0.05), ("dataloader", often, 0.4)):
        spell = Spell(first=0, last=newest, slots=hit)
        yield Plot(kind="flaky", key=key, spells=(spell,), share=share, retried=0.5)


def _infrastructure(newest: int) -> Plot:
    """A kind of runner is ill for some six hours, whatever runs on it."""
    first = newest - (74 if newest > 100 else 40)  # noqa: PLR2004 - a small world
    hit = slots(lambda kind: "g5.4xlarge" in kind.runner or "g6.4xlarge" in kind.runner)
    spell = Spell(first=first, last=first + 10, slots=hit)
    return Plot(
        kind="infrastructure", key="lost", spells=(spell,), share=0.6, retried=0.2
    )


def _unstable(newest: int) -> Plot:
    hit = slots(lambda kind: kind.flavour == "unstable")
    spell = Spell(first=0, last=newest, slots=hit)
    return Plot(kind="unstable", key="nn", spells=(spell,), share=0.7)
