"""A simulated system in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def simulated(name: str, *options: str) -> Iterator[str]:
    """The address of a simulated system, such as ``hud``."""
    command = [sys.executable, "-m", "sickbay", "simulate", name, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = cast("IO[str]", process.stdout).readline()
        yield re.findall(r"http://[\d.:]+", said)[0]
    finally:
        process.terminate()
        process.wait()
