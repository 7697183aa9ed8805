"""Makes big, ordinary CI logs to measure speed on: mostly harmless, 0.2 % telling."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HARMLESS = (
    "[{a}/{b}] Building CXX object src/core/CMakeFiles/engine.dir/{w}/{w}_{n}.cpp.o",
    "copying build/lib/{w}/{w}_{w}.py -> build/bdist.linux-x86_64/wheel/{w}",
    "Requirement already satisfied: {w}-{w}>={v} in /opt/venv/lib/python3.11",
    "   Compiling {w}-{w} v{v}",
    "-- Looking for {w}_{w} - found",
    "+ cp -r build/{w}/{w}_{n}.so dist/{w}/",
    "INFO  {w}.{w}.{w}: step {n} of {b}, loss {f}, {n} tokens per second",
    "Downloading {w}-{v}-cp311-manylinux_2_28_x86_64.whl ({n} kB)",
    "npm http fetch GET 200 {w}/{w}-{v}.tgz {n}ms (cache hit)",
    "Extracting {w}/{w}-{v}.tar.gz: {p}% of {n} MB at {f} MB/s",
    "  {w}: {w} = {n}, {w} = {f}",
    "Get:{n} bookworm/main amd64 lib{w}{n} amd64 {v} [{n} kB]",
    "Unpacking lib{w}-dev:amd64 ({v}) ...",
    "{n} {w} {w} {w} {f}",
    "",
)
TELLING = (
    "src/{w}/{w}.cpp:{n}:{p}: error: use of undeclared identifier '{w}'",
    "FAILED tests/{w}/test_{w}.py::test_{w}_{n} - AssertionError: {n} != {p}",
    "RuntimeError: CUDA error: device-side assert triggered ({w} {n})",
    "E       ValueError: {w} must be below {n}",
    "ModuleNotFoundError: No module named '{w}_{w}'",
    "fatal: unable to access 'https://git.example.org/{w}.git/': timed out {n}",
    "curl: (6) Could not resolve host: {w}.example.org",
    "ninja: build stopped: subcommand failed. {n}",
)
WORDS = """
attention autograd batch bucket cache conv cosine decode dispatch embed engine fused
gather graph grid head index inductor kernel layer linear mask matmul mixer module norm
optim parser pipeline pool quant rank reduce relu router sampler scatter shape shard
slice softmax sparse stream tensor token trace tuple vector view worker
""".split()  # noqa: SIM905 - reads better than fifty quoted words
TELLING_SHARE = 0.002
BLOCK_LINES = 50_000


def make(path: Path, size: int, *, stamped: bool = False, seed: int = 7) -> Path:
    """Write a log of about ``size`` bytes; the same seed gives the same log.

    Args:
        path: Where to.
        size: Bytes.
        stamped: With a GitHub Actions time stamp on every line and colour on a third.
        seed: Of the random choices.
    """
    choose = random.Random(seed)  # noqa: S311 - nothing secret
    written = 0
    with path.open("wb") as file:
        while written < size:
            block = "".join(_line(choose, stamped=stamped) for _ in range(BLOCK_LINES))
            # A fresh block for every 50,000 lines takes minutes: digits move instead.
            for shift in range(8):
                data = block.translate(_rotation(shift)) if not stamped else block
                file.write(data.encode())
                written += len(data)
                if written >= size:
                    break
    return path


def _rotation(shift: int) -> dict[int, str]:
    digits = "0123456789"
    return {ord(d): digits[(i + shift) % 10] for i, d in enumerate(digits)}


def _line(choose: random.Random, *, stamped: bool) -> str:
    telling = choose.random() < TELLING_SHARE
    template = choose.choice(TELLING if telling else HARMLESS)
    while "{w}" in template:
        template = template.replace("{w}", choose.choice(WORDS), 1)
    text = template.format(
        a=choose.randrange(9999),
        b=9999,
        n=choose.randrange(10, 9999),
        p=choose.randrange(10, 99),
        v=f"{choose.randrange(9)}.{choose.randrange(20)}.{choose.randrange(9)}",
        f=f"{choose.random() * 100:.3f}",
    )
    if not stamped:
        return text + "\n"
    if choose.random() < 1 / 3 and text:
        first, _, rest = text.partition(" ")
        text = f"\x1b[36;1m{first}\x1b[0m {rest}"
    second, tick = choose.randrange(60), choose.randrange(10**7)
    return f"2026-07-30T13:21:{second:02}.{tick:07}Z {text}\n"
