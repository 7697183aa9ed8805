from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sickbay.ci.authors import Author, BlameLine, CommitInfo
from sickbay.ci.owners import MAX_CHARS, MAX_RULES, Codeowners, owner, paths_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 7, 13, tzinfo=UTC)

# In the image of vLLM's own: anchored folders without a slash at the end, one line
# without owners, special cases of one model or device further down.
FILE = """\
# who reviews what

/engine @ann @bob
/engine/args.py
/tests/kernels @kim @org/kernel-team
/tests/models @mia
/tests/models/language/test_hybrid.py @tom
/tests/models/*/pooling* @noa
/tests/**/*rocm* @amd-one @amd-two
/docs/**/*.yml @doc
/entry/*.py @eve
.pre-commit-config.yaml @lint
"""


def owners(text: str, path: str) -> tuple[str, ...] | None:
    rule = Codeowners(text).of(path)
    return rule.owners if rule else None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("engine/core/loop.py", ("@ann", "@bob"), id="below a folder"),
        pytest.param("engine/args.py", (), id="nobody"),
        pytest.param("engines/x.py", None, id="no folder of that name"),
        pytest.param("sub/engine/x.py", None, id="anchored"),
        pytest.param("tests/kernels/a/b.py", ("@kim", "@org/kernel-team"), id="team"),
        pytest.param("tests/models/language/test_hybrid.py", ("@tom",), id="last"),
        pytest.param("tests/models/language/pooling_x/t.py", ("@noa",), id="star"),
        pytest.param("tests/models/a/b/pooling.py", ("@mia",), id="star is one folder"),
        pytest.param("tests/test_rocm_x.py", ("@amd-one", "@amd-two"), id="no folder"),
        pytest.param("tests/a/b/x_rocm.py", ("@amd-one", "@amd-two"), id="many"),
        pytest.param("docs/conf.yml", ("@doc",), id="two stars may be nothing"),
        pytest.param("docs/a/b/conf.yml", ("@doc",), id="two stars"),
        pytest.param("entry/main.py", ("@eve",), id="in the folder"),
        pytest.param("entry/sub/main.py", None, id="not below it"),
        pytest.param("a/.pre-commit-config.yaml", ("@lint",), id="any depth"),
        pytest.param("Tests/kernels/a.py", None, id="case counts"),
    ],
)
def test_the_last_line_that_fits_holds(
    path: str, expected: tuple[str, ...] | None
) -> None:
    assert owners(FILE, path) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        pytest.param("* @d\n*.js @js", "a/b.js", ("@js",), id="extension"),
        pytest.param("* @d\n*.js @js", "a/b.py", ("@d",), id="default"),
        pytest.param(
            "/build/logs/ @b", "build/logs/a/b", ("@b",), id="anchored folder"
        ),
        pytest.param("/build/logs/ @b", "x/build/logs/a", None, id="not elsewhere"),
        pytest.param(
            "docs/* d@example.com", "docs/a.md", ("d@example.com",), id="mail"
        ),
        pytest.param("docs/* @d", "docs/sub/a.md", None, id="no nested ones"),
        pytest.param("apps/ @a", "x/apps/y/z", ("@a",), id="folder at any depth"),
        pytest.param("apps/ @a", "x/apps", None, id="a file is no folder"),
        pytest.param("**/logs @l", "deep/er/logs/x", ("@l",), id="two stars first"),
        pytest.param("/apps/ @a\n/apps/github", "apps/github/x", (), id="cleared"),
        pytest.param("a?c @q", "abc", ("@q",), id="question mark"),
        pytest.param("a.c @q", "abc", None, id="a dot is a dot"),
        pytest.param("x @a #@b c", "x", ("@a",), id="comment behind"),
        pytest.param("x @a # see @org/b", "x", ("@a",), id="comment with a team"),
        pytest.param("x # @b", "x", (), id="comment clears nothing more"),
        pytest.param("a\\ b.md @s", "sub/a b.md", ("@s",), id="space, any depth"),
        pytest.param("/d/*.md @s", "d/a b.md", ("@s",), id="space under a star"),
        pytest.param("* @d\r\n*.py @p\r\n", "a.py", ("@p",), id="line ends of Windows"),
        pytest.param("\ufeff* @d", "a", ("@d",), id="byte order mark"),
        pytest.param("x\t@a\t @b", "x", ("@a", "@b"), id="tabs"),
    ],
)
def test_patterns_mean_what_github_says(
    text: str, path: str, expected: tuple[str, ...] | None
) -> None:
    assert owners(text, path) == expected


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("!*.py @x", id="negation"),
        pytest.param("[a-z].py @x", id="range"),
        pytest.param("[Section] @x", id="section of GitLab"),
        pytest.param("^[Section] @x", id="optional section of GitLab"),
        pytest.param("\\#a.py @x", id="escaped comment"),
        pytest.param("*.py someone", id="an owner that is none"),
        pytest.param("*.py @a/b/c", id="a team that is none"),
        pytest.param("*" * 1001 + " @x", id="endless"),
        pytest.param("# *.py @x", id="comment"),
        pytest.param("   ", id="blank"),
    ],
)
def test_a_line_that_github_leaves_out_changes_nothing(line: str) -> None:
    assert owners(f"* @d\n{line}\n", "a.py") == ("@d",)


def test_a_file_that_github_does_not_read_has_no_rules() -> None:
    assert Codeowners("* @d\n" + "#" * MAX_CHARS).rules == ()


def test_a_rule_knows_its_line() -> None:
    rule = Codeowners(FILE).of("tests/models/x.py")
    assert rule
    assert (rule.line, rule.pattern) == (6, "/tests/models")


def test_many_stars_take_no_longer() -> None:
    text = "/" + "**/*a*" * 140 + "b @x"
    assert owners(text, "a/" * 2000 + "c") is None


NAMES = st.text("ab*?.", min_size=1, max_size=3).filter(lambda part: "**" not in part)
PARTS = NAMES | st.just("**")
PATTERNS = st.builds(
    lambda first, parts, last: first + "/".join(parts) + last,
    st.sampled_from(["", "/"]),
    st.lists(PARTS, min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)
PATHS = st.lists(st.text("ab.", min_size=1, max_size=2), min_size=1, max_size=4).map(
    "/".join
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=PATTERNS, paths=st.lists(PATHS, min_size=1, max_size=12))
def test_a_pattern_fits_what_git_ignores_by_it(
    tmp_path: Path, pattern: str, paths: list[str]
) -> None:
    paths = [path for path in paths if not {".", ".."} & set(path.split("/"))]
    if not (tmp_path / ".git").exists():
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
    # GitHub's own: a last star fits files, not folders.
    pattern = f"{pattern}a" if pattern.rstrip("/").endswith("*") else pattern
    (tmp_path / ".gitignore").write_text(f"{pattern}\n")
    done = subprocess.run(
        ["git", "-C", tmp_path, "check-ignore", "--no-index", "--stdin"],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    mine = Codeowners(f"{pattern} @x")
    assert {path for path in paths if mine.of(path)} == set(done.stdout.split())


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_file_breaks_it(text: str, path: str) -> None:
    Codeowners(text).of(path)


@pytest.mark.parametrize(
    ("test_id", "expected"),
    [
        pytest.param(
            "models/test_x.py::test_a[tests/b]",
            ("tests/models/test_x.py", "models/test_x.py"),
            id="its root is missing",
        ),
        pytest.param("tests/a/test_x.py::T::t", ("tests/a/test_x.py",), id="whole"),
        pytest.param("./tests/test_x.py", ("tests/test_x.py",), id="dot"),
        pytest.param("../tests/test_x.py", ("tests/test_x.py",), id="dots"),
        pytest.param("test_x.py", ("tests/test_x.py", "test_x.py"), id="file"),
        pytest.param(
            "/checkout/tests/test_x.py::t", ("tests/test_x.py",), id="absolute"
        ),
        pytest.param("Suite > case", (), id="no path"),
        pytest.param("", (), id="empty"),
    ],
)
def test_the_file_of_a_test_is_found_though_its_root_is_missing(
    test_id: str, expected: tuple[str, ...]
) -> None:
    assert paths_of(test_id) == expected


def test_an_id_without_tests_has_the_owner_that_codeowners_names() -> None:
    path = paths_of("kernels/test_moe.py::test_fused[fp8]")[0]
    found = owner([path], codeowners=Codeowners(FILE))
    assert found
    assert (found.names, found.source) == (("@kim", "@org/kernel-team"), "codeowners")
    assert found.confidence == 0.9
    assert "line 5" in found.why


def test_a_rule_for_the_file_is_surer_than_one_for_its_folder_or_for_all() -> None:
    def confidence(text: str) -> float:
        found = owner(["tests/a/test_x.py"], codeowners=Codeowners(text))
        return found.confidence if found else 0.0

    file, base = confidence("/tests/a/test_x.py @x"), confidence("test_x.py @x")
    folder, default = confidence("/tests/a @x"), confidence("* @x")
    assert file == base > folder > default > confidence("")


def test_a_default_owner_swallows_nothing_that_somebody_wrote() -> None:
    text = Codeowners("* @default\n/tests/a @own")
    lines = written("Ann", 10)
    own = owner(["tests/a/t.py"], codeowners=text, blame=lines)
    other = owner(["tests/b/t.py"], codeowners=text, blame=lines)
    assert own
    assert other
    assert (own.names, other.names) == (("@own",), ("Ann",))


def test_a_cause_of_many_tests_goes_to_those_who_own_most_of_them() -> None:
    paths = ["tests/kernels/a.py"] * 3 + ["tests/models/b.py"]
    found = owner(paths, codeowners=Codeowners(FILE))
    assert found
    assert found.names == ("@kim", "@org/kernel-team")
    assert found.confidence == pytest.approx(0.9 * 3 / 4, abs=0.01)
    assert "3 of 4 tests" in found.why


def test_a_line_without_owners_leaves_the_file_to_whoever_wrote_it() -> None:
    found = owner(
        ["engine/args.py"], codeowners=Codeowners(FILE), blame=written("Ann", 2)
    )
    assert found
    assert found.source == "blame"


def written(
    name: str, count: int, *, days: int = 0, email: str = ""
) -> list[BlameLine]:
    return [
        BlameLine(
            number=number,
            sha="ab" * 20,
            author=Author(name=name, email=email),
            time=NOW - timedelta(days=days),
        )
        for number in range(1, count + 1)
    ]


def test_most_lines_count_and_not_the_first() -> None:
    found = owner([], blame=[*written("First", 1), *written("Most", 9)])
    assert found
    assert found.names == ("Most",)
    assert found.why == "wrote 9 of 10 lines, last on 2026-07-13 in abababab"
    assert found.confidence == pytest.approx(0.66)


def test_late_lines_count_more_than_old_ones() -> None:
    found = owner([], blame=[*written("Old", 10, days=5 * 365), *written("New", 2)])
    assert found
    assert found.names == ("New",)


def test_no_bot_is_asked() -> None:
    bot = written("pre-commit-ci[bot]", 9)
    found = owner([], blame=[*bot, *written("Ann", 1)])
    assert found
    assert found.names == ("Ann",)
    assert owner([], blame=bot) is None
    assert owner([], commit=CommitInfo(sha="a", author=Author(login="x[bot]"))) is None


def test_an_address_that_takes_no_mail_is_a_login() -> None:
    mail = "1234+octo-cat@users.noreply.github.com"
    found = owner([], blame=written("Octo", 1, email=mail))
    assert found
    assert found.names == ("@octo-cat",)


def test_the_author_of_the_commit_is_the_last_to_be_named() -> None:
    commit = CommitInfo(sha="f" * 40, author=Author(name="Eve", login="eve"))
    found = owner(["x.py"], codeowners=Codeowners(FILE), commit=commit)
    assert found
    assert (found.names, found.source) == (("@eve",), "commit")
    assert "ffffffff" in found.why
    default = owner(["x.py"], codeowners=Codeowners("* @all"), commit=commit)
    assert default
    assert default.names == ("@all",)


def test_nobody_is_named_where_nothing_is_known() -> None:
    assert owner([]) is None
    assert owner(["x.py"], codeowners=Codeowners("")) is None
    assert owner(["x.py"], commit=CommitInfo(sha="a")) is None


def test_attack_a_file_of_endless_rules_is_not_read_and_says_so() -> None:
    many = Codeowners("".join(f"a{n}*.py @x\n" for n in range(MAX_RULES + 1)))
    assert (many.rules, many.why) == ((), f"it has more than {MAX_RULES:,} rules")
    assert many.of("a1.py") is None
    assert "characters" in str(Codeowners("#" * (MAX_CHARS + 1)).why)
    assert Codeowners("* @x").why is None
