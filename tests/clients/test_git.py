from __future__ import annotations

import asyncio
import os
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.authors import Author
from sickbay.clients.git import Git
from sickbay.clients.porcelain import blamed, commit_of
from sickbay.clients.program import answer
from sickbay.core.errors import (
    BadRequest,
    Malformed,
    NotFound,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsupported,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any

T = TypeVar("T")

UNKNOWN = "deadbeef" * 5


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


class Checkout:
    """A repository that a test commits to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, **environ: str) -> str:
        done = subprocess.run(
            ["git", "-C", self.folder, "-c", "commit.gpgSign=false", *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **environ},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(
        self, name: str = "Ann", *, message: str = "Change", day: int = 1, **files: str
    ) -> str:
        """Commit these files, a dot written as ``__``, and say which commit it is."""
        return self.commit_all(
            {path.replace("__", "."): text for path, text in files.items()},
            name,
            message=message,
            day=day,
        )

    def commit_all(
        self, files: dict[str, str], name: str, *, message: str = "Change", day: int = 1
    ) -> str:
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text)
        time = f"2026-07-{day:02d}T10:00:00+02:00"
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in {
                "NAME": name,
                "EMAIL": f"{name.lower()}@example.com",
                "DATE": time,
            }.items()
        }
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, **who)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


@pytest.fixture
def git(checkout: Checkout) -> Git:
    return Git(checkout.folder)


def test_blame_says_who_wrote_each_line_and_when(checkout: Checkout, git: Git) -> None:
    first = checkout.commit("Ann", a__py="one\ntwo\nthree\n", day=1)
    second = checkout.commit("Bob", message="Mend", a__py="one\n2\nthree\n", day=2)
    lines = run(git.blame(second, "a.py"))
    assert [line.number for line in lines] == [1, 2, 3]
    assert [line.sha for line in lines] == [first, second, first]
    assert lines[1].author == Author(name="Bob", email="bob@example.com")
    assert lines[1].time == datetime(2026, 7, 2, 8, tzinfo=UTC)
    assert lines[1].summary == "Mend"
    assert [line.number for line in run(git.blame(second, "a.py", 2, 3))] == [2, 3]
    assert [line.sha for line in run(git.blame(first, "a.py"))] == [first] * 3


def test_the_lines_of_one_test_are_blamed(checkout: Checkout, git: Git) -> None:
    old = "import x\n\n\ndef test_a():\n    assert 1\n"
    checkout.commit("Ann", a__py=old)
    new = f"{old}\n\nclass TestB:\n    def test_b(self):\n        assert 2\n"
    sha = checkout.commit("Bob", a__py=new)

    def authors(*names: str) -> list[str]:
        lines = run(git.blame_test(sha, "a.py", names))
        return [line.author.name for line in lines]

    assert authors("test_a") == ["Ann"] * 2
    assert authors("TestB", "test_b") == ["Bob"] * 2
    assert authors("test_c") == ["Ann"] * 5 + ["Bob"] * 5


def test_a_change_of_spaces_makes_no_author(checkout: Checkout, git: Git) -> None:
    first = checkout.commit("Ann", a__py="if x:\n  y()\n")
    last = checkout.commit("Formatter", a__py="if x:\n    y()\n")
    assert {line.sha for line in run(git.blame(last, "a.py"))} == {first}


def test_a_commit_has_its_author_message_and_files(
    checkout: Checkout, git: Git
) -> None:
    checkout.commit(a__py="1")
    sha = checkout.commit_all(
        {"sub/b.py": "2", "spaced name.py": "3", "\u00e4.py": "4"},
        "Ann",
        message="Title\n\nText of\nmore lines",
        day=3,
    )
    found = run(git.commit(sha))
    assert (found.sha, found.title) == (sha, "Title")
    assert found.message == "Title\n\nText of\nmore lines"
    assert found.author == Author(name="Ann", email="ann@example.com")
    assert found.time == datetime(2026, 7, 3, 8, tzinfo=UTC)
    assert set(found.files) == {"sub/b.py", "spaced name.py", "\u00e4.py"}
    assert run(git.commit(sha[:10])).sha == sha


def test_a_commit_without_files_and_a_merge_are_read(
    checkout: Checkout, git: Git
) -> None:
    checkout.commit(a__py="1")
    assert run(git.commit(checkout.commit())).files == ()
    checkout.git("checkout", "-q", "-b", "side")
    checkout.commit(b__py="2")
    checkout.git("checkout", "-q", "main")
    checkout.commit(c__py="3")
    who = ("-c", "user.name=Ann", "-c", "user.email=a@b.c")
    checkout.git(*who, "merge", "-q", "--no-ff", "-m", "Merge", "side")
    merged = run(git.commit(checkout.git("rev-parse", "HEAD")))
    assert (merged.title, merged.files) == ("Merge", ("b.py",))


def test_which_paths_are_there_is_one_question(checkout: Checkout, git: Git) -> None:
    sha = checkout.commit_all({"tests/a.py": "1", "-x": "2", "*.py": "3"}, "Ann")
    wanted = [
        "tests/a.py",
        "a.py",
        "-x",
        "*.py",
        ":(glob)**",
        "../a",
        "/etc/passwd",
        "",
    ]
    assert run(git.files(sha, wanted)) == {"tests/a.py", "-x", "*.py"}
    many = [f"tests/{n}.py" for n in range(500)]
    assert run(git.files(sha, [*many, "tests/a.py"])) == {"tests/a.py"}
    assert run(git.exists(sha, "tests/a.py"))
    assert not run(git.exists(sha, "a.py"))
    assert run(git.files(sha, [])) == frozenset()


@pytest.mark.parametrize(
    ("files", "text"),
    [
        pytest.param({"CODEOWNERS": "r", ".github/CODEOWNERS": "g"}, "g", id="github"),
        pytest.param({"CODEOWNERS": "r", "docs/CODEOWNERS": "d"}, "r", id="root"),
        pytest.param({"docs/CODEOWNERS": "d"}, "d", id="docs"),
        pytest.param({"other": "x"}, None, id="none"),
    ],
)
def test_codeowners_is_found_where_github_finds_it(
    checkout: Checkout, git: Git, files: dict[str, str], text: str | None
) -> None:
    assert run(git.codeowners(checkout.commit_all(files, "Ann"))) == text


def test_it_is_known_which_commits_are_there(checkout: Checkout, git: Git) -> None:
    sha = checkout.commit(a__py="1")
    assert run(git.has(sha))
    assert run(git.has(sha[:12].upper()))
    assert not run(git.has(UNKNOWN))


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda git: git.commit(UNKNOWN), id="commit"),
        pytest.param(lambda git: git.blame(UNKNOWN, "a.py"), id="blame"),
        pytest.param(lambda git: git.files(UNKNOWN, ["a.py"]), id="files"),
        pytest.param(lambda git: git.codeowners(UNKNOWN), id="codeowners"),
        pytest.param(lambda git: git.text(UNKNOWN, "a.py"), id="text"),
    ],
)
def test_an_unknown_commit_is_not_found(
    checkout: Checkout, git: Git, work: Callable[[Git], Coroutine[Any, Any, object]]
) -> None:
    checkout.commit(a__py="1")
    with pytest.raises(NotFound) as caught:
        run(work(git))
    assert "fetch" in caught.value.hint


def test_an_unknown_file_or_line_is_not_found(checkout: Checkout, git: Git) -> None:
    sha = checkout.commit(a__py="1\n", sub="x")
    for work in (
        git.blame(sha, "b.py"),
        git.blame(sha, "a.py", 5, 9),
        git.text(sha, "b.py"),
    ):
        with pytest.raises(NotFound):
            run(work)
    assert run(git.text(sha, "a.py")) == "1\n"


@pytest.mark.parametrize(
    "sha",
    ["HEAD", "main", "--upload-pack=x", "", "abc", "g" * 40, "a" * 65, "a" * 40 + "\n"],
)
def test_what_is_no_commit_never_reaches_git(git: Git, sha: str) -> None:
    for work in (git.has(sha), git.commit(sha), git.blame(sha, "a.py")):
        with pytest.raises(BadRequest, match="is no commit"):
            run(work)


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x", "a\0b"])
def test_a_path_that_leads_out_never_reaches_git(git: Git, path: str) -> None:
    for work in (git.blame(UNKNOWN, path), git.text(UNKNOWN, path)):
        with pytest.raises(BadRequest, match="no path inside"):
            run(work)
    assert run(git.files(UNKNOWN, [path])) == frozenset()


def test_a_folder_that_is_no_checkout_is_told(
    tmp_path: Path, checkout: Checkout
) -> None:
    (checkout.folder / "sub").mkdir()
    for folder in (tmp_path, tmp_path / "missing", checkout.folder / "sub"):
        with pytest.raises(NotFound) as caught:
            run(Git(folder).has(UNKNOWN))
        assert "VLLM_REPO_PATH" in caught.value.hint


def test_a_missing_git_is_told(
    git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unsupported, match="git cannot be run"):
        run(git.has(UNKNOWN))


def test_the_environment_of_another_repository_does_not_matter(
    checkout: Checkout, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sha = checkout.commit(a__py="1")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_PAGER", "false")
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert run(git.has(sha))
    assert not run(git.has(UNKNOWN))


def test_the_configuration_of_the_repository_runs_nothing(
    checkout: Checkout, git: Git, tmp_path: Path
) -> None:
    trap = tmp_path / "ran"
    run_it = f"touch {trap}; false"
    (checkout.folder / ".gitattributes").write_text("* diff=evil filter=evil\n")
    sha = checkout.commit("Ann", a__py="1\n2\n", day=1)
    sha = checkout.commit("Bob", a__py="1\n3\n", day=2) or sha
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.smudge",
        "gpg.program",
        "pager.blame",
        "pager.log",
        "uploadpack.packObjectsHook",
        "credential.helper",
    ):
        checkout.git("config", name, run_it)
    checkout.git("config", "log.showSignature", "true")
    checkout.git("config", "remote.origin.promisor", "true")
    checkout.git("config", "remote.origin.url", f"ext::sh -c touch% {trap}")
    checkout.git("config", "protocol.ext.allow", "always")
    assert len(run(git.blame(sha, "a.py"))) == 2
    assert run(git.commit(sha)).files == ("a.py",)
    assert run(git.text(sha, "a.py")) == "1\n3\n"
    assert not run(git.has(UNKNOWN))
    with pytest.raises(SickbayError):
        run(git.files(UNKNOWN, ["a.py"]))
    assert not trap.exists()


def test_a_shallow_checkout_names_nobody_for_what_is_older(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.commit("Ann", a__py="old\n", day=1)
    checkout.commit("Bob", a__py="old\nnew\n", b__py="x", day=2)
    sha = checkout.commit("Cid", a__py="old\nnew\nlast\n", day=3)
    shallow = tmp_path / "shallow"
    checkout.git("clone", "-q", "--depth=1", f"file://{checkout.folder}", str(shallow))
    assert [line.author.name for line in run(Git(shallow).blame(sha, "a.py"))] == []
    checkout.git("-C", str(shallow), "fetch", "-q", "--depth=2")
    found = run(Git(shallow).blame(sha, "a.py"))
    assert [(line.number, line.author.name) for line in found] == [(3, "Cid")]


def test_a_program_that_says_or_takes_too_much_is_ended(tmp_path: Path) -> None:
    def says(script: str, **more: float) -> Coroutine[Any, Any, object]:
        limits = {"limit_s": 20.0, "max_bytes": 1000, **more}
        return answer(
            ["sh", "-c", script],
            folder=tmp_path,
            environment=dict(os.environ),
            limit_s=limits["limit_s"],
            max_bytes=int(limits["max_bytes"]),
        )

    with pytest.raises(TooLarge):
        run(says("exec yes"))
    with pytest.raises(TimedOut, match=r"longer than 0\.05 s"):
        run(says("exec sleep 60", limit_s=0.05))
    with pytest.raises(TimedOut):
        run(says("sleep 60 & wait", limit_s=0.05))


def test_someone_elses_checkout_says_how_to_trust_it(checkout: Checkout) -> None:
    error = Git(checkout.folder)._error(  # noqa: SLF001 - only root could make one
        f"fatal: detected dubious ownership in repository at '{checkout.folder}'"
    )
    assert "safe.directory" in error.hint


def test_a_failure_of_git_is_told_in_one_line(checkout: Checkout, git: Git) -> None:
    checkout.commit(a__py="1")
    (checkout.folder / ".git" / "config").write_text("[core\nbroken")
    with pytest.raises(Unavailable, match="git failed: bad config line 1") as caught:
        run(git.has(UNKNOWN))
    assert "\n" not in caught.value.message


def test_a_commit_of_no_day_has_no_time() -> None:
    found = commit_of("a" * 40 + "\0Ann\0a@b.c\0+99999-01-01\0Title\n\0\na.py\0")
    assert (found.time, found.title, found.files) == (None, "Title", ("a.py",))


@pytest.mark.parametrize(
    "text", ["\tx", "a b c\n\tx", "a b 1\nauthor-time x\n\tx", "a"]
)
def test_what_is_no_blame_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        list(blamed(text))


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (lambda: list(blamed(text)), lambda: commit_of(text)):
        try:
            read()
        except Malformed:
            continue


def test_attack_no_line_of_another_file_is_told(
    checkout: Checkout, git: Git, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    sha = checkout.commit("Ann", a__py="1\n")
    checkout.git("config", "blame.ignoreRevsFile", str(tmp_path / "secret"))
    assert len(run(git.blame(sha, "a.py"))) == 1


def test_attack_a_path_that_is_too_long_is_not_there_and_hides_no_other(
    checkout: Checkout, git: Git
) -> None:
    sha = checkout.commit("Ann", a__py="1\n")
    assert run(git.files(sha, ["x" * 200_000, "a.py"])) == {"a.py"}


def test_the_commits_between_two_are_told_the_oldest_first(
    checkout: Checkout, git: Git
) -> None:
    shas = [checkout.commit(a__py=f"{at}\n", message=f"C{at}") for at in range(6)]
    found = run(git.between(shas[1], shas[4], most=10))
    assert found == tuple(shas[2:5])
    assert run(git.between(shas[4], shas[4], most=10)) == ()
    assert run(git.between(shas[0], shas[5], most=2)) == tuple(shas[4:])


def test_of_a_merge_only_what_reached_the_branch_is_between(
    checkout: Checkout, git: Git
) -> None:
    first = checkout.commit(a__py="1\n")
    checkout.git("checkout", "-q", "-b", "topic")
    checkout.commit(b__py="1\n")
    checkout.git("checkout", "-q", "main")
    checkout.git(
        *("-c", "user.name=Ann", "-c", "user.email=a@b", "merge", "--no-ff"),
        *("-q", "-m", "Merge", "topic"),
    )
    merged = checkout.git("rev-parse", "HEAD")
    assert run(git.between(first, merged, most=10)) == (merged,)


def test_an_unknown_end_of_commits_is_not_found(checkout: Checkout, git: Git) -> None:
    sha = checkout.commit(a__py="1\n")
    with pytest.raises(NotFound):
        run(git.between(UNKNOWN, sha, most=10))
