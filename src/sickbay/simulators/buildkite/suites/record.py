"""Run the suites in all ways, and write down what they say: a tool for developers.

``python -m sickbay.simulators.buildkite.suites.record [SUITE[.WAY]...]`` needs pytest
with its plugins, and takes a minute or two.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sickbay.simulators.buildkite.suites.catalogue import plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
OUT = HERE / "recorded"
ROOT = "/vllm-workspace"
HANG_S = 4.0
PACKAGES = "/usr/local/lib/python3.12/dist-packages"
STANDARD = "/usr/lib/python3.12"
COLUMNS = 120
NOTHING = {"ran": [], "failed": [], "message": "", "started": ""}
CLOCK = (r"\b\d\d-\d\d \d\d:\d\d:\d\d\b", "{{clock}}")
MARKED = (
    r"(?<=pid=)\d{3,}",
    r"0x[0-9a-f]{6,16}",
    r"(?<![\w.{])-?\d+\.\d{5,}(?![\w}])",
    r"(?<=Process )\d{6,}",
)


@dataclass(frozen=True, slots=True)
class Take:
    """A suite that is run in a way."""

    suite: str
    planned: Mapping[str, Any]
    way: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.suite}.{self.way['key']}"

    @property
    def script(self) -> str:
        """What the job runs."""
        parts = self.planned["command"].split(" && ")
        shown = [
            f'echo "+++ :test_tube: Command ({n}/{len(parts)}): {part}"\n{part}'
            for n, part in enumerate(parts, 1)
        ]
        return "\n".join(shown)


@dataclass(frozen=True, slots=True)
class Recording:
    """What came of it."""

    text: str
    seen: dict[str, Any]
    junit: str | None


def takes() -> Iterator[Take]:
    """All that are planned."""
    for way in plan("ways")["way"]:
        for suite, planned in plan("suites").items():
            if suite in way.get("suites", (suite,)):
                yield Take(suite, planned, way)


def recorded(take: Take) -> Recording:
    """Run it now."""
    with tempfile.TemporaryDirectory(prefix="suite-") as name:
        folder = Path(name).resolve()
        _stage(take, folder)
        output, status = _run(take, folder)
        seen = NOTHING | _read(folder / "witness.json")
        seen["exit_status"] = status if status >= 0 else 128 - status
        if take.way["kind"] in {"crash", "hang"} and not seen["failed"]:
            seen["failed"] = [seen["started"]] if seen["started"] else []
        del seen["started"]
        clean = _Cleaner(folder)
        seen["message"] = clean.message(take.way.get("message") or seen["message"])
        path = folder / "junit.xml"
        junit = clean.junit(path.read_text()) if path.exists() else None
        return Recording(clean.log(output), seen, junit)


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {}


def _stage(take: Take, folder: Path) -> None:
    source = HERE / "workspace"
    for path in sorted(source.rglob("*.t*")):
        place = folder / path.relative_to(source)
        if place.suffix == ".txt":
            place = place.with_suffix(".py")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path.read_text())
    (folder / "site/witness.py").write_text((HERE / "witness.txt").read_text())
    for file, old, new in _changes(take.way):
        text = (folder / file).read_text()
        if old not in text:
            raise ValueError(f"{take.name}: {old!r} is not in {file}")
        (folder / file).write_text(text.replace(old, new))


def _changes(way: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "file" in way:
        yield way["file"], way["old"], way["new"]
    yield from way.get("also", ())


def _run(take: Take, folder: Path) -> tuple[str, int]:
    process = subprocess.Popen(  # noqa: S603 - our own suites
        ("/bin/sh", "-ec", take.script),
        cwd=folder / take.planned.get("cwd", "tests"),
        env=_environment(take, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(
            timeout=HANG_S if take.way["kind"] == "hang" else None
        )
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        output, _ = process.communicate()
    return output.decode(), process.returncode


def _environment(take: Take, folder: Path) -> dict[str, str]:
    options = ["--color=yes --code-highlight=no", "-p no:cacheprovider", "-p witness"]
    if take.planned.get("junit"):
        options.append(f"--junitxml={folder}/junit.xml")
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": f"{folder}:{folder}/site",
        "PYTEST_ADDOPTS": " ".join(options),
        "WITNESS": f"{folder}/witness.json",
        "ROOT": str(folder),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONFAULTHANDLER": "1",
        "CI": "true",
        "COLUMNS": str(COLUMNS),
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
    } | {key: str(value) for key, value in take.way.get("machine", {}).items()}


class _Cleaner:
    """Puts other places in the place of ours, and marks what differs by run."""

    def __init__(self, folder: Path) -> None:
        lib = sysconfig.get_paths()
        self.places = (
            (f"{folder}/site", PACKAGES),
            ("../site", ".." + PACKAGES),
            (str(folder), ROOT),
            (f"{sys.prefix}/bin/python3", "/usr/bin/python3"),
            (f"{sys.prefix}/bin/python", "/usr/bin/python"),
            (f"{sys.prefix}/bin", "/usr/local/bin"),
            (lib["purelib"], PACKAGES),
            (lib["stdlib"], STANDARD),
        )

    def placed(self, text: str) -> str:
        """With the places of the simulated machine."""
        for old, new in self.places:
            text = text.replace(old, new)
        return text

    def message(self, text: str) -> str:
        """A message with its numbers marked."""
        text = self.placed(text)
        for pattern in MARKED:
            text = re.sub(pattern, r"{{\g<0>}}", text)
        return text

    def log(self, text: str) -> str:
        """A log with its numbers and times marked."""
        text = self.message(re.sub(*CLOCK, text))
        text = re.sub(r"(?<= in )\d+\.\d\ds( \(\d+:\d\d:\d\d\))?", "{{took}}", text)
        return _with_room(text.rstrip("\n"))

    def junit(self, text: str) -> str:
        """A JUnit file with its numbers and times marked."""
        text = re.sub(r' hostname="[^"]*"| timestamp="[^"]*"', "", text)
        text = re.sub(r'time="[\d.]+"', 'time="0.125"', text)
        return self.message(re.sub(*CLOCK, text))


def _with_room(text: str) -> str:
    """A mark is put where the first test says something."""
    head, seen, tail = text.partition("{{clock}}")
    if not seen or "collected" not in head:
        return text
    rest, _, after = tail.partition("\n")
    return f"{head}{seen}{rest}\n{{{{more}}}}\n{after}"


def main(wanted: Sequence[str], folder: Path = OUT) -> int:
    """Record what is wanted, or all, into a folder."""
    path = folder / "index.json"
    index = json.loads(path.read_text()) if path.exists() else {}
    for take in takes():
        if wanted and not {take.suite, take.name, take.way["key"]} & set(wanted):
            continue
        made = recorded(take)
        _keep(take, made, folder)
        index.setdefault(take.suite, {})[take.way["key"]] = made.seen
        path.write_text(json.dumps(index, indent=1, sort_keys=True) + "\n")
        failed, status = len(made.seen["failed"]), made.seen["exit_status"]
        sys.stderr.write(f"{take.name}: {failed} failed, {status}\n")
    return 0


def _keep(take: Take, made: Recording, folder: Path) -> None:
    """Write it down, but for what says nothing new."""
    (folder / f"{take.name}.txt").write_bytes(made.text.encode())
    if made.junit and "machine" not in take.way:
        (folder / f"{take.name}.xml").write_text(made.junit)
    if take.way["key"] != "passed":
        del made.seen["ran"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
