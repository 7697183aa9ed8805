"""What goes wrong in the simulated project: output of commands that really fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

WORKSPACE = "/var/lib/jenkins/workspace/test"
TEST = r"FAILED CONSISTENTLY: (.*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something that fails.

    Attributes:
        key: What the stories call it.
        category: What it is in truth.
        command: What is run to make its log; none if it is the machine that fails.
        sources: The files that the command needs: where to, and which of ours.
        pattern: Finds the line that HUD stores; its groups are the captures.
        said: The log of a failing machine.
    """

    key: str
    category: str
    pattern: str
    command: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What a failure leaves in a log.

    Attributes:
        lines: Without times.
        place: Of the line that HUD stores, from 0.
        captures: What is special about that line.
        context: The commands before it, the nearest first.
    """

    lines: tuple[str, ...]
    place: int
    captures: tuple[str, ...]
    context: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line that HUD stores."""
        return self.lines[self.place]


def _suite(key: str, path: str, category: str = "code") -> Failure:
    name = path.rpartition("/")[2].removesuffix(".py")
    return Failure(
        key=key,
        category=category,
        pattern=TEST,
        command=(sys.executable, "driver.py", path),
        sources=(("driver.py", "driver.py"), (path, f"{name}.txt")),
    )


def _said(key: str, pattern: str, *lines: str) -> Failure:
    return Failure(key=key, category="infrastructure", pattern=pattern, said=lines)


def _broken(key: str, category: str, pattern: str, *command: str) -> Failure:
    path, source = command[-1], f"{key}.txt"
    return Failure(
        key=key,
        category=category,
        pattern=pattern,
        command=command,
        sources=((path, source),),
    )


FAILURES = {
    failure.key: failure
    for failure in (
        _suite("ops", "test_ops.py"),
        _suite("cpu_repro", "inductor/test_cpu_repro.py"),
        _suite("misc", "dynamo/test_misc.py"),
        _suite("nn", "test_nn.py"),
        _suite("jit", "test_jit.py"),
        _suite("autograd", "test_autograd.py"),
        _suite("profiler", "profiler/test_profiler.py"),
        _suite("gloo", "distributed/test_c10d_gloo.py", "test"),
        _suite("dataloader", "test_dataloader.py", "test"),
        _broken(
            "header",
            "code",
            r"(.*:\d+:\d+: error: .*)",
            *("cc", "-fsyntax-only", "c10/core/storage_bytes.c"),
        ),
        _broken(
            "module",
            "code",
            r"(SyntaxError: .*)",
            *(sys.executable, "-B", "-m", "py_compile", "torchgen/operator_name.py"),
        ),
        _broken(
            "docs",
            "dependency",
            r"(ModuleNotFoundError: .*)",
            *(sys.executable, "-B", "docs/source/conf_check.py"),
        ),
        _said(
            "lost",
            r"##\[error\](.*lost communication with the server\..*)",
            "##[error]The self-hosted runner lost communication with the server. "
            "Verify the machine is running and has a healthy network connection.",
        ),
        _said(
            "disk",
            r"(.*No space left on device.*)",
            "Extracting the wheel of the build",
            "tar: build/lib/libtorch_cuda.so: Cannot write: No space left on device",
            "tar: Exiting with failure status due to previous errors",
            "##[error]Process completed with exit code 2.",
        ),
        _said(
            "driver",
            r"(NVIDIA-SMI has failed because it couldn't communicate.*)",
            "+ nvidia-smi",
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA "
            "driver. Make sure that the latest NVIDIA driver is installed and running.",
            "##[error]Process completed with exit code 9.",
        ),
        _said(
            "slow",
            r"##\[error\]The action '(.*)' has timed out.*",
            "##[error]The action 'Test' has timed out after 240 minutes.",
        ),
    )
}


def record(key: str) -> Record:
    """What the failure leaves in a log."""
    return _records()[key]


@cache
def _records() -> dict[str, Record]:
    with tempfile.TemporaryDirectory(prefix="sickbay-suites-") as folder:
        running = {
            key: _started(failure, Path(folder) / key)
            for key, failure in FAILURES.items()
            if failure.command and shutil.which(failure.command[0])
        }
        said = {key: _output(key, process, folder) for key, process in running.items()}
    made = {
        key: _record(FAILURES[key], lines)
        for key, lines in (said | _machines()).items()
    }
    return {key: made.get(key, made["module"]) for key in FAILURES}  # where cc is not


def _machines() -> dict[str, tuple[str, ...]]:
    return {key: failure.said for key, failure in FAILURES.items() if failure.said}


def _started(failure: Failure, folder: Path) -> subprocess.Popen[str]:
    suites = resources.files(__package__) / "suites"
    for path, source in failure.sources:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(suites.joinpath(source).read_text("utf-8"), "utf-8")
    return subprocess.Popen(  # noqa: S603 - our own suites
        failure.command,
        cwd=folder,
        env=os.environ | {"LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _output(key: str, process: subprocess.Popen[str], folder: str) -> tuple[str, ...]:
    text, _ = process.communicate()
    text = re.sub(re.escape(folder) + r"/\w+", WORKSPACE, text)
    command = " ".join(FAILURES[key].command).replace(sys.executable, "python")
    code = process.returncode
    end = f"##[error]Process completed with exit code {code}."
    return (f"+ {command}", *text.splitlines(), end)


def _record(failure: Failure, lines: tuple[str, ...]) -> Record:
    found = [
        (place, match)
        for place, line in enumerate(lines)
        if (match := re.search(failure.pattern, line))
    ]
    place, match = found[-1]
    before = [line for line in reversed(lines[:place]) if line.startswith("+ ")]
    groups = tuple(group for group in match.groups() if group) or (match[0],)
    return Record(lines, place, groups, tuple(before[:12]))
