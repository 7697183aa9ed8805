from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sickbay.core.errors import Malformed
from sickbay.toolsets.hud.analysis import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from sickbay.toolsets.hud.analysis.table import Row
    from sickbay.toolsets.hud.models.numbers import Metric

ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(), st.text())
)


def day(bucket: str, red: float, green: float, total: int) -> dict[str, object]:
    return {
        "granularity_bucket": bucket,
        "red": red,
        "flaky": 1.0,
        "pending": 0.0,
        "green": green,
        "total": total,
    }


def test_red_days_are_newest_first_with_shares_and_totals() -> None:
    found = metrics.trunk_red(
        [day("2026-03-01", 1.0, 2.0, 4), day("2026-03-02", 3.0, 4.0, 8)]
    )
    assert found.rows == (
        ("2026-03-02", 3, 1, 0, 4, 8, 0.375),
        ("2026-03-01", 1, 1, 0, 2, 4, 0.25),
    )
    assert found.totals["commits"] == 12
    assert found.totals["red_share"] == round(4 / 12, 4)
    assert found.summary == "4 of 12 commits red (33 %); 2 flaky, 0 pending, 6 green"


def test_nothing_counted_is_no_share() -> None:
    found = metrics.trunk_red([])
    assert found.summary is None
    assert found.totals["red_share"] is None
    assert found.nothing


def test_waits_are_longest_first_and_by_machine() -> None:
    jobs = [
        {"name": "pull / a", "machine_type": "linux.2xlarge", "queue_s": 400},
        {"name": "pull / b", "machine_type": "linux.rocm", "queue_s": 7260},
        {"name": "pull / c", "machine_type": "linux.2xlarge", "queue_s": 600},
    ]
    found = metrics.queued_jobs(jobs, [], None)
    assert [row[0] for row in found.rows] == [7260, 600, 400]
    assert [(part.name, part.count, part.seconds) for part in found.top] == [
        ("linux.rocm", 1, 7260),
        ("linux.2xlarge", 2, 600),
    ]
    assert found.summary == (
        "3 jobs in the queue for more than 5 minutes; the longest for 2 h 1 min"
    )
    narrowed = metrics.queued_jobs(jobs, [], "ROCM")
    assert [row[1] for row in narrowed.rows] == ["pull / b"]


def test_an_empty_queue_is_said_to_be() -> None:
    found = metrics.queued_jobs([], [], None)
    assert found.totals == {"jobs": 0, "machine_types": 0, "longest_s": None}
    assert found.summary == "0 jobs in the queue for more than 5 minutes"


def test_the_worst_machines_are_those_with_the_longest_wait_of_all_buckets() -> None:
    rows = [
        {"granularity_bucket": day, "machine_type": name, "avg_queue_s": wait_s}
        for day, name, wait_s in (
            ("2026-03-01T00:00:00", "a", 900.0),
            ("2026-03-02T00:00:00", "a", 10.0),
            ("2026-03-02T00:00:00", "b", 600.0),
        )
    ]
    found = metrics.queue_times(rows, None)
    assert [(part.name, part.seconds) for part in found.top] == [("a", 900), ("b", 600)]
    assert [row[:2] for row in found.rows] == [
        ("2026-03-02T00:00:00", "b"),
        ("2026-03-02T00:00:00", "a"),
        ("2026-03-01T00:00:00", "a"),
    ]
    assert any("longest" in note for note in found.notes)


def test_the_mean_time_to_signal_counts_each_job_as_often_as_it_ran() -> None:
    jobs = [
        {"name": "pull / a", "tts_sec": 3600, "count": 3},
        {"name": "pull / b", "tts_sec": 7200, "count": 1},
    ]
    weeks = [
        {"week_bucket": "2026-03-01", "avg_tts": 2.5, "branch": "main"},
        {"week_bucket": "2026-03-01", "avg_tts": 1.0, "branch": "not main"},
    ]
    found = metrics.time_to_signal(jobs, weeks, "main", None)
    assert found.totals == {"passed": 4, "mean_s": 4500.0}
    assert [part.seconds for part in found.top] == [9000]
    assert found.rows[0] == ("pull / b", 7200, 1)


def test_sums_are_no_classes_of_reverts() -> None:
    rows = [
        {"bucket": "2026-03-01", "code": code, "num": num}
        for code, num in (("total", 4.5), ("nosignal", 2.5), ("ghfirst", 2.0))
    ]
    found = metrics.reverts(100, 5, rows)
    assert [row[1] for row in found.rows] == ["nosignal", "ghfirst"]
    assert found.summary == "5 reverts among 100 commits (5 %)"
    assert metrics.reverts(100, None, []).totals["share"] is None
    assert metrics.reverts(None, 5, []).summary == "5 reverts"


def test_a_machine_without_gpu_has_no_figures_of_one() -> None:
    rows = [
        {"job_name": "a", "job_id": 1, "gpu_count": 0, "cpu_avg": 10, "gpu_avg": 0},
        {"job_name": "b", "job_id": 2, "gpu_count": 1, "cpu_avg": 30, "gpu_avg": 80},
    ]
    found = metrics.used_by_jobs(rows, None)
    assert found.columns == ("job_name", "job_id", "cpu_avg", "gpu_avg")
    assert found.rows == (("b", 2, 30, 80), ("a", 1, 10, None))
    assert found.totals["gpu_avg"] == 80
    assert found.totals["cpu_avg"] == 20


def test_reports_have_the_same_columns_whichever_way_they_come() -> None:
    nested = {
        "time_group": "2026-03-01",
        "group_key": "pull",
        "total_runs": 3,
        "metrics": {"cpu_avg": 10.0},
    }
    flat = {"time": "2026-03-02", "workflow_name": "pull", "total_runs": 4}
    found = metrics.used_over_time(
        [nested, {**flat, "cpu_avg": 20.0}], "workflow_name", None
    )
    assert found.columns == ("bucket", "name", "runs", "cpu_avg")
    assert found.rows == (
        ("2026-03-02", "pull", 4, 20.0),
        ("2026-03-01", "pull", 3, 10.0),
    )
    assert found.totals["runs"] == 7


def test_numbers_that_come_as_text_count_and_words_do_not() -> None:
    rows = [{"name": "a", "machine_type": "m", "queue_s": "90"}]
    assert metrics.queued_jobs(rows, [], None).totals["longest_s"] == 90
    with pytest.raises(Malformed, match="is no number"):
        metrics.queued_jobs([{"name": "a", "queue_s": "soon"}], [], None)


@pytest.mark.parametrize(
    ("made", "columns"),
    [
        pytest.param(
            metrics.trunk_red,
            ("granularity_bucket", *metrics.STATES, "total"),
            id="trunk_red",
        ),
        pytest.param(
            lambda rows: metrics.queued_jobs(rows, [], "a"),
            ("queue_s", "name", "machine_type"),
            id="queued_jobs",
        ),
        pytest.param(
            lambda rows: metrics.queued_jobs([], rows, None),
            ("machine_type", "count", "avg_queue_s"),
            id="labels",
        ),
        pytest.param(
            lambda rows: metrics.queue_times(rows, None),
            ("granularity_bucket", "machine_type", "avg_queue_s"),
            id="queue_times",
        ),
        pytest.param(
            lambda rows: metrics.time_to_signal(rows, [], "main", None),
            ("name", "tts_sec", "count"),
            id="time_to_signal",
        ),
        pytest.param(
            lambda rows: metrics.time_to_signal([], rows, "main", None),
            ("week_bucket", "avg_tts", "branch"),
            id="weeks",
        ),
        pytest.param(
            lambda rows: metrics.reverts(None, 1, rows),
            ("bucket", "code", "num"),
            id="reverts",
        ),
        pytest.param(
            lambda rows: metrics.used_by_jobs(rows, None),
            ("job_name", "cpu_avg", "gpu_avg", "gpu_count"),
            id="used_by_jobs",
        ),
        pytest.param(
            lambda rows: metrics.used_over_time(rows, "job_name", None),
            ("time", "job_name", "total_runs", "cpu_avg", "metrics"),
            id="used_over_time",
        ),
    ],
)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_the_hud_says_is_counted_or_called_malformed(
    made: Callable[[list[Row]], Metric], columns: tuple[str, ...], data: st.DataObject
) -> None:
    row = st.fixed_dictionaries(dict.fromkeys(columns, ODD))
    rows = data.draw(st.lists(row, max_size=3))
    with suppress(Malformed):
        found = made(rows)
        assert all(len(row) == len(found.columns) for row in found.rows)


@pytest.mark.parametrize("said", ["nan", "inf", 1e154, -1e300])
def test_a_number_beyond_all_counts_is_none(said: object) -> None:
    row = {"name": "a", "tts_sec": 1e154, "count": said}
    with pytest.raises(Malformed, match="is no number"):
        metrics.time_to_signal([row], [], "main", None)
