"""Speed and memory on big logs, beside ripgrep with the same rules in the same run.

Two logs of 500 MB are made: A plain, B with GitHub Actions stamps and colour, 0.2 % of
their lines telling. Figures are MB of raw log per second of processor time (one core),
best of three runs, every run a process of its own; memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

import sickbay
from sickbay.logs.rules.builtin import builtin_rules
from sickbay.logs.rules.load import parse_rules
from sickbay.logs.rules.tail import to_find

CLASSIFIER = "pytorch-log-classifier/ruleset.toml"
RUNS = 3
RG = Path(sys.executable).parent / "rg"

SCAN = """
import sys
from sickbay.clients.files import chunks
from sickbay.logs.rules.engine import engine
from sickbay.clients.store import FileCache
scanner = engine(open(sys.argv[2]).read().split("\\n"), FileCache())
rest, hits = b"", 0
for chunk in chunks(sys.argv[1]):
    block, _, rest_new = bytes(chunk).rpartition(b"\\n")
    hits += len(scanner.scan(rest + block))
    rest = rest_new
print(hits)
"""
EXPLAIN = """
import sys
from sickbay import explain
report = explain(sys.argv[1])
print(report.lines, len(report.causes), report.tests.counts.bad)
"""


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size-mb", type=int, default=500)
    options.add_argument("--runs", type=int, default=RUNS)
    given = options.parse_args()
    package = Path(sickbay.__file__).parent
    compileall.compile_dir(package, quiet=1)  # as it is where it is installed
    with tempfile.TemporaryDirectory() as folder:
        _throughput(Path(folder), given.size_mb * 10**6, given.runs)
        _shapes(Path(folder), given.runs)


def _throughput(folder: Path, size: int, runs: int) -> None:
    plain = _make(folder / "A.log", size)
    stamped = _make(folder / "B.log", size, stamped=True)
    print(f"{'what':34} {'MB/s':>7} {'x rg':>6} {'must':>6} {'peak MB':>8}")
    base = 0.0
    for name, rules in _rule_sets():
        file = folder / "rules.txt"
        file.write_text("\n".join(to_find(rule) for rule in rules))
        command: list[object] = [
            RG,
            "-j1",
            "-a",
            "--no-unicode",
            "-c",
            "-f",
            file,
            plain,
        ]
        speed, peak = _best(command, plain, runs)
        base = base or speed
        _row(f"rg, {name} ({len(rules)})", speed, speed, "", peak)
        own, peak = _best([sys.executable, "-c", SCAN, plain, file], plain, runs)
        _row(f"rule scan of A, {name}", own, speed, "0.90", peak)
    for log, must in ((plain, "0.40"), (stamped, "0.15")):
        command = [sys.executable, "-c", EXPLAIN, log]
        speed, peak = _best(command, log, runs)
        _row(f"explain {log.name}", speed, base, must, peak)


def _shapes(folder: Path, runs: int) -> None:
    print(f"\n{'shape':34} {'MB':>7} {'s':>6} {'MB/s':>6} {'peak MB':>8}")
    plain = _make(folder / "C.log", 100_000_000)
    packed = folder / "C.log.gz"
    with packed.open("wb") as file:
        subprocess.run(["gzip", "-6", "-c", plain], check=True, stdout=file)
    long, half = folder / "long.log", folder / "half.log"
    for log, count in ((long, 12), (half, 6)):
        with log.open("wb") as file:
            for _ in range(count):
                file.write(b"x" * (8 << 20) + b"\n")
    many, fewer = folder / "many.log", folder / "fewer.log"
    for log, count in ((many, 200_000), (fewer, 100_000)):
        with plain.open("rb") as lines, log.open("wb") as file:
            file.writelines(islice(lines, count))
    for name, log in (
        ("100 MB plain", plain),
        ("the same, gzip", packed),
        ("100 MB in lines of 8 MB", long),
        ("50 MB in lines of 8 MB", half),
        ("200,000 lines", many),
        ("100,000 lines", fewer),
    ):
        size = plain.stat().st_size if log is packed else log.stat().st_size
        seconds, peak = _run([sys.executable, "-c", EXPLAIN, log], runs)
        rate = size / 1e6 / seconds
        print(f"{name:34} {size / 1e6:7.1f} {seconds:6.2f} {rate:6.0f} {peak:8.0f}")


def _rule_sets() -> list[tuple[str, list[str]]]:
    packs = ("our packs", [r.pattern for r in builtin_rules() if r.pattern.isascii()])
    data = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / CLASSIFIER
    if not data.exists():
        print(f"(without PyTorch's rule file: no {data})")
        return [packs]
    rules = parse_rules(data.read_text(encoding="utf-8"), file=data.name)
    return [("PyTorch's rules", [rule.pattern for rule in rules]), packs]


def _best(command: list[object], log: Path, runs: int) -> tuple[float, float]:
    seconds, peak = _run(command, runs)
    return log.stat().st_size / 1e6 / seconds, peak


def _make(path: Path, size: int, *, stamped: bool = False) -> Path:
    """Make a log in a process of its own: this one has to stay small.

    A child's peak memory as the kernel counts it starts at that of its parent.
    """
    code = f"import pathlib; from parts import corpus; p = pathlib.Path({str(path)!r})"
    code += f"; corpus.make(p, {size}, stamped={stamped})"
    here = Path(__file__).parent
    subprocess.run([sys.executable, "-c", code], check=True, cwd=here)
    return path


def _run(command: list[object], runs: int) -> tuple[float, float]:
    """Least processor seconds and peak memory (MB) of some runs."""
    best, peak = float("inf"), 0.0
    for _ in range(runs):
        process = subprocess.Popen([str(part) for part in command], stdout=-3)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"failed: {command}")
        best = min(best, usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss / 1000)
    return best, peak


def _row(name: str, speed: float, base: float, must: str, peak: float) -> None:
    print(
        f"{name:34} {speed:7.0f} {speed / base:6.2f} {must:>6} {peak:8.0f}", flush=True
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
