from __future__ import annotations

from sickbay.ci.history.comparison import Side, compared
from sickbay.toolsets.history.analysis.differences import change_rows, counts

GOOD, BAD = Side(builds=20), Side(builds=20, failed=20)
QUICK = Side(builds=20, timed=20, log_mean=0.0, log_sd=0.05)
SLOW = Side(builds=20, timed=20, log_mean=1.5, log_sd=0.05)

FOUND = compared(
    {"breaks": GOOD, "mended": BAD, "slow": QUICK, "gone": BAD},
    {"breaks": BAD, "mended": GOOD, "slow": SLOW, "new": GOOD, "born bad": BAD},
).differences


def test_tests_that_come_or_go_and_pass_are_counted_only() -> None:
    listed = {row.test_id for row in change_rows(FOUND, kind=None)}
    assert listed == {"breaks", "mended", "slow", "born bad"}
    assert counts(FOUND)["only_new"] == 2
    assert counts(FOUND)["only_base"] == 1


def test_they_are_given_if_they_are_asked_for() -> None:
    assert [row.test_id for row in change_rows(FOUND, kind="only_base")] == ["gone"]


def test_seconds_are_no_rates() -> None:
    slow = next(row for row in change_rows(FOUND, kind="slower"))
    assert (slow.rate, slow.base_rate) == (None, None)
    assert slow.seconds is not None
    assert slow.base_seconds is not None
    assert slow.seconds > slow.base_seconds
