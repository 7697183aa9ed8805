from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.clients.test_git import Checkout
from tests.toolsets.history.stand import Stand, filled
from tests.toolsets.history.stories import BREAKS, FLAKY, MENDED, STEADY, Story, told

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.ci.records import BuildRecord

TOOL = "history_culprit"
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Answer:
    stand = Stand(tmp_path_factory.mktemp("stand"), store)
    return stand.ask(TOOL, test_nodeid=BREAKS.test_id)


def test_the_first_bad_commit_is_the_suspect(found: Answer) -> None:
    best = found["suspects"][0]
    assert best["commit"] == f"{31:040x}"
    assert best["credible"]
    assert best["probability"] > 0.9
    assert best["build"]["build_number"] == "31"
    assert (best["author"], best["pull_request"]) == ("ann", 31)
    assert "10 of 10 since" in best["runs"]


def test_the_range_is_between_a_good_and_a_bad_build(found: Answer) -> None:
    good, bad = found["last_good"], found["first_bad"]
    assert int(good["build_number"]) <= 30 < int(bad["build_number"])
    count = int(bad["build_number"]) - int(good["build_number"])
    assert found["commits"] == count
    assert found["classification"] == "REGRESSION"


def test_all_that_may_be_adds_up_to_one(found: Answer) -> None:
    total = sum(row["probability"] for row in found["suspects"]) + found["no_culprit"]
    assert total == pytest.approx(1, abs=0.01)
    assert found["credible_mass"] >= 0.9
    assert found["chance"]["low"] < found["chance"]["rate"] < found["chance"]["high"]


def test_where_only_builds_are_known_that_is_said(found: Answer) -> None:
    assert found["commits_from"] == "builds"
    assert "SICKBAY_HISTORY__REPO" in found["notes"][-1]


def test_what_is_mended_is_looked_for_where_it_broke(stand: Stand) -> None:
    told_ = stand.ask(TOOL, test_nodeid=MENDED.test_id)
    first, last = min(MENDED.fails) + 1, max(MENDED.fails) + 1
    assert told_["suspects"][0]["commit"] == f"{first:040x}"
    assert f"fixed since build {last + 1}" in told_["notes"][0]


@pytest.mark.parametrize(
    "story",
    [pytest.param(FLAKY, id="flaky"), pytest.param(STEADY[0], id="never failed")],
)
def test_what_did_not_break_has_no_culprit(stand: Stand, story: Story) -> None:
    told_ = stand.ask(TOOL, test_nodeid=story.test_id)
    assert (told_["outcome"], told_["suspects"]) == ("empty", [])
    assert told_["notes"]


def test_what_was_always_broken_says_where_to_look(tmp_path: Path) -> None:
    story = Story("t/test_a.py::test_never_worked", fails=range(40))
    stand = Stand(tmp_path, filled(tmp_path / "kept", told([story], builds=12)))
    told_ = stand.ask(TOOL, test_nodeid=story.test_id)
    assert (told_["classification"], told_["suspects"]) == ("PERSISTENT_FAIL", [])
    assert "lookback_builds" in told_["notes"][0]


def test_variants_that_never_fail_clear_no_commit(tmp_path: Path) -> None:
    records = [_with_another_variant(one) for one in told([BREAKS])]
    stand = Stand(tmp_path, filled(tmp_path / "history", records))
    told_ = stand.ask(TOOL, test_nodeid=BREAKS.test_id)
    credible = {one["commit"] for one in told_["suspects"] if one["credible"]}
    assert credible == {f"{number:040x}" for number in (30, 31)}


def _with_another_variant(record: BuildRecord) -> BuildRecord:
    """A second job passes in every build; the first runs in every other one."""
    (job,), (result,) = record.jobs, record.results
    other = replace(job, job_id=f"{job.job_id}/other", variant="other", state="ok")
    good = replace(
        result, job_id=other.job_id, outcome="passed", signature="", message=None
    )
    if int(record.number) % 2:
        return replace(record, jobs=(job, other), results=(result, good))
    return replace(record, jobs=(other,), results=(good,), causes=())


def test_a_caller_may_name_the_good_and_the_bad_build(stand: Stand) -> None:
    told_ = stand.ask(TOOL, test_nodeid=BREAKS.test_id, good=20, bad="35")
    assert told_["first_bad"]["build_number"] == "35"
    assert told_["last_good"]["build_number"] == "28"  # it passed thrice since
    assert told_["commits"] == 7
    assert told_["suspects"][0]["commit"] == f"{31:040x}"


def test_builds_in_the_wrong_order_are_told(stand: Stand) -> None:
    error = stand.ask(TOOL, test_nodeid=BREAKS.test_id, good=35, bad=20)["error"]
    assert error["kind"] == "bad_request"


def test_a_build_that_is_not_there_is_told(stand: Stand) -> None:
    error = stand.ask(TOOL, test_nodeid=BREAKS.test_id, good=4711)["error"]
    assert error["kind"] == "not_found"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "repo")


def built(checkout: Checkout, *, every: int) -> tuple[list[str], list[Any]]:
    """Forty commits, one of which breaks the test; only some of them are built."""
    shas = [
        checkout.commit_all(
            {f"{'src/part' if at == 23 else 'docs/page'}_{at}.py": f"{at}\n"},
            "Ann",
            message=f"Change {at} (#{at})",
            day=1 + at // 2,
        )
        for at in range(40)
    ]
    places = range(0, 40, every)
    fails = [n for n, at in enumerate(places) if at >= 23]
    story = Story(BREAKS.test_id, fails=fails, message="src/part_23.py:9: it broke")
    records = told([story], builds=len(places))
    return shas, [
        msgspec.structs.replace(record, sha=shas[at])
        for record, at in zip(records, places, strict=True)
    ]


def test_commits_that_were_not_built_are_suspects_too(
    tmp_path: Path, checkout: Checkout
) -> None:
    shas, records = built(checkout, every=2)
    stand = Stand(
        tmp_path, filled(tmp_path / "kept", records), repo_path=checkout.folder
    )
    told_ = stand.ask(TOOL, test_nodeid=BREAKS.test_id)
    assert told_["commits_from"] == "git"
    assert told_["coverage"]["skipped"] == []
    names = [row["commit"] for row in told_["suspects"] if row["credible"]]
    assert names[0] == shas[23]
    best = told_["suspects"][0]
    assert (best["author"], best["title"]) == ("Ann", "Change 23 (#23)")
    assert best["files"] == 1
    assert best["build"] is None
    assert any("src/part_23.py" in reason for reason in best["reasons"])
    assert shas[24] in [row["commit"] for row in told_["suspects"]]
    assert told_["advice"]


def test_a_checkout_that_lacks_a_commit_is_told_and_the_builds_remain(
    tmp_path: Path, store: Path, checkout: Checkout
) -> None:
    checkout.commit(a__py="1\n")
    stand = Stand(tmp_path, store, repo_path=checkout.folder)
    told_ = stand.ask(TOOL, test_nodeid=BREAKS.test_id)
    assert told_["outcome"] == "partial"
    assert told_["commits_from"] == "builds"
    assert "checkout" in told_["coverage"]["skipped"][0]["what"]
    assert told_["suspects"][0]["commit"] == f"{31:040x}"


def test_builds_of_one_commit_have_no_culprit(tmp_path: Path) -> None:
    records = [
        msgspec.structs.replace(record, sha="ab" * 20) for record in told([BREAKS])
    ]
    stand = Stand(tmp_path, filled(tmp_path / "kept", records))
    told_ = stand.ask(TOOL, test_nodeid=BREAKS.test_id)
    assert told_["suspects"] == []
    assert told_["no_culprit"] == 1
    assert "one commit" in told_["notes"][-1]


def test_builds_of_which_nobody_knows_the_commit_clear_none(tmp_path: Path) -> None:
    records = [replace(one, sha="") for one in told([BREAKS])]
    stand = Stand(tmp_path, filled(tmp_path / "kept", records))
    told_ = stand.ask(TOOL, test_nodeid=BREAKS.test_id)
    assert told_["first_bad"]
    assert told_["suspects"] == []
    assert told_.get("no_culprit") is None
    assert "Nobody said which commits" in told_["notes"][-1]


def test_attack_a_checkout_runs_nothing(tmp_path: Path, checkout: Checkout) -> None:
    _, records = built(checkout, every=8)
    mark = tmp_path / "ran"
    subprocess.run(
        ["git", "-C", checkout.folder, "config", "core.fsmonitor", f"touch {mark}"],
        check=True,
    )
    stand = Stand(
        tmp_path, filled(tmp_path / "kept", records), repo_path=checkout.folder
    )
    assert stand.ask(TOOL, test_nodeid=BREAKS.test_id)["error"] is None
    assert not mark.exists()
