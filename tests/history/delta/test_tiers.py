from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sickbay.history.delta.tiers import FAN_IN, overdue

ROWS = st.dictionaries(st.text(min_size=1), st.integers(0, 10**8), max_size=60)


def test_few_files_stay_as_they_are() -> None:
    assert not overdue({str(number): 2000 for number in range(FAN_IN - 1)})


def test_small_files_become_one_and_the_large_one_is_left_alone() -> None:
    small = {str(number): 2000 for number in range(FAN_IN)}

    assert overdue({**small, "large": 10_000_000}) == small.keys()


def test_what_is_smaller_still_goes_along() -> None:
    files = {str(number): 20_000 for number in range(FAN_IN)}

    assert "tiny" in overdue({**files, "tiny": 3})


@given(ROWS)
def test_merging_ends_with_few_files(rows: dict[str, int]) -> None:
    """Each time there are fewer, and in the end few of any size."""
    while names := overdue(rows):
        assert len(names) >= FAN_IN
        merged = sum(rows[name] for name in names)
        rows = {name: count for name, count in rows.items() if name not in names}
        rows["".join(sorted(names)) + "+"] = merged
    tiers = Counter(len(str(max(count, 1))) for count in rows.values())
    assert all(many < FAN_IN for many in tiers.values())


def test_a_row_is_written_again_about_once_for_each_power_of_ten() -> None:
    files: dict[str, int] = {}
    written = 0
    for number in range(1000):
        files[str(number)] = 100
        if names := overdue(files):
            merged = sum(files.pop(name) for name in names)
            files[f"m{number}"] = merged
            written += merged
    assert written <= 3 * 1000 * 100
    assert len(files) < 3 * FAN_IN
