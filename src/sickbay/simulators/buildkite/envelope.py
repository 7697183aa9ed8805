"""What Buildkite's agent says around a job's own output."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.sayings import saying
from sickbay.simulators.buildkite.suites import SUITES
from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.buildkite.logs import Run

GREY, RED, END = "\x1b[90m", "\x1b[31m", "\x1b[0m"
REOPEN = "^^^ +++\n"
IMAGE = "registry.ci.example/vllm-ci-test-repo"


def clock(at: float) -> str:
    """As vLLM's log lines have it."""
    return datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M:%S")


def checkout(run: Run) -> Iterator[str]:
    """How the job gets its files."""
    place = (
        f"/var/lib/buildkite-agent/builds/{run.agent}/{run.organization}/{run.pipeline}"
    )
    draws = chance("checkout", run.host, run.started)
    count = draws.randrange(150_000, 220_000)
    yield "~~~ Running global environment hook\n"
    yield _shell("/etc/buildkite-agent/hooks/environment")
    yield "~~~ Preparing plugins\n"
    yield "~~~ Preparing working directory\n"
    yield _shell(f"cd {place}")
    yield _shell("git clone -v -- https://github.com/vllm-project/vllm.git .")
    yield "Cloning into '.'...\r\n"
    if run.way == "git":
        return
    yield f"remote: Enumerating objects: {count}, done.\x1b[K\r\n"
    yield _progress("Receiving objects", count)
    yield _progress("Resolving deltas", count * 3 // 4)
    yield _shell("git clean -ffxdq")
    yield _shell(f"git fetch -v --prune -- origin {run.commit}")
    yield f" * branch            {run.commit} -> FETCH_HEAD\r\n"
    yield _shell(f"git checkout -f {run.commit}")
    yield f"HEAD is now at {run.commit[:9]}\r\n"


def _progress(what: str, count: int) -> str:
    """A line that is written over and over."""
    steps = (0, 17, 41, 63, 88, 100)
    parts = (f"{what}: {share:3}% ({count * share // 100}/{count})" for share in steps)
    return "\r".join(parts) + ", done.\r\n"


def _shell(command: str) -> str:
    return f"{GREY}${END} {command}\n"


def commands(run: Run) -> Iterator[str]:
    """How the job's commands start."""
    if run.docker:
        yield "~~~ Running plugin docker command hook\n"
        yield _shell("/var/lib/buildkite-agent/plugins/docker/hooks/command")
        yield f"{run.commit}: Pulling from vllm-ci-test-repo\r\n"
        yield from (f"{n:012x}: Pull complete\r\n" for n in _layers(run))
        yield f"Status: Downloaded newer image for {IMAGE}:{run.commit}\r\n"
    else:
        yield "~~~ Bootstrapping phases plugin,command\n"
        yield "~~~ Preparing plugins\n"
    yield "~~~ Running commands\n"
    if not run.suite:
        return
    yield _shell("cd /vllm-workspace/tests")
    yield from (f"{part}\n" for part in SUITES[run.suite].command.split(" && "))
    yield "--- :nvidia: GPU Info\r\n"
    yield from _gpus(run)


def _layers(run: Run) -> list[int]:
    draws = chance("layers", run.commit)
    return [draws.getrandbits(48) for _ in range(5)]


def _gpus(run: Run) -> list[str]:
    if run.way == "gpu_driver":
        return saying("no_gpu")
    bus = chance("bus", run.host).randrange(256)
    heat = chance("heat", run.host, run.started).randrange(27, 44)
    return saying("gpu", bus=bus, heat=heat)


def failure(run: Run) -> Iterator[str]:
    """What is said if the job does not get as far as its tests."""
    match run.way:
        case "registry":
            yield "~~~ Running plugin docker command hook\n"
            yield from saying("registry", commit=run.commit)
        case "pypi":
            yield "~~~ Running commands\n"
            yield _shell("uv pip install --system -r requirements/test.txt")
            yield from saying("pypi")
        case "git":
            yield from saying("git")


def ending(run: Run) -> Iterator[str]:
    """How the agent sums up."""
    if run.state in {"timed_out", "canceled"}:
        yield from saying("interrupted")
    elif run.exit_status:
        yield REOPEN
        yield f"{RED}🚨 Error: The command exited with status {run.exit_status}{END}\n"
        yield REOPEN
        yield f"user command error: {_blamed(run)}\n"
    yield "~~~ Running global pre-exit hook\n"
    yield _shell("/etc/buildkite-agent/hooks/pre-exit")


def _blamed(run: Run) -> str:
    status = f"exit status {run.exit_status}"
    if not run.docker:
        return status
    return f"The plugin docker command hook exited with status {run.exit_status}"
