from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.toolsets.hud.analysis.reference import (
    JobReference,
    commit_sha,
    job_reference,
    pull_reference,
    repository,
)

REPO = "pytorch/pytorch"
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "repo", "run_id", "sha"),
    [
        pytest.param("41234", REPO, None, None, id="number"),
        pytest.param(" #41234 ", REPO, None, None, id="with a hash"),
        pytest.param("hud:41234", REPO, None, None, id="handle"),
        pytest.param("hud:meta/x.y/41234", "meta/x.y", None, None, id="long handle"),
        pytest.param(
            "https://github.com/a/b/actions/runs/77/job/41234",
            "a/b",
            77,
            None,
            id="job on GitHub",
        ),
        pytest.param(
            "https://github.com/a/b/actions/runs/77/job/41234?pr=5#step:3:4",
            "a/b",
            77,
            None,
            id="with a step",
        ),
        pytest.param(
            "https://github.com/a/b/actions/runs/77/attempts/2/jobs/41234",
            "a/b",
            77,
            None,
            id="attempt",
        ),
        pytest.param(
            "https://github.com/a/b/runs/41234?check_suite_focus=true",
            "a/b",
            None,
            None,
            id="check",
        ),
        pytest.param(
            f"https://hud.pytorch.org/a/b/commit/{SHA}#41234-box",
            "a/b",
            None,
            SHA,
            id="box on the HUD",
        ),
        pytest.param(
            "https://ossci-raw-job-status.s3.amazonaws.com/log/41234",
            REPO,
            None,
            None,
            id="log",
        ),
        pytest.param(
            "http://127.0.0.1:8/log/a/b/41234", "a/b", None, None, id="log elsewhere"
        ),
    ],
)
def test_a_job_is_known_by_any_name_people_have_for_it(
    text: str, repo: str, run_id: int | None, sha: str | None
) -> None:
    wanted = JobReference(job_id=41234, repo=repo, run_id=run_id, sha=sha)
    assert job_reference(text, repo=REPO) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "41234x",
        "-1",
        "1.5",
        "hud:x",
        "hud:a/1",
        "https://github.com/a/b",
        "9" * 20,
    ],
)
def test_what_names_no_job_is_told(text: str) -> None:
    with pytest.raises(BadRequest) as told:
        job_reference(text, repo=REPO)
    assert told.value.hint


@pytest.mark.parametrize(
    ("text", "repo"),
    [
        pytest.param("1234", REPO, id="number"),
        pytest.param("#1234", REPO, id="with a hash"),
        pytest.param("PR 1234", REPO, id="with a word"),
        pytest.param("a/b#1234", "a/b", id="of another repository"),
        pytest.param("https://github.com/a/b/pull/1234/files", "a/b", id="on GitHub"),
        pytest.param("https://hud.pytorch.org/pr/1234", REPO, id="on the HUD"),
        pytest.param("https://h/a/b/pull/1234?sha=1", "a/b", id="on the HUD by sha"),
    ],
)
def test_a_pull_request_is_known_by_any_name(text: str, repo: str) -> None:
    found = pull_reference(text, repo=REPO)
    assert (found.number, found.repo) == (1234, repo)


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_a_bad_request(text: str) -> None:
    for read in (job_reference, pull_reference):
        with suppress(BadRequest):
            assert read(text, repo=REPO).repo


def test_a_commit_is_hexadecimal() -> None:
    assert commit_sha(f" {SHA.upper()} ") == SHA
    for text in ("", "abc", "main", "../../x", "0" * 41):
        with pytest.raises(BadRequest):
            commit_sha(text)


def test_a_repository_has_an_owner() -> None:
    assert repository(None, REPO) == repository("", REPO) == REPO
    assert repository("a/b", REPO) == "a/b"
    for text in ("a", "a/b/c", "a/../b", "a b/c"):
        with pytest.raises(BadRequest):
            repository(text, REPO)
