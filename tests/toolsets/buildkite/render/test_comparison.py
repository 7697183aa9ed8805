from __future__ import annotations

from sickbay.render.page import text
from sickbay.render.plain import Paint
from sickbay.toolsets.buildkite.models.scan import ChangeRow, ComparedBuilds
from sickbay.toolsets.buildkite.render.comparison import comparison_page


def page(*rows: ChangeRow) -> str:
    found = ComparedBuilds(counts={"new": len(rows)}, changes=rows)
    return text(comparison_page(found), paint=Paint(colour=False), width=100)


def new(name: str, said: str) -> ChangeRow:
    return ChangeRow(change="new", name=name, category="NEW_REGRESSION", text=said)


def test_failures_that_say_the_same_are_one_entry() -> None:
    shown = page(*(new(f"job {n}", "no module named b") for n in range(20)))
    assert "New (20)" in shown
    assert "job 0, and 19 more that say the same (NEW_REGRESSION)" in shown
    assert shown.count("no module named b") == 1
    assert "--format json" not in shown


def test_failures_that_say_different_things_are_entries_of_their_own() -> None:
    shown = page(new("one", "assert 1 == 2"), new("two", "assert 1 == 3"))
    assert "that say the same" not in shown
    assert "one (NEW_REGRESSION)" in shown
    assert "two (NEW_REGRESSION)" in shown


def test_failures_without_a_message_are_not_taken_for_alike() -> None:
    assert "that say the same" not in page(new("one", ""), new("two", ""))


def test_what_is_not_shown_is_counted() -> None:
    rows = [new(f"test {n % 30}", f"message {n % 30}") for n in range(60)]
    assert "and 36 more; --format json has them all" in page(*rows)
