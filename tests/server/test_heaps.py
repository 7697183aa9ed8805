from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys, threading
from sickbay.server.heaps import share_heaps

if sys.argv[1] == "shared":
    share_heaps()
gate = threading.Barrier(9)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p

def work():
    libc.malloc(1000)
    gate.wait()
    gate.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
gate.wait()
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fdopen.restype = ctypes.c_void_p
out = libc.fdopen(1, b"w")
libc.malloc_info(0, out)
libc.fflush.argtypes = [ctypes.c_void_p]
libc.fflush(out)
gate.wait()
"""


def heaps(how: str) -> int:
    """How many heaps eight threads have."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
    )
    return done.stdout.count("<heap ")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc has heaps of threads")
def test_threads_share_heaps() -> None:
    assert heaps("shared") == 2 < heaps("own")
