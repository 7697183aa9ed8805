from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.joins import joined

if TYPE_CHECKING:
    from random import Random


def test_links_join_and_a_key_alone_stays_alone() -> None:
    found = joined([["b", "c"], ["a", "c"], ["d"], ["f", "e"]])
    assert found == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e", "f": "e"}


links = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3))


@given(links, st.randoms())
def test_the_order_of_the_links_does_not_matter(
    some: list[list[str]], chance: Random
) -> None:
    other = [chance.sample(link, len(link)) for link in some]
    chance.shuffle(other)
    assert joined(some) == joined(other)
