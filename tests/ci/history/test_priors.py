from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.priors import FLOOR, Change, Clues, Weight, weighed

CLUES = Clues(
    test_id="tests/engine/test_core.py::test_runs",
    frames=("/work/vllm/engine/core.py", "tests/engine/test_core.py"),
    dependencies=("vllm/", "csrc/*.cu"),
)


def beside_neutral(change: Change, clues: Clues = CLUES) -> Weight:
    """Its weight beside a commit of which nothing is known."""
    return weighed([change, Change(sha="other")], clues)[0]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param(["vllm/engine/core.py"], "where it was raised", id="raised"),
        pytest.param(
            ["tests/engine/test_core.py"], "the test's own file", id="own file"
        ),
        pytest.param(["tests/conftest.py"], "which the test may use", id="fixture"),
        pytest.param(
            ["docs/a.md", "vllm/engine/args.py"],
            "beside a file of the traceback",
            id="beside",
        ),
        pytest.param(["requirements/cuda.txt"], "built or run", id="requirements"),
        pytest.param(["vllm/models/llama.py"], "a source of the job", id="folder"),
        pytest.param(["csrc/attention.cu"], "a source of the job", id="pattern"),
    ],
)
def test_what_is_near_the_failure_makes_a_commit_suspicious(
    files: list[str], reason: str
) -> None:
    weight = beside_neutral(Change(sha="a", files=tuple(files)))
    assert weight.weight > 0.5
    assert reason in " ".join(weight.reasons)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param(["docs/index.md", "README.md"], "no code", id="words"),
        pytest.param(["tests/models/test_llama.py"], "other tests", id="other tests"),
        pytest.param(["tests/models/conftest.py"], "other tests", id="their fixtures"),
        pytest.param(["tools/release.py"], "depends on", id="no source of the job"),
        pytest.param([], "no file", id="empty commit"),
    ],
)
def test_what_cannot_matter_makes_a_commit_less_suspicious(
    files: list[str], reason: str
) -> None:
    weight = beside_neutral(Change(sha="a", files=tuple(files)))
    assert weight.weight < 0.5
    assert reason in " ".join(weight.reasons)


def test_unknown_files_are_neutral_and_said() -> None:
    weight = beside_neutral(Change(sha="a"))
    assert weight.weight == pytest.approx(0.5)
    assert weight.reasons == ("Nobody knows which files it changes.",)


def test_without_clues_no_code_file_is_more_suspicious_than_another() -> None:
    weight = beside_neutral(
        Change(sha="a", files=("src/one.py",)), Clues(test_id="Suite.case")
    )
    assert weight.weight == pytest.approx(0.5)


def test_a_bare_name_of_a_file_is_another_file_of_that_name() -> None:
    clues = Clues(test_id="t", frames=("core.py",))
    weight = beside_neutral(Change(sha="a", files=("vllm/engine/core.py",)), clues)
    assert weight.weight < 0.5


def test_the_best_clue_counts_and_others_do_not_add_up() -> None:
    one = beside_neutral(Change(sha="a", files=("vllm/engine/core.py",)))
    more = Change(sha="a", files=("vllm/engine/core.py", "vllm/engine/args.py"))
    assert beside_neutral(more).weight == one.weight


def test_a_commit_that_was_reverted_later_is_suspected_and_its_revert_less() -> None:
    changes = [
        Change(sha="a" * 40, title="Faster kernels (#1)"),
        Change(sha="b" * 40, title="Docs"),
        Change(
            sha="c" * 40,
            title='Revert "Faster kernels (#1)"',
            message=f'Revert "Faster kernels"\n\nThis reverts commit {"a" * 40}.',
        ),
    ]
    broke, neutral, mended = weighed(changes, CLUES)
    assert broke.weight > neutral.weight > mended.weight
    assert "It was reverted later." in broke.reasons


def test_size_tells_a_little() -> None:
    def of(lines: int) -> float:
        change = Change(sha="a", files=("vllm/x.py",), lines=lines)
        return beside_neutral(change).weight

    assert of(2) < of(100) < of(5000)


files = st.none() | st.lists(
    st.sampled_from(
        ["vllm/engine/core.py", "docs/a.md", "setup.py", "tests/test_x.py", "", "/"]
    )
    | st.text(max_size=20),
    max_size=4,
).map(tuple)
changes = st.builds(
    Change,
    sha=st.text("abc", min_size=1, max_size=5),
    title=st.sampled_from(["Fix", 'Revert "Fix"']),
    files=files,
    lines=st.none() | st.integers(0, 10_000),
)


@given(st.lists(changes, min_size=1, max_size=8), st.lists(st.text(max_size=20)))
def test_no_commit_is_impossible_and_all_add_up(
    many: list[Change], frames: list[str]
) -> None:
    weights = weighed(many, Clues(test_id="tests/a.py::b", frames=tuple(frames)))
    assert sum(one.weight for one in weights) == pytest.approx(1.0)
    assert all(one.weight >= FLOOR / len(many) * (1 - 1e-9) for one in weights)
    assert all(one.reasons for one in weights)
