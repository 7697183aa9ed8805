from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import BadRequest
from sickbay.history.ingest.place import Place, Said, meant
from tests.history.ingest.stand import SHA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": SHA,
    "GITHUB_REF_NAME": "7/merge",
    "GITHUB_HEAD_REF": "topic",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ID": "991",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_JOB": "unit",
    "GITHUB_SERVER_URL": "https://github.example",
}
BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_COMMIT": SHA,
    "BUILDKITE_BRANCH": "main",
    "BUILDKITE_ORGANIZATION_SLUG": "acme",
    "BUILDKITE_PIPELINE_SLUG": "shop",
    "BUILDKITE_BUILD_NUMBER": "12",
    "BUILDKITE_RETRY_COUNT": "0",
    "BUILDKITE_LABEL": "Unit tests",
    "BUILDKITE_PARALLEL_JOB": "3",
    "BUILDKITE_PULL_REQUEST": "false",
    "BUILDKITE_MESSAGE": "Fix it\n\nAll of it.",
    "BUILDKITE_BUILD_URL": "https://buildkite.example/acme/shop/builds/12",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_REF_NAME": "main",
    "CI_PROJECT_PATH": "acme/shop",
    "CI_PIPELINE_ID": "5",
    "CI_JOB_NAME": "unit 2/4",
    "CI_NODE_INDEX": "2",
    "CI_COMMIT_TIMESTAMP": "2026-05-01T10:00:00+02:00",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example",
    "GIT_COMMIT": SHA,
    "GIT_BRANCH": "origin/main",
    "JOB_NAME": "shop",
    "BUILD_NUMBER": "31",
}


def place(
    folder: Path, environ: Mapping[str, str] | None = None, **said: object
) -> Place:
    return asyncio.run(
        meant(Said(**said), folder=folder, environ=environ or {})  # type: ignore[arg-type] # any of its fields
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param(
            GITHUB,
            Place(
                commit=SHA,
                pipeline="acme/shop",
                build="991",
                branch="topic",
                job="unit",
                attempt=2,
                url="https://github.example/acme/shop/actions/runs/991",
            ),
            id="GitHub Actions",
        ),
        pytest.param(
            BUILDKITE,
            Place(
                commit=SHA,
                pipeline="acme/shop",
                build="12",
                branch="main",
                job="Unit tests",
                shard=3,
                title="Fix it",
                url="https://buildkite.example/acme/shop/builds/12",
            ),
            id="Buildkite",
        ),
        pytest.param(
            GITLAB,
            Place(
                commit=SHA,
                pipeline="acme/shop",
                build="5",
                branch="main",
                job="unit 2/4",
                shard=2,
                committed_at=datetime(2026, 5, 1, 8, tzinfo=UTC),
            ),
            id="GitLab",
        ),
        pytest.param(
            JENKINS,
            Place(commit=SHA, pipeline="shop", build="31", branch="main"),
            id="Jenkins",
        ),
    ],
)
def test_a_ci_says_by_itself_which_build_it_is(
    tmp_path: Path, environ: dict[str, str], expected: Place
) -> None:
    assert place(tmp_path, environ) == expected


def test_what_a_person_says_wins(tmp_path: Path) -> None:
    found = place(tmp_path, GITHUB, job="gpu", build="x", time="2026-05-01T10:00")
    assert (found.job, found.build, found.branch) == ("gpu", "x", "topic")
    assert found.created_at == datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_a_checkout_knows_the_rest(tmp_path: Path) -> None:
    checkout = tmp_path / "shop"
    (checkout / "deep").mkdir(parents=True)
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    for command in (
        ["init", "-q", "-b", "topic"],
        [*who, "commit", "-q", "--allow-empty", "-m", "Add it\n\nMore."],
    ):
        subprocess.run(["git", *command], cwd=checkout, check=True)
    found = place(checkout / "deep")
    assert (found.branch, found.pipeline, found.title) == ("topic", "shop", "Add it")
    assert found.author == "Ann"
    assert found.committed_at is not None
    assert found.build == found.commit[:12]
    told = place(checkout, {**GITHUB, "GITHUB_SHA": found.commit})
    assert (told.title, told.build) == ("Add it", "991")


def test_without_a_commit_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="--commit"):
        place(tmp_path)


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="'soon' is no time"):
        place(tmp_path, commit=SHA, time="soon")


def test_empty_variables_say_nothing(tmp_path: Path) -> None:
    environ = {**GITHUB, "GITHUB_HEAD_REF": "", "GITHUB_JOB": " "}
    found = place(tmp_path, environ)
    assert (found.branch, found.job) == ("7/merge", None)


def test_what_nobody_can_see_or_follow_is_taken_out(tmp_path: Path) -> None:
    odd = {"BUILDKITE_MESSAGE": "Fix\x1b[31m\udcff", "BUILDKITE_BUILD_URL": "file:///x"}
    found = place(tmp_path, {**BUILDKITE, **odd})
    assert (found.title, found.url) == ("Fix\ufffd", None)


@pytest.mark.parametrize("digits", [11, 6_000])
def test_a_number_that_nothing_has_is_not_taken(tmp_path: Path, digits: int) -> None:
    environ = {**GITHUB, "GITHUB_RUN_ATTEMPT": "9" * digits}
    found = asyncio.run(meant(Said(commit=SHA), folder=tmp_path, environ=environ))
    assert found.attempt == 1
