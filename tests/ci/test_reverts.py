"""Which commits take which others back."""

from __future__ import annotations

from dataclasses import replace

from sickbay.ci.models import Commit, Row
from sickbay.ci.reverts import reverts
from tests.ci.drawn import commit

OLD = commit(1)


def rows(*commits: Commit) -> tuple[Row, ...]:
    return tuple(Row(commit=one, jobs={}) for one in (*commits, commit(2), OLD))


def revert(message: str = "", title: str = OLD.title) -> Commit:
    said = f'Revert "{title}"'
    return replace(commit(9), title=said, message=f"{said}\n\n{message}")


def test_revert_names_the_commit_by_its_sha() -> None:
    found = revert(f"This reverts commit {OLD.sha}.", title="of another name")
    assert reverts(rows(found)) == {0: 2}


def test_revert_without_a_sha_is_known_by_its_title() -> None:
    assert reverts(rows(revert())) == {0: 2}


def test_revert_of_an_older_commit_takes_none_of_these_back() -> None:
    assert reverts(rows(revert("This reverts commit 0123456789abcdef."))) == {}
    assert reverts(rows(revert(title="Something else"))) == {}


def test_commit_that_speaks_of_a_revert_is_none() -> None:
    talk = replace(commit(9), message=f"This reverts commit {OLD.sha}.")
    assert reverts(rows(talk)) == {}


def test_revert_of_a_revert_takes_back_the_revert() -> None:
    first = revert(f"This reverts commit {OLD.sha}.")
    second = replace(
        commit(10),
        title=f'Revert "{first.title}"',
        message=f"This reverts commit {first.sha}.",
    )
    assert reverts(rows(second, first)) == {0: 1, 1: 3}
