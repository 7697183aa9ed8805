from __future__ import annotations

import pytest

from sickbay.toolsets.history.render.place import commit_url, repository, web_of

SHA = "ab" * 20


def test_a_repository_that_was_named_is_the_one() -> None:
    assert repository("vllm/ci", "buildkite", "vllm-project/vllm") == (
        "vllm-project/vllm"
    )


def test_a_pipeline_of_github_is_its_repository() -> None:
    assert repository("pytorch/pytorch", "hud", None) == "pytorch/pytorch"
    assert repository("vllm/ci", "buildkite", None) is None


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        (None, "https://github.com"),
        ("https://api.github.com", "https://github.com"),
        ("https://git.acme.example/api/v3", "https://git.acme.example"),
        ("http://127.0.0.1:8080/github", "http://127.0.0.1:8080/github"),
    ],
)
def test_people_open_another_address_than_programs(
    api: str | None, expected: str
) -> None:
    assert web_of(api) == expected


def test_a_commit_has_a_page_where_its_repository_is_known() -> None:
    assert commit_url(SHA, "acme/ci") == f"https://github.com/acme/ci/commit/{SHA}"
    assert commit_url(SHA, None) is None
    assert commit_url("../../evil", "acme/ci") is None
    assert commit_url("", "acme/ci") is None
