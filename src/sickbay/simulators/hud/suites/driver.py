"""Runs one test file as a CI does: again those that fail, each in a new process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FAILED = re.compile(r"^(?:FAIL|ERROR): (\w+) \((?:[\w.]+\.)?(\w+)\.\w+\)", re.MULTILINE)
TRIES = 2


def main(path: str) -> int:
    """Run the tests of the file, and give the status of the last attempt."""
    file = Path(path)
    module = ".".join(file.with_suffix("").parts)
    say = sys.stdout.write
    say(f"Running {file.with_suffix('')} 1/1 ...\n")
    failed = [
        f"{module}.{suite}.{test}" for test, suite in FAILED.findall(_run(module))
    ]
    for name in failed:
        for _ in range(1, TRIES):
            say(f"Test failed, trying it in a new process: {name}\n")
            _run(name)
        suite, test = name.rsplit(".", 2)[1:]
        say(f"FAILED CONSISTENTLY: test/{path}::{suite}::{test}\n")
    if failed:
        say(f"{file.with_suffix('')} 1/1 failed!\n")
    return 1 if failed else 0


def _run(name: str) -> str:
    command = [sys.executable, "-B", "-m", "unittest", "-v", name]
    done = subprocess.run(  # noqa: S603 - our own suite
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    sys.stdout.write(done.stdout)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
