"""Processes that fill, read and empty a log cache, for tests that kill them.

    cacheworker.py FOLDER MAX_BYTES

Each line read is the seed of one more process, whose id is answered; it works until it
is killed, or has worked ROUNDS times. A log's content follows from its number, so
whoever finds the origin ``log N`` knows what has to be in it.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from functools import cache
from pathlib import Path

from sickbay.clients.files import chunks
from sickbay.clients.logcache import Entry, LogCache
from sickbay.core.errors import NotFound

KINDS = 8
ROUNDS = 1_000


@cache
def content(number: int) -> tuple[bytes, ...]:
    """A log in chunks, large enough that writing it takes a while."""
    noise = random.Random(number)  # noqa: S311 - a test's data
    return tuple(
        b"".join(b"%d %x\n" % (number, noise.getrandbits(64)) for _ in range(5_000))
        for _ in range(2 + number)
    )


def whole(entry: Entry) -> bool:
    """Whether an entry holds what its origin says, or had to make room meanwhile."""
    try:
        text = b"".join(bytes(chunk) for chunk in chunks(entry.path))
    except NotFound:
        return True
    number = int(entry.origin.removeprefix("log "))
    return text == b"".join(content(number)) and len(text) == entry.bytes


def work(logs: LogCache, seed: int, rounds: int = ROUNDS) -> None:
    """Put and find logs at random; a wrong one ends it with status 1."""
    pick = random.Random(seed)  # noqa: S311 - a test's data
    for _ in range(rounds):
        number = pick.randrange(KINDS)
        entry = logs.put(content(number), origin=f"log {number}")
        found = logs.find(f"log {pick.randrange(KINDS)}")
        if not whole(entry) or (found and not whole(found)):
            sys.stderr.write(f"wrong: {entry} or {found}\n")
            os._exit(1)


def main(folder: str, max_bytes: str) -> None:
    """Fork a process for each line that comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody has to wait for the dead
    logs = LogCache(Path(folder), max_bytes=int(max_bytes))
    for number in range(KINDS):
        content(number)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(logs, int(line))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
