from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.dialects import detect
from sickbay.logs.report import Ci
from sickbay.logs.stamps import form_of

STAMP = b"2026-07-28T19:53:48.9573438Z "


@pytest.mark.parametrize(
    ("head", "ci"),
    [
        pytest.param(b"\x1b_bk;t=1783974785649\x07~~~ x\r\n", "buildkite", id="marker"),
        pytest.param(b"[2026-07-13T19:39:58Z] a\n" * 3, "buildkite", id="bk-text"),
        pytest.param(b"~~~ Running commands\n$ make\n", "buildkite", id="bk-words"),
        pytest.param(STAMP + b"text\n", "github-actions", id="github-stamps"),
        pytest.param(b"##[group]Run make\n", "github-actions", id="github-groups"),
        pytest.param(
            b"test\tRun\t" + STAMP + b"a\n", "github-actions", id="gh-run-view"
        ),
        pytest.param(STAMP + b"##[section]Starting: Build\n", "azure", id="azure"),
        pytest.param(b"##[section]Starting: Build\n", "azure", id="azure-unstamped"),
        pytest.param(b"Running with gitlab-runner 16.11\n", "gitlab", id="gitlab"),
        pytest.param(
            b"2024-05-22T12:43:46.962646Z 00O a\n", "gitlab", id="gitlab-stamps"
        ),
        pytest.param(
            b"section_start:1560896352:x\r\x1b[0KA\n", "gitlab", id="sections"
        ),
        pytest.param(b"travis_fold:start:worker_info\r\x1b[0K", "travis", id="travis"),
        pytest.param(b"Using worker: worker-linux-1\n", "travis", id="travis-worker"),
        pytest.param(b"[Pipeline] stage\n[Pipeline] { (A)\n", "jenkins", id="pipeline"),
        pytest.param(
            b"Building in workspace /var/lib/jenkins/x\n", "jenkins", id="freestyle"
        ),
        pytest.param(b"12:34:56  make\n12:34:57  cc\n", "jenkins", id="timestamper"),
        pytest.param(b"", "plain", id="empty"),
        pytest.param(b"make: *** [all] Error 1\n", "plain", id="plain"),
        pytest.param(b"2026-07-28T19:53:48Z starting\n", "plain", id="container"),
        pytest.param(
            STAMP + b"+ echo travis_fold:start:x\n",
            "github-actions",
            id="quotes-travis",
        ),
        pytest.param(
            b"\x1b_bk;t=1783974785649\x07echo '##[group]'\n", "buildkite", id="quotes"
        ),
    ],
)
def test_the_ci_is_told_from_the_first_lines(head: bytes, ci: Ci) -> None:
    assert detect(head) == ci


def test_a_program_that_dates_some_lines_is_not_stamped() -> None:
    log = b"2026-07-28T19:53:48.123Z start\n" + b"text without a date\n" * 5
    assert form_of(log) is None


def test_of_two_forms_the_one_on_more_lines_counts() -> None:
    log = b"12:34:56  a\n" + STAMP + b"b\n" + STAMP + b"c\n"
    form = form_of(log)
    assert form is not None
    assert form.name == "runner"


@given(st.binary(max_size=300))
def test_any_bytes_come_from_some_ci(head: bytes) -> None:
    assert detect(head) in Ci.__args__  # type: ignore[attr-defined]
