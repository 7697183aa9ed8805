"""Builds that are not kept are read from their CI before a question is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.toolsets import stand
from tests.toolsets.buildkite.stand import CANARIES, settings_of, shared, site_at
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulators.buildkite import Site

TOOL = "history_test_history"
BUILDS = 6
NIGHTLIES = {"lookback_builds": BUILDS, "build_query": "nightly"}


def planted(site: Site) -> str:
    """A test that fails in the newest nightly."""
    found = site.world.truth(site.world.nightlies[-1])
    return next(test for plot in found for test in plot.tests)


def both(folder: Path, site: Site, kept: Path, **history: object) -> stand.Stand:
    """A server whose history is filled from that Buildkite."""
    return stand.Stand(
        {
            **samples.settings(folder / ".stand"),
            "toolsets": "history,buildkite",
            **settings_of(site),
            "history": {"path": kept, "log_in": False, **history},
        }
    )


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A history that was empty, and what was answered of it."""
    folder = tmp_path_factory.mktemp("fetched")
    site = shared()
    found: dict[str, Any] = both(folder, site, folder / "kept").ask(
        TOOL, test_nodeid=planted(site), **NIGHTLIES
    )
    return folder / "kept", found


@pytest.mark.timeout(60)  # reads the logs of several builds
def test_an_empty_history_is_filled_with_what_is_asked_for(
    fetched: tuple[Path, dict[str, Any]],
) -> None:
    _, found = fetched
    assert found["error"] is None
    assert found["counts"]["builds"] == BUILDS
    newest = found["timeline"][0]
    assert newest["build_number"] == str(shared().world.nightlies[-1])
    assert newest["test_status"] in {"fail", "flaky"}
    assert newest["jobs"][0]["fingerprint_normalized"]
    assert newest["jobs"][0]["log_excerpt"]
    assert newest["jobs"][0]["log"].startswith("buildkite:vllm/ci/")


@pytest.mark.timeout(60)  # see above
def test_what_is_kept_is_not_read_again(
    tmp_path: Path, fetched: tuple[Path, dict[str, Any]]
) -> None:
    kept, before = fetched
    site = shared()
    seen = len(site.asked)
    after = both(tmp_path, site, kept).ask(TOOL, test_nodeid=planted(site), **NIGHTLIES)
    logs = [path for path in site.paths()[seen:] if path.endswith("/log")]
    assert logs == []
    assert after["timeline"] == before["timeline"]


@pytest.mark.timeout(60)  # see above
def test_nothing_is_asked_for_where_that_is_not_wanted(
    tmp_path: Path, fetched: tuple[Path, dict[str, Any]]
) -> None:
    kept, _ = fetched
    site = shared()
    seen = len(site.asked)
    found = both(tmp_path, site, kept).ask(TOOL, test_nodeid=planted(site), fetch=False)
    assert found["counts"]["builds"] == BUILDS
    assert len(site.asked) == seen


@pytest.mark.timeout(60)  # see above
def test_a_ci_that_does_not_answer_is_told_and_what_is_kept_remains(
    tmp_path: Path, fetched: tuple[Path, dict[str, Any]]
) -> None:
    kept, _ = fetched
    with site_at(share=1.0, kinds=("500",)) as down:
        found = both(tmp_path, down, kept).ask(
            TOOL, test_nodeid=planted(shared()), **NIGHTLIES
        )
    assert found["error"] is None
    assert found["outcome"] == "partial"
    assert found["counts"]["builds"] == BUILDS
    (skipped,) = found["coverage"]["skipped"]
    assert skipped["what"] == "builds that are not kept yet"
    assert not any(canary in str(found) for canary in CANARIES)


@pytest.mark.timeout(60)  # see above
def test_when_time_is_up_it_says_that_there_is_more(
    tmp_path: Path, fetched: tuple[Path, dict[str, Any]]
) -> None:
    kept, _ = fetched
    site = shared()
    hurried = both(tmp_path, site, kept, fetch_budget_s=1e-6)
    found = hurried.ask(TOOL, test_nodeid=planted(site), lookback_builds=30)
    assert found["outcome"] == "partial"
    assert found["counts"]["builds"] == BUILDS
    (skipped,) = found["coverage"]["skipped"]
    assert skipped["why"].endswith("are over: ask again")


@pytest.mark.timeout(60)  # see above
def test_an_operator_may_forbid_it(tmp_path: Path) -> None:
    site = shared()
    seen = len(site.asked)
    found = both(tmp_path, site, tmp_path / "kept", fetch_budget_s=0).ask(
        TOOL, test_nodeid=planted(site)
    )
    assert found["error"]["kind"] == "not_found"
    assert len(site.asked) == seen


def broken(site: Site) -> tuple[str, str]:
    """A test that a commit of the last days broke in all its jobs, and that commit."""
    newest = site.world.nightlies[-1]
    truth = {plot.key: plot for plot in site.world.truth(newest)}
    plot = next(
        plot
        for plot in site.world.plots
        if plot.key in truth and plot.trouble == "regression" and plot.first > 0
    )
    return truth[plot.key].tests[0], site.world.commits[plot.first].sha


@pytest.mark.timeout(60)  # see above
def test_github_knows_commits_that_were_not_built(
    tmp_path: Path, fetched: tuple[Path, dict[str, Any]]
) -> None:
    kept, _ = fetched
    site = shared()
    test, sha = broken(site)
    server = both(
        tmp_path,
        site,
        kept,
        github_url=site.github_url,
        github_token=CANARIES[1],
        repo=site.world.repo,
    )
    found = server.ask("history_culprit", test_nodeid=test)
    assert found["error"] is None
    assert found["commits_from"] == "github"
    suspect = next(row for row in found["suspects"] if row["commit"] == sha)
    assert suspect["credible"]
    assert suspect["author"].startswith("@")
    assert suspect["url"].endswith(f"/{site.world.repo}/commit/{sha}")
    assert suspect["pull_request"]
    assert suspect["reasons"]
