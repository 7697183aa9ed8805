"""The demo: a real test suite fails under a small CI, and its log is explained."""

from __future__ import annotations

import importlib.util
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.resources.abc import Traversable

SHARDS = ("pharmacy", "dosage", "imaging")
STATES = ("passed", "failed")
ATTEMPTS = 2
SIGNALLED = 128  # what a shell adds to the number of the signal that killed a command


def run(*, folder: Path | None = None) -> int:
    """Run the suite before and after a bad change, then explain what happened.

    Args:
        folder: Where the suite and its logs go; a new temporary folder if ``None``.

    Returns:
        The exit status of the last command shown.
    """
    folder = folder or Path(tempfile.mkdtemp(prefix="sickbay-demo-"))
    say = sys.stdout.write
    say("A CI job runs a small test suite, before and after a bad change:\n\n")
    passed, failed = (record(folder, state, say) for state in STATES)
    for command in (["explain", str(failed)], ["diff", str(passed), str(failed)]):
        say(f"\n$ sickbay {shlex.join(command)}\n\n")
        sys.stdout.flush()
        if status := _command(command):
            return status
    say(
        "\nThe logs stay where they are. Some more to try:\n\n"
        f"$ sickbay explain {shlex.quote(str(failed))} --format markdown\n"
        f"$ sickbay cluster {shlex.quote(str(folder))}\n"
    )
    return 0


def _command(argv: Sequence[str]) -> int:
    from sickbay.cli.main import main  # noqa: PLC0415 - it imports this module

    return main(argv)


def record(folder: Path, state: str, say: Callable[[str], object]) -> Path:
    """Run every shard of the suite as a CI job would, and give the job's log.

    Args:
        folder: Where the suite and the log go.
        state: Of the code under test: ``passed``, or ``failed`` after a bad change.
        say: Told how each shard ended.
    """
    work = folder / "infirmary"
    _lay_out(work, state)
    log = JobLog(folder / f"{state}.log")
    log.group("Set up job", [f"Python {sys.version.split()[0]} on {sys.platform}"])
    with socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        if state == "passed":
            service.listen()
        outcomes = [_shard(name, work, log, service) for name in SHARDS]
    for name, statuses in zip(SHARDS, outcomes, strict=True):
        say(f"  {name:<10}{', then '.join(map(_ending, statuses))}\n")
    if any(statuses[-1] for statuses in outcomes):
        log.line("##[error]Process completed with exit code 1.")
    log.close()
    say(f"  its log:  {log.path} ({log.path.stat().st_size / 1000:.1f} kB)\n\n")
    return log.path


def _lay_out(work: Path, state: str) -> None:
    suite = resources.files("sickbay.cli.demo_suite")
    work.mkdir(parents=True, exist_ok=True)
    for part in (state, "tests"):
        for file in suite.joinpath(part).iterdir():
            _copy(file, work / file.name.removesuffix(".txt"))


def _copy(file: Traversable, to: Path) -> None:
    to.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")


def _shard(
    name: str, work: Path, log: JobLog, service: socket.socket
) -> tuple[int, ...]:
    """Run one shard until it passes or has no attempt left; give every status.

    The service that the pharmacy's test needs comes up after the first failure.
    """
    port = service.getsockname()[1]
    statuses: list[int] = []
    command = f"{_runner()} test_{name}.py"
    for attempt in range(1, ATTEMPTS + 1):
        if attempt > 1:
            service.listen()
            log.line(
                f"\x1b[33mRetrying {name} (attempt {attempt} of {ATTEMPTS})\x1b[0m"
            )
        statuses.append(log.step(command, work, _environment(port)))
        if not statuses[-1]:
            break
        log.line(f"Shard {name} exited with status {statuses[-1]}.")
    return tuple(statuses)


def _runner() -> str:
    python = shlex.quote(Path(sys.executable).name)
    if importlib.util.find_spec("pytest"):
        return f"{python} -m pytest -v --color=yes -p no:cacheprovider"
    return f"{python} -X faulthandler -m unittest -v"


def _environment(port: int) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **{key: value for key, value in os.environ.items() if "PYTEST" not in key},
        "PATH": path,
        "PHARMACY_PORT": str(port),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _ending(status: int) -> str:
    if status > SIGNALLED:
        return f"killed by {signal.Signals(status - SIGNALLED).name}"
    return f"failed with {status}" if status else "passed"


@dataclass(slots=True)
class JobLog:
    """The log of a CI job, in the format of GitHub Actions.

    Args:
        path: The file that it is written to.
    """

    path: Path
    _lines: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        """Log one line, with the time in front of it."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self._lines.append(f"{now} {text}\n")

    def group(self, name: str, lines: Sequence[str]) -> None:
        """Log some lines as a folded group."""
        for text in (f"##[group]{name}", *lines, "##[endgroup]"):
            self.line(text)

    def step(self, command: str, work: Path, environment: dict[str, str]) -> int:
        """Run a command in a shell, log what it prints, and give its exit status."""
        self.group(f"Run {command}", [f"\x1b[36;1m{command}\x1b[0m", "shell: sh -e"])
        script = work / "step.sh"
        script.write_text(f"ulimit -c 0\n{command}\nexit 0\n", encoding="utf-8")
        with subprocess.Popen(  # noqa: S603 - the command is our own
            ["sh", "-e", script.name],  # noqa: S607 - the shell that a CI would use
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for row in process.stdout or ():
                self.line(row.rstrip("\n"))
            return process.wait()

    def close(self) -> None:
        """Write the file."""
        self.path.write_text("".join(self._lines), encoding="utf-8")
