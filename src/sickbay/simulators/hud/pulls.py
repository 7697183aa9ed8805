"""Pull requests of the simulated project, and the truth about their failures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from sickbay.simulators.hud.commits import FIRST_PR, REPO, Landed, sha_of
from sickbay.simulators.hud.fleet import fleet
from sickbay.simulators.hud.stories import Plot, Spell, slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LANDED, OPEN = 60_000, 120_000  # orders of the heads of landed and of open ones
PUSHES = 8  # most for each open one
CHECKED = frozenset({"pull", "Lint", "docs-build", "linux-aarch64"})

Category = Literal[
    "NEW_FAILURE",
    "BROKEN_TRUNK",
    "FLAKY",
    "INFRA_FLAKE",
    "UNSTABLE",
    "AWAITING_APPROVAL",
    "UNKNOWN",
]
"""Dr.CI's, but that it counts a failing machine as ``FLAKY``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Jobs of a pull request that go wrong together."""

    category: Category
    key: str
    slots: frozenset[int]
    conclusion: str = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """One pull request.

    Attributes:
        heads: Orders of its commits, the oldest first.
        base: Order of its merge base on the branch.
        branch: Of its jobs.
        workflows: Those that run on it.
        truth: Of its newest commit: full name of each failing job, and why.
    """

    number: int
    title: str
    body: str
    author: str
    branch: str
    base: int
    heads: tuple[int, ...]
    workflows: frozenset[str] = CHECKED
    wrong: tuple[Wrong, ...] = ()
    truth: Mapping[str, Category] = field(default_factory=dict)

    @property
    def plots(self) -> tuple[Plot, ...]:
        """What goes wrong on its newest commit."""
        newest = self.heads[-1]
        return tuple(
            Plot(
                kind="ongoing",
                key=wrong.key,
                conclusion=wrong.conclusion,
                spells=(Spell(first=newest, last=newest, slots=wrong.slots),),
            )
            for wrong in self.wrong
        )


def opened(count: int, trunk: Sequence[Plot]) -> tuple[Pull, ...]:
    """The open ones, on a branch of so many commits where this goes wrong."""
    newest = count - 1
    fine = max(newest - 60, 1)  # before anything that lasts was broken
    pulls = (
        _pull(0, "new failures", newest - 9, wrong=_new(trunk, newest - 9)),
        _pull(1, "broken trunk", newest - 13, wrong=_broken(trunk, newest - 13)),
        _pull(2, "flaky tests and machines", fine, wrong=_flaky()),
        _pull(3, "first contribution", newest - 6, wrong=_waiting()),
        _pull(4, "all green", fine, pushes=3),
        _rare(trunk, newest),
    )
    return tuple(_told(pull, newest - pull.base) for pull in pulls)


def landed(commit: Landed, newest: int) -> Pull:
    """The one that a commit of the branch landed with."""
    base = max(commit.order - 8, 0)
    pull = Pull(
        number=commit.pr or 0,
        title=commit.title.rpartition(" (#")[0],
        body=commit.message,
        author=commit.author,
        branch=f"gh/{commit.author}/{commit.order}/head",
        base=base,
        heads=(LANDED + commit.order,),
        workflows=frozenset({"pull", "Lint"}),
        wrong=tuple(_flaky()) if commit.forced_with_failures else (),
    )
    return _told(pull, newest - base)


def head(seed: int, pull: Pull, order: int, time: float) -> Landed:
    """A commit of a pull request."""
    return Landed(
        order=order,
        sha=sha_of(seed, "pull", order),
        time=time,
        title=pull.title,
        message=f"{pull.title}\n\n{pull.body}",
        author=pull.author,
        pr=pull.number,
        diff=None,
    )


def _pull(
    place: int,
    title: str,
    base: int,
    *,
    wrong: Iterable[Wrong] = (),
    pushes: int = 1,
) -> Pull:
    first = OPEN + place * PUSHES
    author = ("ada-lin", "ivan-k", "mnovak", "new-here", "fkim", "hsato")[place]
    return Pull(
        number=FIRST_PR + 9_000 + place,
        title=f"An example with {title}",
        body=f"Of the simulated {REPO}.",
        author=author,
        branch=f"gh/{author}/{place + 1}/head"
        if place % 2
        else f"{author}/patch-{place}",
        base=base,
        heads=tuple(range(first, first + pushes)),
        wrong=tuple(wrong),
    )


def _told(pull: Pull, ago: int) -> Pull:
    truth: dict[str, Category] = {}
    for wrong in pull.wrong:
        for kind in map(fleet().__getitem__, wrong.slots):
            if kind.workflow in pull.workflows and kind.there(ago):
                truth.setdefault(kind.full_name, wrong.category)
    return replace(pull, truth=dict(sorted(truth.items())))


def _pulled(environment: str, config: str, shard: int) -> frozenset[int]:
    wanted = ("pull", environment, config, shard)
    return slots(
        lambda kind: (
            (kind.workflow, kind.environment, kind.config, kind.shard) == wanted
        )
    )


def _broken(trunk: Sequence[Plot], base: int) -> Iterator[Wrong]:
    """Whatever is broken where it branched off."""
    for plot in trunk:
        hit = frozenset(slot for slot in plot.slots(base) if fleet()[slot].due(base))
        if hit and plot.share == 1:
            yield Wrong(category="BROKEN_TRUNK", key=plot.key, slots=hit)


def _new(trunk: Sequence[Plot], base: int) -> Iterator[Wrong]:
    gcc = _pulled("linux-jammy-py3.10-gcc11", "default", 1)
    clang = _pulled("linux-jammy-py3.13-clang12", "default", 1)
    yield Wrong(category="NEW_FAILURE", key="autograd", slots=gcc | clang)
    lint = slots(lambda kind: kind.name.startswith("lintrunner-noclang"))
    yield Wrong(category="NEW_FAILURE", key="module", slots=lint)
    asan = _pulled("linux-jammy-py3.10-clang18-asan", "default", 3)
    yield Wrong(category="FLAKY", key="dataloader", slots=asan)
    unstable = slots(lambda kind: kind.flavour == "unstable")
    yield Wrong(category="UNSTABLE", key="nn", slots=unstable)
    yield from _broken(trunk, base)


def _flaky() -> Iterator[Wrong]:
    gloo = _pulled("linux-jammy-py3.10-gcc11", "distributed", 1)
    yield Wrong(category="FLAKY", key="gloo", slots=gloo)
    driver = _pulled("linux-jammy-cuda12.8-py3.10-gcc11", "default", 4)
    yield Wrong(category="FLAKY", key="driver", slots=driver)
    lost = _pulled("linux-jammy-cuda12.8-py3.10-gcc11", "default", 5)
    yield Wrong(category="INFRA_FLAKE", key="", slots=lost)


def _waiting() -> Iterator[Wrong]:
    hit = slots(lambda kind: kind.workflow in CHECKED and kind.needs is None)
    yield Wrong(
        category="AWAITING_APPROVAL", key="", slots=hit, conclusion="action_required"
    )


def _rare(trunk: Sequence[Plot], newest: int) -> Pull:
    """A periodic job fails that did not run on its merge base."""
    base = next(at for at in range(newest - 10, 0, -1) if at % 8)
    hit = slots(lambda kind: kind.workflow == "periodic" and kind.config == "multigpu")
    wrong = Wrong(category="UNKNOWN", key="profiler", slots=hit)
    wrongs = (wrong, *_broken(trunk, base))
    made = _pull(5, "a periodic job", base, wrong=wrongs, pushes=2)
    return replace(made, workflows=CHECKED | {"periodic"})
