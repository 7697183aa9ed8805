"""Branches and commits as a caller may name them."""

from __future__ import annotations

import re

from sickbay.core.errors import BadRequest
from sickbay.toolsets.hud.analysis.reference import commit_address, repository

LONGEST = 250

# What git itself allows: git help check-ref-format
_NOT_IN_A_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]|\.\.|//|@\{")
_NOT_AROUND_A_NAME = re.compile(r"^[/.-]|[/.]$|\.lock$")


def place(
    text: str | None, repo: str | None, *, usual: tuple[str, str]
) -> tuple[str, str]:
    """The repository that a caller means, and its branch or commit.

    Args:
        text: A branch, a sha, or where a browser shows a commit.
        repo: The repository, unless the address names one.
        usual: Repository and branch that are meant where none is named.

    Raises:
        BadRequest: Either is none.
    """
    if text and (address := commit_address(text)):
        return address
    return repository(repo, usual[0]), branch_name(text, usual[1])


def branch_name(text: str | None, usual: str) -> str:
    """A branch or commit that a caller names.

    Args:
        text: What the caller says, if anything.
        usual: What is meant otherwise.

    Raises:
        BadRequest: Nothing in git can have this name.
    """
    if not text:
        return usual
    wrong = _NOT_IN_A_NAME.search(text) or _NOT_AROUND_A_NAME.search(text)
    if wrong or len(text) > LONGEST:
        raise BadRequest(
            f"{text[:60]!r} is no branch or commit",
            hint="such as main, viable/strict, or the sha of a commit",
        )
    return text
