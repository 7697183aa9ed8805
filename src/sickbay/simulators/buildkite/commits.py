"""The commits of the trunk, those that broke and mended something among them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.calendar import commit_time
from sickbay.simulators.buildkite.people import PEOPLE
from sickbay.simulators.buildkite.suites import SUITES, ways_of
from sickbay.simulators.chance import chance
from sickbay.simulators.github.facts import Commit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.simulators.buildkite.plots import Plot

FIRST_PULL = 24_000
SUBJECTS = (
    "[Core] Keep {thing} between steps",
    "[Bugfix] Fix {thing} for odd batch sizes",
    "[Kernel] Vectorize {thing}",
    "[Model] Support {thing}",
    "[Misc] Remove unused {thing}",
    "[Doc] Explain {thing}",
    "[V1] Move {thing} into the engine core",
    "[Perf] Skip {thing} where nothing changed",
    "[Frontend] Validate {thing}",
    "[Hardware][AMD] Enable {thing}",
)
THINGS = (
    "block tables", "the sampler", "slot mapping", "prefix caching", "LoRA slots",
    "FP8 scales", "chunked prefill", "the tokenizer group", "CUDA graph capture",
    "multimodal inputs", "speculative tokens", "the KV connector",
)  # fmt: skip
HARMLESS = (
    "docs/usage/metrics.md",
    "vllm/logger.py",
    "vllm/config.py",
    "requirements/common.txt",
    "benchmarks/benchmark_latency.py",
)


def sha_of(*place: object) -> str:
    """The name of a commit."""
    text = "/".join(map(str, place))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def commits(
    seed: int, count: int, start: float, plots: Sequence[Plot]
) -> tuple[Commit, ...]:
    """The trunk, the oldest commit first.

    Args:
        seed: Of the world.
        count: How many there are.
        start: When the first nightly began.
        plots: What some of them broke, and others mended.
    """
    drafts = dict(_drafts(plots))
    return tuple(_commit(seed, order, start, drafts) for order in range(count))


def _drafts(plots: Sequence[Plot]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What the commits that matter touch."""
    for plot in plots:
        if plot.trouble in {"regression", "known_issue"}:
            suite = plot.suites[0]
            file = ways_of(suite)[plot.way].file
            touched = (file,) if file else SUITES[suite].sources
            yield plot.fixed, touched
            yield plot.first, touched


def _commit(
    seed: int, order: int, start: float, drafts: Mapping[int, tuple[str, ...]]
) -> Commit:
    draw = chance("commit", seed, order)
    person = draw.choice(PEOPLE)
    pull = FIRST_PULL + order
    subject = draw.choice(SUBJECTS).format(thing=draw.choice(THINGS))
    date = datetime.fromtimestamp(int(commit_time(order, start, draw.random())), UTC)
    return Commit(
        sha=sha_of(seed, order),
        parent=sha_of(seed, order - 1),
        name=person.name,
        email=person.email,
        login=person.login,
        date=date,
        message=f"{subject} (#{pull})\n\nSigned-off-by: {person.name} <{person.email}>",
        files=drafts.get(order) or tuple(draw.sample(HARMLESS, draw.randint(1, 2))),
        pull=pull,
    )
