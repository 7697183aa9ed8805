from __future__ import annotations

import pytest

from sickbay.ci.authors import Author, CommitInfo
from sickbay.ci.history.culprit import Trial, culprit
from sickbay.ci.history.models import BuildPoint
from sickbay.ci.history.planner import planned
from sickbay.ci.history.priors import Change, Clues, weighed
from sickbay.toolsets.history.analysis.suspects import (
    frames_of,
    probe_row,
    pull_of,
    suspect_rows,
)

COMMITS = tuple(
    CommitInfo(
        sha=f"{at}" * 40,
        message=f"Change {at} (#10{at})\n\nbody",
        author=Author(name="Ann"),
        files=(f"src/part_{at}.py",),
    )
    for at in range(1, 6)
)
FOUND = culprit(
    [one.sha for one in COMMITS],
    [Trial(place=1, passes=1), Trial(place=4, failures=3)],
)
WEIGHTS = weighed(
    [Change(sha=one.sha, files=one.files) for one in COMMITS],
    Clues(test_id="t/test_a.py::test_x", frames=("src/part_4.py",)),
)
ROWS = suspect_rows(
    FOUND,
    COMMITS,
    WEIGHTS,
    {COMMITS[4].sha: BuildPoint(build_id="b", number="77", sha=COMMITS[4].sha)},
    {COMMITS[4].sha: "https://github.com/acme/ci/commit/5"},
)


def test_commits_before_a_pass_are_not_suspected() -> None:
    assert {row.commit[0] for row in ROWS if row.credible} == {"3", "4", "5"}


def test_the_likeliest_is_first() -> None:
    chances = [row.probability for row in ROWS]
    assert chances == sorted(chances, reverse=True)


def test_probabilities_are_those_of_the_whole_question() -> None:
    total = sum(row.probability for row in ROWS) + FOUND.no_culprit
    assert total == pytest.approx(1, abs=0.01)


def test_a_suspect_says_who_made_it_and_where_it_was_built() -> None:
    row = next(row for row in ROWS if row.commit == COMMITS[4].sha)
    assert (row.title, row.author, row.pull_request) == ("Change 5 (#105)", "Ann", 105)
    assert row.build is not None
    assert row.build.build_number == "77"
    assert row.url == "https://github.com/acme/ci/commit/5"
    assert row.reasons


def test_the_next_probe_is_one_of_the_suspects() -> None:
    probe = probe_row(planned(FOUND), COMMITS)
    assert probe is not None
    assert probe.commit in {row.commit for row in ROWS}
    assert 0 < probe.information_bits <= 2


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Fix it (#123)", 123),
        ("Fix #7 at last", None),
        ("Revert (#5) again (#6)", 6),
        ("", None),
    ],
)
def test_a_title_names_its_pull_request(title: str, expected: int | None) -> None:
    assert pull_of(title) == expected


def test_a_traceback_names_its_files_the_innermost_first() -> None:
    text = (
        "tests/test_a.py:12: in test_x\n    run()\n"
        '  File "/work/src/part.py", line 88, in run\nsrc/deep.py:7: ValueError\n'
    )
    assert frames_of([text])[0] == "src/deep.py"
    assert "tests/test_a.py" in frames_of([text])
    assert frames_of(["no file at all: 12"]) == ()
