"""Issues that CI heeds: disabled tests, unstable jobs, alarms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from sickbay.simulators.chance import chance
from sickbay.simulators.hud.commits import REPO, iso
from sickbay.simulators.hud.failures import record
from sickbay.simulators.hud.fleet import fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.world import World

FIRST = 160_000
TEST = re.compile(r"test/(.*)::(\w+)::(\w+)")
DISABLED = (
    ("gloo", "open", ("linux",)),
    ("dataloader", "open", ("linux", "asan")),
    ("nn", "open", ("rocm",)),
    ("jit", "closed", ()),
)


PLATFORMS = ("linux", "rocm", "mac", "win", "asan", "slow", "inductor", "xpu")
SUITES = {
    "TestSparseCUDA": "test_sparse",
    "TestForeachCUDA": "test_foreach",
    "TestLinalgCUDA": "test_linalg",
    "TestFSDPMiscWorld2": "distributed/fsdp/test_fsdp_misc",
    "TestPipeline": "distributed/pipelining/test_pipe",
    "GPUTests": "inductor/test_torchinductor",
    "TestDTensorOps": "distributed/tensor/test_dtensor_ops",
    "TestMultiprocessing": "test_multiprocessing",
}
TESTS = (
    "test_addmm_sizes_large", "test_binary_op_with_scalar_list", "test_cholesky_solve",
    "test_collect_shards", "test_comprehensive_fft_hfft", "test_fs_sharing",
    "test_memory_format_consistency", "test_outer_product_broadcast",
    "test_reduce_scatter_uneven", "test_svd_lowrank",
)  # fmt: skip
TRIAGED = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issue.

    Attributes:
        age_days: Since it was opened; it was looked at half as long ago.
        test: Of a disabled test: its name, its class and its file.
        platforms: Where the test is disabled; none means everywhere.
    """

    number: int
    title: str
    body: str
    state: str
    labels: tuple[str, ...]
    age_days: float
    assignee: str = ""
    test: tuple[str, str, str] = ("", "", "")
    platforms: tuple[str, ...] = ()

    def wire(self, world: World) -> dict[str, Any]:
        """``IssueData``."""
        return {
            "number": self.number,
            "title": self.title,
            "html_url": self.url,
            "state": self.state,
            "body": self.body,
            "updated_at": iso(world.now.timestamp() - 43_200 * self.age_days),
            "author_association": "MEMBER",
            "labels": list(self.labels),
        }

    @property
    def url(self) -> str:
        """Where people read it."""
        return f"https://github.com/{REPO}/issues/{self.number}"


def test_of(key: str) -> tuple[str, str, str] | None:
    """Name, class and file of the test that fails there, if it is one."""
    found = TEST.fullmatch(record(key).captures[0])
    return (found[3], found[2], found[1]) if found else None


@cache
def issues() -> tuple[Issue, ...]:
    """All of them."""
    return (*_disabled(), *_others(), *_unstable(), _alarm())


def _disabled() -> Iterator[Issue]:
    for place, (key, state, platforms) in enumerate(DISABLED):
        name, suite, file = test_of(key) or ("", "", "")
        where = f"Platforms: {', '.join(platforms)}\n\n" if platforms else ""
        labels = (
            "module: flaky-tests",
            "skipped",
            *(("triaged",) if place % 2 else ()),
        )
        yield Issue(
            number=FIRST + place,
            title=f"DISABLED {name} (__main__.{suite})",
            body=f"{where}This test fails now and then in `{file}`.",
            state=state,
            labels=labels,
            age_days=4.0 + 3 * place,
            assignee="kofi-a" if place == 1 else "",
            test=(name, suite, file),
            platforms=platforms,
        )


def _others() -> Iterator[Issue]:
    """Tests that were disabled long ago, and that nobody has looked at since."""
    for place, (suite, test) in enumerate(product(SUITES, TESTS)):
        draw = chance("disabled", place)
        platforms = tuple(sorted(draw.sample(PLATFORMS, draw.randrange(3))))
        where = f"Platforms: {', '.join(platforms)}\n\n" if platforms else ""
        yield Issue(
            number=FIRST - 1 - 17 * place,
            title=f"DISABLED {test} (__main__.{suite})",
            body=f"{where}This test fails now and then.",
            state="open",
            labels=("skipped", *(("triaged",) if draw.random() < TRIAGED else ())),
            age_days=round(draw.uniform(30, 700), 1),
            test=(test, suite, f"{SUITES[suite]}.py"),
            platforms=platforms,
        )


def _unstable() -> Iterator[Issue]:
    kinds = [kind for kind in fleet() if kind.flavour == "unstable"]
    for place, kind in enumerate(kinds):
        name = f"{kind.workflow} / {kind.environment} / test ({kind.config})"
        yield Issue(
            number=FIRST + 100 + place,
            title=f"UNSTABLE {name}",
            body="It fails often; nobody has found out why.",
            state="open",
            labels=("module: ci", "unstable"),
            age_days=20.0,
        )


def _alarm() -> Issue:
    return Issue(
        number=FIRST + 200,
        title="Runners with one GPU lose their connection",
        body="Current status: mitigated",
        state="closed",
        labels=("ci: sev",),
        age_days=1.6,
    )
