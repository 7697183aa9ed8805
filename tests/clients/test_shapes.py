from __future__ import annotations

import subprocess
import sys

FIRST_READS = """
from concurrent.futures import ThreadPoolExecutor
from dataclasses import make_dataclass
from sys import setswitchinterval
from threading import Barrier

import msgspec
from sickbay.clients.shapes import known

setswitchinterval(1e-6)
together = Barrier(8)


def fresh():
    kind = str
    for number in range(12):
        kind = make_dataclass(f"Part{number}", [(f"field{n}", kind) for n in range(4)])
    return kind


def read(kind):
    together.wait()
    try:
        msgspec.convert({}, known(kind))
    except msgspec.ValidationError:
        return True


with ThreadPoolExecutor(8) as threads:
    for _ in range(12):
        assert all(threads.map(read, [fresh()] * 8))
print("alive")
"""


def test_threads_that_first_read_a_type_together_do_not_end_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_READS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
