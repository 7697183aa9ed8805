from __future__ import annotations

from typing import TYPE_CHECKING

from tests.toolsets.buildkite.cases import BUILD, NIGHTLY

if TYPE_CHECKING:
    from tests.toolsets.buildkite.stand import Stand


def test_annotations_come_as_text_the_worst_first(stand: Stand) -> None:
    found = stand.whole("buildkite_annotations", "annotations", build=NIGHTLY)
    styles = [row["style"] for row in found["annotations"]]
    assert styles[0] == "error"
    assert styles == sorted(styles, key=["error", "warning", "info", "success"].index)
    assert "jobs failed" in " ".join(row["text"] for row in found["annotations"])
    assert not [row for row in found["annotations"] if "<li>" in row["text"]]


def test_artifacts_of_a_build_are_listed_to_the_last(stand: Stand) -> None:
    found = stand.whole("buildkite_artifacts", "artifacts", build=NIGHTLY)
    assert found["coverage"]["total"] == len(found["artifacts"])
    assert found["total_bytes"] == sum(row["bytes"] for row in found["artifacts"])
    assert all(row["path"].startswith("junit/") for row in found["artifacts"])


def test_artifacts_are_chosen_by_job_and_path(stand: Stand) -> None:
    every = stand.whole("buildkite_artifacts", "artifacts", build=NIGHTLY)["artifacts"]
    job = every[0]["job_id"]
    mine = stand.ask("buildkite_artifacts", build=NIGHTLY, job=job)["artifacts"]
    assert {row["job_id"] for row in mine} == {job}
    some = stand.ask(
        "buildkite_artifacts", build=NIGHTLY, path=every[0]["path"][:-6] + "*"
    )["artifacts"]
    assert every[0] in some
    assert len(some) < len(every)


def test_a_job_that_left_nothing_behind_is_empty_and_no_error(stand: Stand) -> None:
    lost = next(job for job in BUILD.jobs if job.state == "blocked")
    told = stand.ask("buildkite_artifacts", build=NIGHTLY, job=lost.job_id)
    assert told["outcome"] == "empty"
