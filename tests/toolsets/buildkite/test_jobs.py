from __future__ import annotations

from typing import TYPE_CHECKING

from tests.toolsets.buildkite.cases import BUILD, FAILED, LOGS, NIGHTLY, NOBODY, PLACE
from tests.toolsets.buildkite.stand import Stand, site_at

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 3_000_000


def test_the_end_of_a_log_says_how_the_job_ended(stand: Stand) -> None:
    told = stand.ask("buildkite_job_log", job=LOGS[0], tail_lines=30)
    assert told["outcome"] == "ok"
    assert told["job_id"] == FAILED[0]
    assert told["log"] == LOGS[0]
    assert any("exited with status" in text for text in told["lines"])
    assert not any("\x1b" in text or "bk;t=" in text for text in told["lines"])


def test_the_end_of_a_large_log_is_read_without_the_rest(tmp_path: Path) -> None:
    with site_at(log_bytes=LARGE) as site:
        build = site.world.build(site.world.nightlies[-1])
        assert build
        job = next(job for job in build.jobs if job.failed and job.exit_status == 1)
        handle = f"buildkite:vllm/ci/{build.slot.number}/{job.job_id}"
        told = Stand(tmp_path, site).ask("buildkite_job_log", job=handle)
        logs = [asked for asked in site.asked if "/log" in asked.path]
    assert told["bytes"] >= LARGE
    assert not told["whole_log"]
    assert handle in told["rest"]
    assert "logs_read" in told["rest"]
    assert len(told["lines"]) > 20
    assert len(logs) == 1


def test_a_job_may_be_named_by_its_address(stand: Stand) -> None:
    url = f"https://buildkite.com/vllm/ci/builds/{NIGHTLY}#{FAILED[0]}"
    told = stand.ask("buildkite_job_log", job=url, tail_lines=5)
    assert told["log"] == LOGS[0]


def test_a_job_without_a_log_is_told(stand: Stand) -> None:
    waiting = next(job for job in BUILD.jobs if job.state == "blocked")
    told = stand.ask("buildkite_job_log", job=f"{PLACE}/{waiting.job_id}")
    assert told["error"]["kind"] == "not_found"


def test_jobs_are_explained_with_what_buildkite_knows_of_them(stand: Stand) -> None:
    told = stand.ask("buildkite_explain_job", jobs=LOGS[:1])
    (found,) = told["explained"]
    assert found["job_id"] == FAILED[0]
    assert found["state"] == "failed"
    assert found["exit_status"] is not None
    assert found["causes"]
    assert found["host"]
    assert found["reason"]


def test_many_jobs_are_explained_by_the_causes_that_they_share(stand: Stand) -> None:
    told = stand.whole("buildkite_explain_job", "explained", jobs=LOGS)
    assert [row["log"] for row in told["explained"]] == LOGS
    named = {job for cluster in told["clusters"] for job in cluster["jobs"]}
    assert named <= set(FAILED)
    assert max(len(cluster["jobs"]) for cluster in told["clusters"]) > 1


def test_a_log_that_is_not_to_be_had_is_named_not_hidden(stand: Stand) -> None:
    told = stand.ask("buildkite_explain_job", jobs=[LOGS[0], NOBODY])
    assert told["outcome"] == "partial"
    assert len(told["explained"]) == 1
    (skipped,) = told["coverage"]["skipped"]
    assert NOBODY in skipped["what"]


def test_logs_are_explained_though_nobody_tells_of_the_jobs(tmp_path: Path) -> None:
    with site_at(share=1.0, kinds=("500",), only=rf"/builds/{NIGHTLY}$") as site:
        told = Stand(tmp_path, site).ask("buildkite_explain_job", jobs=LOGS[:1])
    (found,) = told["explained"]
    assert told["outcome"] == "partial"
    assert found["causes"]
    assert found["state"] is None


def test_a_token_that_may_read_no_logs_is_told(tmp_path: Path) -> None:
    with site_at(
        tokens={"canary-7d20c4-buildkite": frozenset({"read_builds"})}
    ) as site:
        told = Stand(tmp_path, site).ask("buildkite_job_log", job=LOGS[0])
    assert told["error"]["kind"] == "denied"
    assert "read_build_logs" in f"{told['error']['message']} {told['error']['hint']}"


def test_what_was_explained_once_is_not_read_again(stand: Stand) -> None:
    stand.ask("buildkite_explain_job", jobs=LOGS[:3])
    before = len(stand.site.asked)
    again = stand.ask("buildkite_explain_job", jobs=LOGS[:3])
    assert again["outcome"] == "ok"
    later = [asked.path for asked in stand.site.asked[before:]]
    assert not [path for path in later if path.endswith(("/log", "/log.txt"))]
