"""From starting ``sickbay serve`` to its answered tools/list, beside FastMCP alone.

That is what an assistant waits for when it starts. Both servers are started in turns,
because the speed of a shared machine changes from minute to minute.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

MUST = 1.3
HERE = Path(__file__).resolve().parent
BARE = "fastmcp, one tool"
OURS = "sickbay serve"
RIVALS: dict[str, Sequence[str | Path]] = {
    BARE: [sys.executable, HERE / "parts" / "one_tool.py"],
    OURS: [sys.executable, "-m", "sickbay", "serve", "--toolsets", "logs"],
    "sickbay serve --toolsets all": [
        *(sys.executable, "-m", "sickbay", "serve", "--toolsets", "all")
    ],
}
Run = tuple[float, float, int]
"""Wall seconds, processor seconds, bytes of memory."""

HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}


def main() -> int:
    """Print the table; the status says whether the ratio is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    compileall.compile_dir(HERE.parent / "src", quiet=1)  # as where it is installed
    taken: dict[str, list[Run]] = {name: [] for name in RIVALS}
    with tempfile.TemporaryDirectory() as folder:
        settings = {"SICKBAY_CACHE": folder, "SICKBAY_STATE": folder}
        for number in range(rounds + 1):
            for name, command in RIVALS.items():
                found = _start(command, {**os.environ, **settings})
                if number:  # the first round fills the caches
                    taken[name].append(found)
    print(f"{f'median of {rounds}':<30}{'seconds':>9}{'ratio':>8}{'cpu s':>9}{'MB':>7}")
    for name, runs in taken.items():
        wall, cpu, memory = map(statistics.median, zip(*runs, strict=True))
        ratio = _ratio(runs, taken[BARE])
        print(f"{name:<30}{wall:>9.3f}{ratio:>7.2f}x{cpu:>9.3f}{memory / 1e6:>7.0f}")
    ratio = _ratio(taken[OURS], taken[BARE])
    print(f"must be at most {MUST}x: {'yes' if ratio <= MUST else 'NO'}")
    return int(ratio > MUST)


def _ratio(ours: list[Run], theirs: list[Run]) -> float:
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(one[0] / other[0] for one, other in pairs)


def _start(command: Sequence[str | Path], environment: dict[str, str]) -> Run:
    """Wall and processor seconds until tools/list is answered, and memory then."""
    before, start = os.times(), time.perf_counter()
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        stdin = cast("IO[bytes]", process.stdin)
        stdout = cast("IO[bytes]", process.stdout)
        _answer(stdin, stdout, "initialize", HELLO)
        _send(stdin, {"method": "notifications/initialized"})
        _answer(stdin, stdout, "tools/list", {})
        wall, memory = time.perf_counter() - start, _memory(process.pid)
        stdin.close()
        process.wait()
    after = os.times()
    user = after.children_user - before.children_user
    return wall, user + after.children_system - before.children_system, memory


def _answer(
    stdin: IO[bytes], stdout: IO[bytes], method: str, params: dict[str, Any]
) -> dict[str, Any]:
    _send(stdin, {"id": method, "method": method, "params": params})
    for line in stdout:
        message = json.loads(line)
        if message.get("id") == method:
            found: dict[str, Any] = message["result"]
            return found
    raise SystemExit("the server ended without an answer")


def _send(stdin: IO[bytes], message: dict[str, Any]) -> None:
    stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    stdin.flush()


def _memory(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
