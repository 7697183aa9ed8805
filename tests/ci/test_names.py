from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.groups import GROUPS, OTHER, group_of
from sickbay.ci.names import (
    blocks_strict,
    folded,
    is_mem_leak,
    is_rerun_disabled,
    is_unstable,
    parsed,
    platform,
    platforms,
    without_fleet,
)

FULL = "pull / linux-jammy-py3.9 / test (default, 2, 5, lf.linux.2xlarge, unstable)"


def test_a_test_job_says_its_configuration_shard_and_machine() -> None:
    found = parsed(FULL)
    assert (found.workflow, found.job) == ("pull", FULL.partition(" / ")[2])
    assert (found.config, found.shard, found.shards) == ("default", 2, 5)
    assert (found.runner, found.marks) == ("lf.linux.2xlarge", ("unstable",))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("lonely", id="no workflow"),
        pytest.param("pull / docker-build (linux.12xlarge, image-py3)", id="no shards"),
        pytest.param("pull / test (default, one, 5, linux)", id="no number"),
        pytest.param("", id="empty"),
    ],
)
def test_a_name_without_shards_stays_as_it_is(name: str) -> None:
    assert parsed(name).shard is None
    assert folded(name) == name


def test_shards_and_machines_of_one_job_fold_into_one_name() -> None:
    one = "trunk / linux / test (default, 1, 5, linux.2xlarge)"
    other = "trunk / linux / test (default, 3, 6, lf.linux.4xlarge)"
    assert folded(one) == folded(other) == "trunk / linux / test (default)"
    assert folded(one) != folded(one.replace("default", "slow"))


def test_a_leak_check_is_another_job_than_the_one_it_is_named_after() -> None:
    leaks = "periodic / linux / test (default, 1, 5, linux, mem_leak_check)"
    reruns = leaks.replace("mem_leak_check", "rerun_disabled_tests")
    assert (is_mem_leak(leaks), is_mem_leak(reruns)) == (True, False)
    assert (is_rerun_disabled(reruns), is_rerun_disabled(leaks)) == (True, False)
    plain = leaks.replace(", mem_leak_check", "")
    assert len({folded(leaks), folded(reruns), folded(plain)}) == 3


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        pytest.param("pull / linux / build", True, id="pull"),
        pytest.param("Lint / lintrunner", True, id="lint"),
        pytest.param("inductor / linux / test (L4)", True, id="L4"),
        pytest.param("inductor / linux / build", False, id="other workflow"),
        pytest.param(FULL, False, id="unstable"),
        pytest.param("trunk / test (a, 1, 2, b, mem_leak_check)", False, id="leaks"),
        pytest.param("trunk / test (a, 1, 2, b, rerun_disabled_tests)", False, id="re"),
    ],
)
def test_these_jobs_hold_viable_strict_back(name: str, *, blocks: bool) -> None:
    assert blocks_strict(name) is blocks


@pytest.mark.parametrize(
    ("name", "where", "words"),
    [
        pytest.param("pull / linux-jammy / build", "linux", {"linux"}, id="linux"),
        pytest.param("p / linux-rocm6 / build", "rocm", {"rocm", "linux"}, id="rocm"),
        pytest.param("p / win-vs2022 / x", "windows", {"windows", "win"}, id="win"),
        pytest.param("p / macos-py3-arm64 / x", "mac", {"mac", "macos"}, id="mac"),
        pytest.param("p / linux-asan / x", "linux", {"linux", "asan"}, id="asan"),
    ],
)
def test_a_job_runs_where_its_name_says(name: str, where: str, words: set[str]) -> None:
    assert platform(name) == where
    assert platforms(name) == words


def test_the_fleet_is_no_part_of_what_a_job_is() -> None:
    bare = without_fleet(FULL)
    assert bare == without_fleet(bare) == FULL.replace("lf.", "")


@pytest.mark.parametrize(
    ("name", "group"),
    [
        pytest.param("Lint / lintrunner / linux-job", "Lint", id="lint"),
        pytest.param("pull / linux-docs / build-docs", "Docs", id="docs"),
        pytest.param("trunk / macos-py3-arm64 / build", "Mac", id="mac"),
        pytest.param("trunk / win-vs2022-cuda12 / build", "Windows CUDA", id="win"),
        pytest.param("rocm / linux-rocm / test", "ROCm", id="rocm"),
        pytest.param("inductor / linux-jammy / test", "Inductor", id="inductor"),
        pytest.param("slow / linux-cuda / test", "Slow", id="slow"),
        pytest.param(FULL, "Unstable", id="a mark before a platform"),
        pytest.param("Close stale pull requests / stale", OTHER, id="other"),
    ],
)
def test_a_job_stands_in_the_column_of_its_kind(name: str, group: str) -> None:
    assert group_of(name) == group


@given(st.text(max_size=80))
def test_every_name_has_a_group_and_folding_it_twice_changes_nothing(name: str) -> None:
    assert group_of(name) in GROUPS
    assert folded(folded(name)) == folded(name)
    assert is_unstable(name) == ("unstable" in name)
