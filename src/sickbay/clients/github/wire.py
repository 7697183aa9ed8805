"""GitHub's answers as they are sent: every field may be missing."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - the decoder is made from these
from typing import Any

from msgspec import Struct


class User(Struct, gc=False):
    """An account."""

    login: str = ""


class Label(Struct, gc=False):
    """A label of an issue."""

    name: str = ""


class Issue(Struct):
    """An issue; a pull request among them says so."""

    number: int = 0
    title: str | None = None
    body: str | None = None
    html_url: str | None = None
    labels: list[Label | str] = []
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    assignees: list[User] = []
    pull_request: dict[str, Any] | None = None


class Found(Struct):
    """What a search gives."""

    items: list[Issue] = []


class Person(Struct, gc=False):
    """Who made a commit, in git's words."""

    name: str | None = None
    email: str | None = None
    date: datetime | None = None


class Made(Struct):
    """A commit as git has it."""

    message: str | None = None
    author: Person | None = None


class File(Struct, gc=False):
    """A file that a commit changed."""

    filename: str = ""


class Commit(Struct):
    """A commit, and whose account its author has."""

    sha: str = ""
    html_url: str | None = None
    commit: Made | None = None
    author: User | None = None
    files: list[File] = []


class Pull(Struct):
    """A pull request."""

    number: int = 0
    title: str | None = None
    user: User | None = None
    html_url: str | None = None
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None


class Entry(Struct, gc=False):
    """A file or folder of a commit."""

    path: str = ""


class Tree(Struct):
    """Files and folders of a commit; a huge one is cut."""

    tree: list[Entry] = []
    truncated: bool = False


class Text(Struct, gc=False):
    """A file's text; None where there is no such file."""

    text: str | None = None


class Mistake(Struct):
    """One of several things that are wrong with a request."""

    message: str | None = None
    field: str | None = None
    code: str | None = None


class Refusal(Struct):
    """What GitHub says where it gives nothing."""

    message: str | None = None
    errors: list[Mistake | str] = []
