"""The simulated logs tell what was planted: the log engine reads it out of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sickbay.ci.junit import junit_results
from sickbay.logs.explain import explain_bytes
from sickbay.simulators.buildkite import logs
from sickbay.simulators.buildkite.suites import SUITES, WAYS, Way, record, ways_of
from sickbay.simulators.buildkite.suites.catalogue import FOLDER, KINDS
from sickbay.simulators.buildkite.suites.marks import filled
from sickbay.simulators.buildkite.suites.records import plain

STARTED = 1_780_000_000.0
POD, DOCKER = "h100-pool-2", "mi300-node-1"
MACHINE = {
    *("passed", "gpu_driver", "gpu_ecc", "gpu_memory", "gpu_nccl"),
    *("hub_503", "hub_reset", "registry", "pypi", "git"),
    *("oom_killed", "lost", "hang"),
}
SETUP = ("registry", "pypi", "git")
MARK = re.compile(rb"\x1b_bk;t=(\d{13})\x07")
RECORDED = [
    (suite, key)
    for suite in sorted(SUITES)
    for key in sorted(ways_of(suite))
    if key not in {*SETUP, "lost"}
]


def run(
    suite: str,
    way: str,
    **more: Any,  # noqa: ANN401 - fields of Run
) -> logs.Run:
    status = ways_of(suite)[way].exit_status
    known = logs.Run(
        name="Kernels Attention Test %N",
        command=SUITES[suite].command if suite else "docker build .",
        host=POD,
        agent="gpu-1-7",
        queue="gpu_1_queue",
        suite=suite,
        way=way,
        seed=7,
        started=STARTED,
        finished=STARTED + 754,
        state="passed" if status == 0 else "timed_out" if way == "hang" else "failed",
        exit_status=status,
        signal=None,
        signal_reason=None,
        commit="9f3c1d7e0b5a4c2d8e6f1a2b3c4d5e6f70819203",
        organization="vllm",
        pipeline="ci",
        number=70_211,
    )
    return replace(known, **more)


def told(data: bytes) -> str:
    """What a person would read."""
    return plain(MARK.sub(b"", data).decode())


@pytest.mark.parametrize("host", [POD, DOCKER])
@pytest.mark.parametrize(("suite", "key"), RECORDED)
def test_exactly_the_tests_that_failed_are_named(
    suite: str, key: str, host: str
) -> None:
    report = explain_bytes(logs.text(run(suite, key, host=host)))
    assert report.ci == "buildkite"
    named = [test.test_id for test in report.tests.failed]
    assert Counter(named) == Counter(ways_of(suite)[key].tests)


@pytest.mark.parametrize(("suite", "key"), RECORDED)
@pytest.mark.parametrize("seed", [1, "plot-2"])
def test_message_of_a_way_is_in_its_log(suite: str, key: str, seed: int | str) -> None:
    said = ways_of(suite)[key].said(seed)
    assert said in told(logs.text(run(suite, key, seed=seed)))


@pytest.mark.parametrize("host", [POD, DOCKER])
def test_every_line_has_its_time_and_time_goes_on(host: str) -> None:
    data = logs.text(run("v1_core", "token_budget", host=host), size=200_000)
    lines = data.split(b"\n")
    assert lines.pop() == b""
    assert all(MARK.match(line) for line in lines)
    times = [int(at) for at in MARK.findall(data)]
    assert all(before <= after for before, after in pairwise(times))
    assert times[0] >= 1000 * STARTED
    assert times[-1] <= 1000 * (STARTED + 754)


def test_pods_write_colours_and_two_carriage_returns_and_docker_neither() -> None:
    pod = logs.text(run("v1_core", "token_budget"))
    docker = logs.text(run("v1_core", "token_budget", host=DOCKER))
    assert b"\r\r\n" in pod
    assert b"\x1b[31mFAILED" in pod
    assert b"\r\r\n" not in docker
    assert b"\x1b[31mFAILED" not in docker
    assert told(pod).replace("\r", "").count("FAILED") == told(docker).count("FAILED")


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        pytest.param(
            "failed", 1, "Error: The command exited with status 1", id="fails"
        ),
        pytest.param("timed_out", 143, "# Received cancellation signal", id="too-late"),
        pytest.param("canceled", 143, "interrupted by a signal: terminated", id="stop"),
        pytest.param("passed", 0, "~~~ Running global pre-exit hook", id="passes"),
    ],
)
def test_agent_sums_up(state: str, status: int, said: str) -> None:
    way = "passed" if status == 0 else "token_budget"
    text = told(logs.text(run("v1_core", way, state=state, exit_status=status)))
    assert said in text
    assert ("^^^ +++" in text) == (status != 0)


@pytest.mark.parametrize("host", [POD, DOCKER, "a", "b", "c"])
def test_log_of_a_lost_agent_just_ends_while_a_test_runs(host: str) -> None:
    lost = logs.text(run("engine", "lost", host=host))
    whole = logs.text(run("engine", "passed", host=host))
    assert len(lost) < len(whole)
    assert "🚨" not in told(lost)
    assert "pre-exit" not in told(lost)
    assert "test session starts" in told(lost)
    assert len(explain_bytes(lost).tests.failed) <= 1


def test_log_of_a_job_that_runs_ends_somewhere() -> None:
    text = told(logs.text(run("engine", "passed", state="running", finished=None)))
    assert "passed in" not in text
    assert "collected" in text


@pytest.mark.parametrize("suite", ["lora", ""])
@pytest.mark.parametrize("way", SETUP)
def test_outage_before_the_tests_is_infrastructure(suite: str, way: str) -> None:
    data = logs.text(run(suite, way))
    report = explain_bytes(data)
    assert report.verdict.category == "infrastructure"
    assert (report.tests.sessions, report.tests.failed) == (0, ())
    assert ways_of(suite)[way].message in told(data)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("docker build .", "exporting to image", id="image"),
        pytest.param("pre-commit run -a", "mypy-3.12", id="style"),
        pytest.param("make -C docs html", "Documentation built", id="docs"),
    ],
)
def test_jobs_without_tests_say_what_they_do(command: str, said: str) -> None:
    data = logs.text(run("", "passed", command=command))
    assert said in told(data)
    assert not explain_bytes(data).found_failure
    killed = told(logs.text(run("", "oom_killed", command=command)))
    assert said not in killed
    assert "Killed" in killed


def test_numbers_are_drawn_by_the_seed_and_nothing_else_changes() -> None:
    first, again, other = (
        told(logs.text(run("kernels_attention", "attention_scale", seed=seed)))
        for seed in (1, 1, 2)
    )
    assert first == again != other
    assert re.sub(r"0x\w+|\d", "#", first) == re.sub(r"0x\w+|\d", "#", other)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        pytest.param("{{0.00120}}", r"0\.001\d\d", id="first-digit-stays"),
        pytest.param("{{-17.5}} of {{31244}}", r"-1\d\.\d of 3\d{4}", id="each-mark"),
        pytest.param("{{0x7f0b94c68810}}", r"0x7[0-9a-f]{11}", id="address"),
        pytest.param("{'a': {1}} {{took}}", r"\{'a': \{1\}\} 1s", id="known"),
    ],
)
def test_marks_are_filled_in_their_shape(text: str, shape: str) -> None:
    made = {filled(text, seed, {"took": "1s"}) for seed in range(20)}
    assert all(re.fullmatch(shape, one) for one in made)
    assert len(made) > 1 or "took" in text


@given(
    place=st.sampled_from(RECORDED),
    seed=st.integers(0, 10**9),
    host=st.sampled_from([POD, DOCKER, "ip-10-0-3-7", "mi300-node-4"]),
    took=st.floats(1, 20_000),
)
@settings(max_examples=40, deadline=None)
def test_what_failed_is_the_same_for_any_seed_host_and_time(
    place: tuple[str, str], seed: int, host: str, took: float
) -> None:
    suite, key = place
    job = run(suite, key, seed=seed, host=host, finished=STARTED + took)
    data = logs.text(job)
    named = {test.test_id for test in explain_bytes(data).tests.failed}
    assert named == set(ways_of(suite)[key].tests)
    assert b"{{" not in data


def test_padding_makes_a_log_long_and_changes_nothing_else() -> None:
    short = explain_bytes(logs.text(run("lora", "lora_eviction")))
    data = logs.text(run("lora", "lora_eviction"), size=1_000_000)
    long = explain_bytes(data)
    assert 1_000_000 <= len(data) < 1_100_000
    assert long.lines > 20 * short.lines
    assert long.verdict == short.verdict
    ids = [[t.test_id for t in report.tests.failed] for report in (long, short)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("seconds", [0.5, 59.9, 61, 1294.99, 7_322])
def test_pytest_says_how_long_it_took_as_it_does(seconds: float) -> None:
    said = logs.duration(seconds)
    assert said.startswith(f"{seconds:.2f}s")
    clock = re.search(r" \((\d+):(\d\d):(\d\d)\)$", said)
    assert (clock is not None) == (seconds >= 60)
    if clock:
        hours, minutes, rest = map(int, clock.groups())
        assert hours * 3600 + minutes * 60 + rest == int(seconds)


@pytest.mark.parametrize(
    "way", [way for way in WAYS if SUITES[way.suite].junit and way.kind != "crash"],
    ids=lambda way: f"{way.suite}-{way.key}",
)  # fmt: skip
def test_junit_file_names_the_tests_of_the_log(way: Way) -> None:
    data = logs.junit(run(way.suite, way.key))
    if way.kind in {"hang", "crash"} or way.exit_status == 4:
        assert data is None
        return
    assert data is not None
    found = junit_results(data)
    assert found.why is None
    assert len(found.tests.failed) == len(way.tests)


def test_killed_and_unfinished_jobs_leave_no_junit_file() -> None:
    assert logs.junit(run("v1_core", "token_budget")) is not None
    assert logs.junit(run("v1_core", "oom_killed")) is None
    assert logs.junit(run("v1_core", "token_budget", finished=None)) is None
    assert logs.junit(run("", "passed")) is None


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_every_suite_fails_in_all_that_machines_do_and_in_ways_of_its_own(
    suite: str,
) -> None:
    ways = ways_of(suite)
    assert ways.keys() >= MACHINE
    assert not any(ways[key].fits for key in MACHINE)
    own = [way for way in WAYS if way.suite == suite]
    assert len(own) >= 3
    assert any("flaky" in way.fits for way in own)
    assert any("regression" in way.fits for way in own)
    assert any("known_issue" in way.fits for way in own)
    assert ways["passed"].tests == ()
    for way in own:
        assert way.exit_status != 0
        assert way.tests or way.kind in {"collection", "hang"}
        named = [test for test in way.tests if "::" in test]
        assert set(named) <= set(SUITES[suite].tests)


def test_ways_are_of_all_kinds_and_some_of_several_suites() -> None:
    assert {way.kind for way in WAYS} >= set(KINDS) - {"several"}
    suites = Counter(way.key for way in WAYS)
    assert sum(count >= 3 for count in suites.values()) >= 5


def test_words_that_mislead_are_in_names_of_tests_and_in_messages() -> None:
    names = " ".join(test for suite in SUITES.values() for test in suite.tests)
    said = " ".join(way.message for way in WAYS)
    for word in ("timeout", "room", "connection"):
        assert word in names
    for word in ("out of memory", "TimeoutError", "Address already in use"):
        assert word in said


def test_records_are_small_and_hold_nothing_of_the_machine_they_were_made_on() -> None:
    folder = Path(str(FOLDER)) / "recorded"
    size = 0
    for path in folder.iterdir():
        text = path.read_text("utf-8")
        size += len(text.encode())
        assert not re.search(r"/home/|/root|/tmp/|\.venv", text), path.name
        assert not re.search(r"pid=\d", text), path.name
    assert size < 1_500_000


@pytest.mark.parametrize(
    "name",
    ["v1_core.token_budget", "engine.gpu_memory", "kernels_core.silu_segfault"],
)
def test_records_are_what_the_suites_say_when_they_run(name: str) -> None:
    take = next(take for take in record.takes() if take.name == name)
    made = record.recorded(take)
    way = ways_of(take.suite)[take.way["key"]]
    assert tuple(made.seen["failed"]) == way.tests
    assert made.seen["exit_status"] == way.exit_status
    assert same(made.seen["message"]) == same(way.message)
    kept = (FOLDER / "recorded" / f"{name}.txt").read_text("utf-8")
    assert results(made.text) == results(kept)


def test_records_are_written_down_for_the_catalogue(tmp_path: Path) -> None:
    assert record.main(["v1_core.block_hash"], tmp_path) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"index.json", "v1_core.block_hash.txt", "v1_core.block_hash.xml"}
    index = json.loads((tmp_path / "index.json").read_text("utf-8"))
    seen = index["v1_core"]["block_hash"]
    assert tuple(seen["failed"]) == ways_of("v1_core")["block_hash"].tests
    assert seen.keys() == {"failed", "message", "exit_status"}


def same(text: str) -> str:
    return re.sub(r"\{\{[^{}]+\}\}", "#", text)


def results(text: str) -> list[str]:
    """Lines that tell how tests ended, the same in all versions of pytest."""
    lines = same(plain(text)).splitlines()
    return [line for line in lines if re.search(r"\b(PASSED|FAILED|ERROR)\b", line)]
