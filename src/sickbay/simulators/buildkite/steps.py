"""The steps of the pipelines: every suite on many kinds of machines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Literal

from sickbay.simulators.buildkite.suites import SUITES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["script", "manual", "waiter", "trigger"]
WORKDIR = "/vllm-workspace/tests"
IMAGE = "image-build"
AMD_IMAGE = "image-build-amd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a pipeline; several parallel jobs if it has shards.

    Attributes:
        suite: That it runs; none if it builds something.
        backend: What its machines are, in short.
        needs: The step that has to pass before.
        behind: The manual step that somebody has to unblock before.
        soft: The build goes on, and can pass, if it fails.
        retries: It is tried once more, by itself, whatever it failed of.
        condition: It has one that no build here meets.
    """

    key: str
    label: str
    queue: str = "cpu"
    kind: Kind = "script"
    suite: str = ""
    command: str = ""
    backend: str = "cpu"
    group: str | None = None
    shards: int = 1
    needs: str | None = None
    behind: str | None = None
    soft: bool = False
    retries: bool = False
    condition: bool = False
    timeout_min: int = 90

    @property
    def parallel(self) -> bool:
        """Whether it has several jobs of one name."""
        return self.shards > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where every suite runs."""

    label: str
    queue: str
    backend: str
    shards: int = 1
    soft: bool = False
    optional: bool = False
    retries: bool = False


_PLACES = (
    _Place(label="{}", queue="gpu_1_queue", backend="cuda", shards=4),
    _Place(label="{} (H100)", queue="h100", backend="h100"),
    _Place(label="{} (B200)", queue="b200", backend="b200", optional=True),
    _Place(
        label="AMD: {} (MI300)", queue="amd_mi300", backend="rocm", shards=2, soft=True
    ),
    _Place(label="{} (2 GPUs)", queue="gpu_4_queue", backend="cuda", retries=True),
    _Place(label="{} (A100)", queue="a100", backend="a100", retries=True),
    _Place(label="{} CPU", queue="cpu", backend="cpu", shards=2, retries=True),
    _Place(label="Intel GPU: {}", queue="intel_gpu", backend="xpu", soft=True),
    _Place(label="TPU V1: {}", queue="tpu_v6e", backend="tpu", soft=True),
    _Place(label="{} Extended", queue="gpu_1_queue", backend="cuda", shards=2),
)
FEWEST_SUITES, PER_SUITE = 5, 16

_FIRST = (
    Step(
        key="pre-run-check", label="pre-run-check", command="pre-commit run --all-files"
    ),
    Step(
        key=IMAGE,
        label=":docker: Build image",
        command="docker build --target test --tag vllm-ci .",
        retries=True,
    ),
    Step(
        key=AMD_IMAGE,
        label="AMD: :docker: build image",
        backend="rocm",
        command="docker build -f docker/Dockerfile.rocm --tag vllm-rocm-ci .",
        retries=True,
    ),
    Step(key="", label="", kind="waiter"),
    Step(
        key="upload-release-wheel",
        label="Upload release wheel",
        command="buildkite-agent artifact upload dist/*.whl",
        condition=True,
    ),
    Step(
        key="docs-build",
        label="Documentation Build",
        command="mkdocs build --strict",
        needs=IMAGE,
    ),
)
_LAST = (
    Step(key="", label="", kind="waiter"),
    Step(key="trigger-perf", label="Trigger performance runs", kind="trigger"),
)


@lru_cache(maxsize=16)
def steps(jobs: int) -> tuple[Step, ...]:
    """The steps of the pipeline ``ci``, with some so many jobs together.

    A small build does without some suites, and without the last of the places.
    """
    rows = list(_FIRST)
    left = jobs - len(_FIRST) - len(_LAST)
    suites = tuple(SUITES)[: max(FEWEST_SUITES, -(-jobs // PER_SUITE))]
    for step in _everything(suites):
        if left <= 0:
            break
        rows.append(step)
        left -= step.shards
    return (*rows, *_LAST)


def _everything(suites: Sequence[str]) -> Iterator[Step]:
    for again in count():
        for place in _PLACES:
            for key in suites:
                yield from _step(key, place, again)


def _step(suite: str, place: _Place, again: int) -> Iterator[Step]:
    more = f" {again + 1}" if again else ""
    label = place.label.format(title(suite)) + more
    key = _key(label)
    behind = f"block-{key}" if place.optional else None
    if behind:
        yield Step(key=behind, label=f"Run {label}", kind="manual", group=area(suite))
    yield Step(
        key=key,
        label=f"{label} %N" if place.shards > 1 else label,
        queue=place.queue,
        suite=suite,
        command=f"cd {WORKDIR} && {SUITES[suite].command}",
        backend=place.backend,
        group=area(suite),
        shards=place.shards,
        needs=AMD_IMAGE if place.backend == "rocm" else IMAGE,
        behind=behind,
        soft=place.soft,
        retries=place.retries,
    )


def title(suite: str) -> str:
    """What people call a suite."""
    words = suite.replace("_", " ").title()
    return f"{words} Test"


def area(suite: str) -> str:
    """The group that the steps of a suite belong to."""
    return suite.partition("_")[0]


def _key(label: str) -> str:
    words = "".join(char if char.isalnum() else " " for char in label.lower())
    return "-".join(words.split())
