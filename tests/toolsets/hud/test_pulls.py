from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulators.hud import hud_at
from tests.toolsets.hud.stand import Stand, shared

if TYPE_CHECKING:
    from pathlib import Path

DRCI = {"INFRA_FLAKE": "flaky"}
OPEN = [
    pull.number
    for pull in shared().world.pulls.values()
    if pull.number >= 177_000 and pull.truth
]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def triaged(stand: Stand, number: int) -> dict[str, Any]:
    return stand.whole("hud_pr_triage", "failing", pr=number)


@pytest.mark.parametrize("number", OPEN)
def test_each_failure_is_of_the_category_that_it_really_is(
    stand: Stand, number: int
) -> None:
    told = triaged(stand, number)
    truth = shared().world.pulls[number].truth
    found = {item["job"]: item["category"] for item in told["failing"]}
    assert found == {
        job: DRCI.get(category, category.lower()) for job, category in truth.items()
    }
    counts = {key: n for key, n in told["counts"].items() if n}
    assert sum(counts.values()) == len(truth)


def test_every_failure_has_its_evidence_and_what_to_do(stand: Stand) -> None:
    told = triaged(stand, OPEN[0])
    assert told["outcome"] == "ok"
    assert told["verdict"].startswith("3 of 8 failures are its own")
    assert len(told["advice"]) == len([n for n in told["counts"].values() if n])
    assert all(item["evidence"] and item["step"] for item in told["failing"])
    assert told["failing"][0]["category"] == "new_failure"
    broken = [x for x in told["failing"] if x["category"] == "broken_trunk"]
    base = told["pull"]["base_sha"]
    assert {item["seen_on"] for item in broken} == {base}


def test_a_green_pull_request_is_a_result(stand: Stand) -> None:
    world = shared().world
    green = next(p for p in world.pulls.values() if p.number >= 177_000 and not p.truth)
    told = stand.ask("hud_pr_triage", pr=f"https://hud.pytorch.org/pr/{green.number}")
    assert (told["outcome"], told["failing"]) == ("ok", [])
    assert told["verdict"].startswith("nothing fails in ")
    assert told["pull"]["number"] == green.number
    assert told["pull"]["newest"] is True


def test_an_older_push_is_looked_at_by_its_sha(stand: Stand) -> None:
    world = shared().world
    pull = next(p for p in world.pulls.values() if len(p.heads) > 1)
    old = world.commit(pull.heads[0]).sha
    told = stand.ask("hud_pr_triage", pr=pull.number, sha=old[:12])
    assert told["pull"]["sha"] == old
    assert (told["pull"]["newest"], told["pull"]["pushes"]) == (False, len(pull.heads))


def test_inputs_that_are_not_to_be_had_are_named_for_each_job(tmp_path: Path) -> None:
    with hud_at(
        share=1.0, kinds=("html",), only="merge_bases|flaky-rules|search"
    ) as hud:
        told = Stand(tmp_path, hud).ask("hud_pr_triage", pr=OPEN[0])
    assert told["outcome"] == "partial"
    skipped = " ".join(item["what"] for item in told["coverage"]["skipped"])
    assert "merge base" in skipped
    assert "flaky rules" in skipped
    own = [x for x in told["failing"] if x["step"] == "own"]
    assert own
    assert all({"base_jobs", "flaky_rules"} <= set(x["missing"]) for x in own)
    assert told["pull"]["base_sha"] is None


def test_a_pull_request_that_there_is_not_is_an_error(stand: Stand) -> None:
    unknown, wrong, foreign = stand.ask_all(
        ("hud_pr_triage", {"pr": 1}),
        ("hud_pr_triage", {"pr": "main"}),
        ("hud_pr_triage", {"pr": OPEN[0], "sha": "0" * 40}),
    )
    assert unknown["outcome"] == "error"
    assert wrong["error"]["kind"] == "bad_request"
    assert foreign["error"]["kind"] == "bad_request"
    assert foreign["error"]["hint"].startswith("it has ")
