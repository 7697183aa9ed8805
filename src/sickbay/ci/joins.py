"""Joins: which things belong together, when some of them are linked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Key = TypeVar("Key", str, tuple[str, ...])


def joined(links: Iterable[Sequence[Key]]) -> Mapping[Key, Key]:
    """For every key, the least of all keys that are linked with it.

    Args:
        links: Keys that belong together; one alone belongs to itself.
    """
    above: dict[Key, Key] = {}

    def top(key: Key) -> Key:
        above.setdefault(key, key)
        while above[key] != key:
            above[key] = key = above[above[key]]
        return key

    for link in links:
        for key in link:
            low, high = sorted((top(link[0]), top(key)))
            above[high] = low
    return {key: top(key) for key in above}
