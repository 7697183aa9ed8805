"""Runs one test file as a CI does: again those that fail, each in a new process."""

from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path


def main(path: str) -> int:
    """Run the tests of the file, those that fail twice, and give the status."""
    name = path.removesuffix(".py")
    module = name.replace("/", ".")
    say = sys.stdout.write
    say(f"Running {name} 1/1 ...\n")
    failed = _failed(module)
    for test in failed:
        say(f"Test failed, trying it in a new process: {test}\n")
        sys.stdout.flush()
        command = [sys.executable, "-B", "-m", "unittest", "-v", test]
        subprocess.run(command, stderr=subprocess.STDOUT, check=False)  # noqa: S603 - our own suite
        suite, case = test.split(".")[-2:]
        say(f"FAILED CONSISTENTLY: test/{path}::{suite}::{case}\n")
    if failed:
        say(f"{name} 1/1 failed!\n")
    return 1 if failed else 0


def _failed(module: str) -> list[str]:
    """The ids of the tests that fail."""
    tests = unittest.defaultTestLoader.loadTestsFromName(module)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    found = [
        getattr(test, "test_case", test)
        for test, _ in (*result.failures, *result.errors)
    ]
    return [test.id() for test in found]


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.dont_write_bytecode = True
    sys.exit(main(sys.argv[1]))
