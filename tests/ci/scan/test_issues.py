from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.mentions import is_common, mentions, parsed_test
from sickbay.ci.scan.issues import KNOWN, best_match
from sickbay.ci.scan.models import Issue, Match

NOW = datetime(2026, 7, 13, 12, tzinfo=UTC)
TEST = "tests/models/test_loader.py::test_sharded_state_loader[fp8-2]"
MESSAGE = "RuntimeError: shard 17 of the checkpoint holds no weights for layer 3"


def issue(
    title: str = "",
    body: str = "",
    *,
    tracked: bool = True,
    number: int = 1,
    **more: int,
) -> Issue:
    closed = more.get("closed_days")
    return Issue(
        number=number,
        title=title,
        url=f"https://github.example/issues/{number}",
        body=body,
        tracked=tracked,
        updated_at=NOW - timedelta(days=more.get("updated_days", 1)),
        closed_at=None if closed is None else NOW - timedelta(days=closed),
    )


def match(*issues: Issue, **cause: list[str]) -> Match | None:
    tests = cause.pop("tests", [TEST])
    return best_match(tests, **cause, issues=issues, now=NOW)


def score(*issues: Issue, **cause: list[str]) -> float:
    found = match(*issues, **cause)
    return found.score if found else 0.0


@pytest.mark.parametrize(
    ("title", "body", "least", "how"),
    [
        pytest.param(f"[CI Failure]: Loader - {TEST}", "", 0.97, "id", id="whole id"),
        pytest.param(
            f"[CI Failure]: Loader - {TEST.removeprefix('tests/')} fails",
            "",
            0.97,
            "id",
            id="whole id below tests",
        ),
        pytest.param(
            "CI red", f"```\nFAILED {TEST} - x\n```", 0.92, "id", id="in body"
        ),
        pytest.param(
            "[CI Failure]: models/test_loader.py::test_sharded_state_loader[int8-1]",
            "",
            0.93,
            "function and file",
            id="other parameters",
        ),
        pytest.param(
            "test_sharded_state_loader in `test_loader.py` is broken",
            "",
            0.93,
            "function and file",
            id="file apart",
        ),
        pytest.param(
            "[CI Failure]: Loader - test_sharded_state_loader",
            "",
            0.9,
            "function",
            id="function",
        ),
    ],
)
def test_an_issue_that_names_the_test_explains_it(
    title: str, body: str, least: float, how: str
) -> None:
    found = match(issue(title, body))
    assert found
    assert found.score == least
    assert how in found.how
    assert not found.recurrence


@pytest.mark.parametrize(
    ("test", "title"),
    [
        pytest.param(
            "tests/test_a.py::test_load", "test_load_format", id="longer name"
        ),
        pytest.param("tests/test_a.py::test_load", "test_load fails", id="common name"),
        pytest.param("tests/test_a.py::test_load", "tests/test_a.py", id="path alone"),
        pytest.param(
            "tests/a.py::TestEngine::test_step", "TestEngine hangs", id="class alone"
        ),
        pytest.param(
            "tests/a.py::TestEngine::test_prefix_cache_hit",
            "tests/a.py::TestWorker::test_prefix_cache_hit",
            id="other class",
        ),
        pytest.param(
            "tests/a.py::test_prefix_cache_hit",
            "tests/b.py::test_prefix_cache_hit",
            id="other file",
        ),
        pytest.param(
            "tests/a.py::test_prefix_cache_hit",
            "look into test_prefix_cache_hit.py",
            id="a file of that name",
        ),
        pytest.param(
            "tests/a.py::test_prefix_cache",
            "see tests/test_prefix_cache/README",
            id="a folder of that name",
        ),
    ],
)
def test_a_similar_name_hides_no_new_regression(test: str, title: str) -> None:
    assert match(issue(f"[CI Failure]: {title}"), tests=[test]) is None


def test_a_common_name_needs_its_file_too() -> None:
    near = issue("[CI Failure]: test_forward of tests/layers/test_mlp.py")
    assert score(near, tests=["layers/test_mlp.py::test_forward"]) > KNOWN
    assert score(near, tests=["layers/test_moe.py::test_forward"]) == 0


def test_a_test_that_the_issue_says_passed_is_not_meant() -> None:
    body = f"{TEST} PASSED [ 3%]\ntests/x.py::test_other_thing_here FAILED"
    assert match(issue("[CI Failure]: Loader", body)) is None
    assert match(issue("[CI Failure]: Loader", f"<!-- such as {TEST} -->")) is None


def test_an_issue_about_one_of_fifty_tests_does_not_explain_the_other_49() -> None:
    tests = [f"tests/test_m.py::test_model_number_{n}_works" for n in range(50)]
    found = match(issue(f"[CI Failure]: {tests[7]}"), tests=tests)
    assert found
    assert found.score < KNOWN
    assert "1 of 50 tests" in found.how


def test_some_of_the_tests_and_a_plain_message_together_explain_all() -> None:
    tests = [f"tests/test_m.py::test_model_number_{n}_works" for n in range(4)]
    body = f"`{tests[0]}`\n```\nassert 0.3125 == 0.5\n```"
    plain = ["AssertionError: assert 0.4142 == 0.5"]
    found = match(issue("[CI Failure]: models", body), tests=tests, texts=plain)
    assert found
    assert found.score > KNOWN
    assert "1 of 4 tests, with what they say" in found.how
    assert score(issue("[CI Failure]: models", body), tests=tests) < KNOWN
    assert score(issue("x", "assert 0.1 == 0.5"), tests=tests, texts=plain) == 0


def test_an_issue_about_another_error_of_the_test_hides_nothing_new() -> None:
    body = "```\nE  ValueError: unknown quantization method for this checkpoint\n```"
    other = match(issue(TEST, body), texts=[MESSAGE])
    assert other
    assert other.score < KNOWN
    assert "another error" in other.how
    crash = "Fatal Python error: Segmentation fault"
    assert score(issue(TEST, crash), texts=["AssertionError: assert 0.1 < 0.2"]) < KNOWN


def test_another_message_of_the_same_error_is_weaker() -> None:
    body = "```\nE  RuntimeError: no kernel image is available for this device\n```"
    other = match(issue(TEST, body), texts=[MESSAGE])
    assert other
    assert "another message" in other.how
    named, both = score(issue(TEST)), score(issue(TEST, MESSAGE), texts=[MESSAGE])
    assert both > named > other.score > KNOWN


def test_an_issue_that_quotes_a_symptom_says_nothing_against_the_cause() -> None:
    symptom = "RuntimeError: Engine core initialization failed. See root cause above."
    cause = "ValueError: the cache of this model needs more blocks than there are"
    assert score(issue(TEST, symptom), texts=[cause]) == score(issue(TEST))


def test_one_of_many_tests_that_an_issue_names_may_fail_of_something_else() -> None:
    names = [f"tests/models/test_m.py::test_model_number_{n}_works" for n in range(9)]
    many = issue("[CI Failure]: models", "\n".join(names))
    assert score(many, tests=names[:1]) < KNOWN
    assert score(many, tests=names[:3]) > KNOWN
    quoted = issue("[CI Failure]: models", "\n".join([*names, MESSAGE]))
    assert score(quoted, tests=names[:1], texts=[MESSAGE]) > KNOWN


def test_a_symptom_does_not_tie_a_cause_to_an_issue_about_some_of_its_tests() -> None:
    symptom = "RuntimeError: Engine core initialization failed. See root cause above."
    cause = "ConnectionError: the connection was reset by the peer of the download"
    tests = [TEST, *(f"tests/test_m.py::test_model_number_{n}_works" for n in range(9))]
    found = match(issue(TEST, symptom), tests=tests, texts=[cause, symptom])
    assert found
    assert found.score < KNOWN


def test_a_failure_without_an_exception_is_not_taken_for_another_error() -> None:
    body = "E  ValueError: unknown quantization method for this checkpoint"
    plain = match(issue(TEST, body), texts=["the server gave no answer to the client"])
    assert plain
    assert plain.score == score(issue(TEST))


def test_an_issue_that_quotes_the_symptom_of_the_tests_explains_them() -> None:
    symptom = "RuntimeError: Engine core initialization failed. See root cause above."
    tests = [TEST, "tests/models/test_other.py::test_prefix_cache"]
    assert score(issue(TEST, symptom), tests=tests, texts=[symptom]) > KNOWN
    assert score(issue("CI is red", symptom), tests=tests, texts=[symptom]) == 0


def test_a_closed_issue_about_one_of_fifty_tests_is_not_even_a_hint() -> None:
    tests = [f"tests/test_m.py::test_model_number_{n}_works" for n in range(50)]
    assert match(issue(f"[CI Failure]: {tests[7]}", closed_days=3), tests=tests) is None


def test_one_function_with_fifty_sets_of_parameters_is_one_name() -> None:
    tests = [f"tests/test_m.py::test_model_generates[{n}]" for n in range(50)]
    found = match(issue("[CI Failure]: test_m.py::test_model_generates"), tests=tests)
    assert found
    assert found.score > KNOWN
    assert "all 50 tests" in found.how


def test_a_message_that_the_issue_quotes_covers_every_test() -> None:
    tests = [f"tests/test_m.py::test_model_number_{n}_works" for n in range(50)]
    body = f"```\nE   {MESSAGE.replace('17', '4711')}\n```"
    found = match(issue("[CI Failure]: loading", body), tests=tests, texts=[MESSAGE])
    assert found
    assert found.score >= 0.8
    assert "message" in found.how


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("assert False", id="bare assertion"),
        pytest.param("", id="empty"),
        pytest.param("EngineDeadError: see the root cause above", id="symptom"),
    ],
)
def test_a_message_that_tells_nothing_matches_nothing(text: str) -> None:
    assert match(issue("[CI Failure]: x", f"E  {text}"), texts=[text]) is None


def test_a_message_that_many_issues_quote_tells_none_of_them() -> None:
    many = [issue(f"CI {n}", MESSAGE, number=n) for n in range(3)]
    assert score(*many[:1], texts=[MESSAGE]) > KNOWN
    assert score(*many, texts=[MESSAGE]) < KNOWN


def test_the_message_of_another_test_is_weaker() -> None:
    other = issue("[CI Failure]: Loader - test_other_loader_case", MESSAGE)
    assert score(other, texts=[MESSAGE]) < score(issue("", MESSAGE), texts=[MESSAGE])


def test_a_signature_in_the_body_is_recognised() -> None:
    found = match(
        issue("red", "signature 0123456789abcdef"), signatures=["0123456789abcdef"]
    )
    assert found
    assert (found.score, found.how) == (0.9, "the failure's signature")
    assert match(issue("red", "text"), signatures=[""]) is None


def test_name_and_message_together_say_more_than_either() -> None:
    named, quoted = f"[CI Failure]: {TEST}", MESSAGE
    both = match(issue(named, quoted), texts=[MESSAGE])
    assert both
    assert both.score > score(issue(named))
    assert "id" in both.how
    assert "message" in both.how


def test_the_name_of_the_job_alone_explains_nothing() -> None:
    found = match(
        issue("[CI Failure]: Kernels Attention Test 2"),
        job_names=["Kernels Attention Test %N"],
    )
    assert found
    assert 0 < found.score < KNOWN
    assert "job" in found.how


@pytest.mark.parametrize(
    "title",
    [
        pytest.param(
            "[CI Failure]: Kernels Attention Test - test_other_kernel_shape",
            id="about another test",
        ),
        pytest.param("[CI Failure]: Kernels Attention Test AMD", id="another job"),
        pytest.param("Kernels", id="a part of the name"),
    ],
)
def test_an_issue_about_something_else_in_that_job_is_no_hint(title: str) -> None:
    assert match(issue(title), job_names=["Kernels Attention Test"]) is None


def test_an_issue_without_the_label_is_a_hint_at_best() -> None:
    found = match(issue(f"[CI Failure]: {TEST}", tracked=False))
    assert found
    assert found.score < KNOWN
    assert "label" in found.how
    tracked = issue("test_sharded_state_loader", number=2)
    better = match(issue(TEST, tracked=False), tracked)
    assert better
    assert better.issue == tracked


@pytest.mark.parametrize(
    ("days", "known"), [(0, True), (29, True), (30, True), (31, False), (400, False)]
)
def test_an_issue_closed_in_the_last_month_may_be_back(days: int, known: bool) -> None:  # noqa: FBT001 - a table
    found = match(issue(TEST, closed_days=days))
    assert (found is not None) is known
    if found:
        assert found.recurrence
        assert "closed" in found.how
        assert found.score < score(issue(TEST))


def test_an_open_issue_wins_over_one_that_was_closed() -> None:
    closed, reopened = issue(TEST, closed_days=2), issue(TEST, number=2)
    found = match(closed, reopened)
    assert found
    assert found.issue == reopened
    assert not found.recurrence


def test_an_open_issue_that_explains_it_wins_over_a_closed_one_that_fits_better() -> (
    None
):
    closed = issue(TEST, closed_days=2)
    near = issue("[CI Failure]: L - test_other_loader_case", MESSAGE, number=2)
    assert score(closed, texts=[MESSAGE]) > score(near, texts=[MESSAGE]) > KNOWN
    found = match(closed, near, texts=[MESSAGE])
    assert found
    assert found.issue == near


def test_the_issue_changed_last_wins_among_equals() -> None:
    old, new = issue(TEST, updated_days=9), issue(TEST, number=2, updated_days=1)
    found = match(new, old)
    assert found
    assert found.issue == new


def test_a_file_that_could_not_be_collected_is_known_by_its_path() -> None:
    path = "tests/plugins/test_registry.py"
    assert (
        score(issue(f"[CI Failure]: {path} cannot be imported"), tests=[path]) > KNOWN
    )
    assert score(issue(f"{path}::test_other_thing fails"), tests=[path]) == 0


def test_a_file_that_could_not_be_collected_is_known_by_what_it_said() -> None:
    path = "tests/plugins/test_registry.py"
    said = "ImportError: cannot import name 'registry' from 'plugins' ({}/plugins.py)"
    there = issue(f"[CI Failure]: Plugins - {path}", said.format("/workspace/engine"))
    found = match(there, tests=[path], texts=[said.format("/vllm-workspace/engine")])
    assert found
    assert found.score > KNOWN
    assert "message" in found.how
    assert "another" not in found.how


def test_ids_of_other_frameworks_are_known_as_a_whole() -> None:
    name = "com.example.LoaderTest.loadsShardedState"
    assert score(issue(f"[CI Failure]: {name}"), tests=[name]) > KNOWN
    assert score(issue(f"[CI Failure]: {name}Twice"), tests=[name]) == 0
    assert score(issue("[CI Failure]: build"), tests=["build"]) == 0


def test_nothing_matches_nothing() -> None:
    assert best_match([], issues=[], now=NOW) is None
    assert best_match([], issues=[issue("x", "y")], now=NOW) is None


@pytest.mark.parametrize(
    ("function", "common"),
    [
        ("test_forward", True),
        ("test_basic", True),
        ("test_fp8_kv", True),
        ("test_load", True),
        ("test_sharded_loader", False),
        ("testShardedLoader", False),
        ("", True),
    ],
)
def test_a_name_of_one_word_may_be_that_of_any_test(
    function: str,
    common: bool,  # noqa: FBT001 - a table
) -> None:
    assert is_common(function) is common


def test_a_huge_hostile_text_is_read_in_time() -> None:
    for text in (
        "a" * 20_000,
        "a/" * 10_000,
        "a::" * 7_000,
        "." * 20_000,
        "[" * 20_000,
    ):
        assert mentions(text).text == text
        assert match(issue(text, text), texts=[text]) is None


@given(st.lists(st.text(max_size=60), max_size=5), st.text(max_size=200), st.text())
def test_no_text_breaks_it(tests: list[str], title: str, body: str) -> None:
    found = best_match(
        tests,
        texts=[title],
        signatures=tests,
        job_names=[title],
        issues=[issue(title, body)],
        now=NOW,
    )
    assert found is None or 0 < found.score <= 1


NAMES = st.from_regex(r"[a-z]{1,8}(?:_[a-z]{1,8}){0,3}", fullmatch=True)


@given(NAMES, NAMES, NAMES)
def test_every_test_is_known_by_its_own_id(folder: str, file: str, name: str) -> None:
    test = f"tests/{folder}/test_{file}.py::test_{name}[a-b c]"
    assert parsed_test(test).function == f"test_{name}"
    assert score(issue(f"[CI Failure]: {test}"), tests=[test]) == 0.97


@given(NAMES, NAMES)
def test_no_name_that_only_begins_alike_matches(name: str, more: str) -> None:
    longer = issue(f"[CI Failure]: test_a.py::test_{name}_{more}")
    assert score(longer, tests=[f"tests/test_a.py::test_{name}"]) == 0
