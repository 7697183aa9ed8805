"""A cache in memory, for tests of what is kept between runs."""

from __future__ import annotations


class Memory:
    """A cache that counts."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.puts = 0

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        self.puts += 1
        self.kept[key] = data
