from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulators.hud import hud_at
from tests.toolsets.hud.stand import Stand, shared
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sickbay.simulators.hud.runs import Run
    from tests.simulators.hud import Hud


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return made(tmp_path)


def made(folder: Path, hud: Hud | None = None) -> Stand:
    """A server whose rules need not be compiled once more."""
    given = {**samples.settings(folder / ".sickbay"), "toolsets": "hud"}
    return Stand(folder, hud, **given)


def some_run(fits: Callable[[Run], bool], *, after: int = 0) -> Run:
    """The newest run on the trunk that fits."""
    found = [run for run in shared().world.runs() if run.order >= after and fits(run)]
    return max(found, key=lambda run: run.order)


def going_wrong(run: Run) -> bool:
    return run.status == "in_progress" and bool(run.failure)


def finished(run: Run) -> bool:
    return failed(run) and run.status == "completed"


def failed(run: Run) -> bool:
    return run.conclusion == "failure" and bool(run.failure)


def sha_of(run: Run) -> str:
    return shared().world.commit(run.order).sha


def skipped(told: dict[str, Any]) -> str:
    return " ".join(item["what"] for item in told["coverage"]["skipped"])


def test_a_job_is_found_by_its_number_alone(stand: Stand) -> None:
    run = some_run(finished)
    told = stand.ask("hud_job", job_id=run.job_id)
    job = told["job"]
    assert job["name"] == run.kind.full_name
    assert (job["sha"], job["run_id"], job["branch"]) == (
        sha_of(run),
        run.run_id,
        "main",
    )
    assert (job["state"], job["conclusion"]) == ("fail", "failure")
    assert (job["duration_s"], job["queue_s"]) == (run.duration_s, run.queue_s)
    assert job["runner"] == run.runner_name
    assert told["failure"]["lines"][0]["text"]
    assert told["log"] == {
        "handle": f"hud:{run.job_id}",
        "url": f"{stand.hud.url}/log/{run.job_id}",
        "running": False,
        "bytes": told["log"]["bytes"],
        "why": None,
    }


def test_a_job_may_be_a_number_or_a_text_or_an_address(stand: Stand) -> None:
    run = some_run(finished)
    address = f"https://github.com/pytorch/pytorch/actions/runs/{run.run_id}/job/"
    answers = stand.ask_all(
        ("hud_job", {"job_id": run.job_id}),
        ("hud_job", {"job_id": str(run.job_id)}),
        ("hud_job", {"job_id": f"hud:{run.job_id}"}),
        ("hud_job", {"job_id": f"{address}{run.job_id}?pr=1"}),
        ("hud_job", {"job_id": run.job_id, "sha": sha_of(run)}),
    )
    jobs = [told["job"] for told in answers]
    assert jobs[0]["state"] == "fail"
    assert all(job == jobs[0] for job in jobs)


def test_artifacts_are_those_of_the_run_and_not_of_the_job(stand: Stand) -> None:
    run = some_run(finished)
    with hud_at() as hud:
        told = made(stand.settings["cache"].parent / "other", hud).ask(
            "hud_job", job_id=run.job_id
        )
        assert f"/api/artifacts/s3/{run.run_id}" in hud.paths()
        assert f"/api/artifacts/s3/{run.job_id}" not in hud.paths()
    assert told["artifacts"]
    assert all(item["url"] and item["bytes"] for item in told["artifacts"])


def test_a_run_given_for_a_job_has_its_artifacts(stand: Stand) -> None:
    run = some_run(failed)
    told = stand.ask("hud_job", job_id=run.run_id)
    assert told["artifacts"]
    assert told["job"]["run_id"] == run.run_id
    assert "that is a run" in str(told["coverage"])


def test_every_attempt_of_a_job_is_told_and_an_old_one_found(stand: Stand) -> None:
    passed = some_run(lambda run: run.attempt > 1 and run.conclusion == "success")
    first = passed.job_id - passed.attempt + 1
    new, old = stand.ask_all(
        ("hud_job", {"job_id": passed.job_id}), ("hud_job", {"job_id": first})
    )
    assert [item["job_id"] for item in new["attempts"]] == [first, passed.job_id]
    assert (old["job"]["state"], old["job"]["attempt"]) == ("fail", 1)
    assert old["attempts"] == new["attempts"]


def test_a_job_of_a_pull_request_is_found_by_its_number(stand: Stand) -> None:
    world = stand.hud.world
    for pull in world.pulls.values():
        if not pull.truth or pull.number < 9_000:
            continue
        runs = [run for some in world.cells(pull.heads[-1]).values() for run in some]
        for run in [run for run in runs if failed(run)][:1]:
            told = stand.ask("hud_job", job_id=run.job_id)
            assert told["job"]["sha"] == sha_of(run), pull.branch
            assert told["job"]["state"] == "fail"


def test_the_log_of_a_running_job_says_so(stand: Stand) -> None:
    run = some_run(going_wrong)
    told = stand.ask("hud_job", job_id=run.job_id)
    assert (told["job"]["state"], told["job"]["status"]) == ("fail", "in_progress")
    assert told["log"]["running"] is True
    assert "/temp_logs/" in told["log"]["url"]


def test_the_log_of_a_running_job_is_not_kept_as_its_last(stand: Stand) -> None:
    name = f"hud:{some_run(going_wrong).job_id}"
    before = len(stand.hud.asked)
    for _ in range(2):  # each by a server of its own, with the same cache
        assert stand.ask("hud_explain_job", jobs=[name])["outcome"] == "ok"
    place = f"/temp_logs/{name.partition(':')[2]}"
    fetched = [a for a in stand.hud.asked[before:] if a.path == place]
    assert len([a for a in fetched if a.method == "GET"]) == 2


def test_a_job_that_nobody_knows_is_not_found(stand: Stand) -> None:
    told = stand.ask("hud_job", job_id=7)
    assert told["error"]["kind"] == "not_found"
    assert "7" in told["error"]["message"]


def test_what_the_hud_does_not_give_is_named_not_hidden(tmp_path: Path) -> None:
    run = some_run(finished)
    with hud_at(share=1.0, kinds=("html",), only="artifacts|utilization") as hud:
        told = made(tmp_path, hud).ask("hud_job", job_id=run.job_id)
    assert told["outcome"] == "partial"
    assert told["job"]["state"] == "fail"
    assert "artifacts" in skipped(told)
    assert told["usage"]["why"]


def test_a_firewall_before_all_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with hud_at(firewall=True) as hud:
        told = made(tmp_path, hud).ask("hud_job", job_id=7)
    assert told["error"]["kind"] == "denied"
    assert "HUD_INTERNAL_BOT_TOKEN" in told["error"]["hint"]


def test_a_job_of_another_repository_has_its_log_elsewhere(stand: Stand) -> None:
    told = stand.ask("hud_job", job_id="hud:pytorch/vision/41000000000")
    assert told["outcome"] == "error"
    assert "/log/pytorch/vision/41000000000" in stand.hud.paths()


def test_a_job_is_explained_from_its_log_beside_what_the_hud_says(
    stand: Stand,
) -> None:
    run = some_run(lambda run: failed(run) and run.failure == "ops")
    told = stand.ask("hud_explain_job", jobs=str(run.job_id))
    (found,) = told["explained"]
    assert found["log"] == f"hud:{run.job_id}"
    assert found["name"] == run.kind.full_name
    assert found["category"] in {"code", "test"}
    assert found["causes"][0]["line_start"] > 1
    assert found["failed_tests"]
    assert found["hud"]["agrees"] is True
    assert told["clusters"] == []


def test_jobs_that_failed_alike_are_one_cluster(stand: Stand) -> None:
    world = stand.hud.world
    order = max(run.order for run in world.runs() if failed(run))
    runs = [run for some in world.cells(order).values() for run in some if failed(run)]
    told = stand.ask("hud_explain_job", jobs=[run.job_id for run in runs])
    alike = {frozenset(cluster["jobs"]) for cluster in told["clusters"]}
    for key in {run.failure for run in runs}:
        assert frozenset(run.job_id for run in runs if run.failure == key) in alike


def test_a_log_that_is_not_to_be_had_is_named_and_the_rest_explained(
    stand: Stand,
) -> None:
    run = some_run(finished)
    told = stand.ask("hud_explain_job", jobs=[run.job_id, 7])
    assert told["outcome"] == "partial"
    assert [item["job_id"] for item in told["explained"]] == [run.job_id]
    assert "hud:7" in skipped(told)
    assert (told["coverage"]["examined"], told["coverage"]["total"]) == (1, 2)


def test_without_any_log_there_is_an_error(stand: Stand) -> None:
    told = stand.ask("hud_explain_job", jobs=[7, 8])
    assert told["error"]["kind"] == "not_found"
    assert stand.ask("hud_explain_job", jobs=[])["error"]["kind"] == "bad_request"


def test_logs_are_explained_while_the_hud_itself_is_down(tmp_path: Path) -> None:
    run = some_run(finished)
    with hud_at(share=1.0, kinds=("html",), only="^/api/") as hud:
        told = made(tmp_path, hud).ask("hud_explain_job", jobs=[run.job_id])
    assert told["explained"][0]["causes"]
    assert told["explained"][0]["hud"] is None
    assert "HUD" in skipped(told)


def test_an_answer_about_many_jobs_is_small(stand: Stand) -> None:
    runs = [run for run in stand.hud.world.runs() if failed(run)][-40:]
    ids = [run.job_id for run in runs]
    whole = stand.whole("hud_explain_job", "explained", jobs=ids)
    assert [item["job_id"] for item in whole["explained"]] == ids
