from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sickbay
from sickbay import api
from sickbay.cli.main import parser

if TYPE_CHECKING:
    from argparse import Action, ArgumentParser
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
THIS = Path(__file__).resolve()
EXAMPLES = ROOT / "docs" / "examples"
HEAVY = ("asyncio", "cyclopts", "duckdb", "fastmcp", "matplotlib", "mcp", "pydantic")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|repo\d*\.maven|deb\.debian\.org"
    r"|archive\.ubuntu\.com|proxy\.golang\.org|static\.crates\.io|conda\.anaconda\.org"
)


@cache
def committed() -> tuple[Path, ...]:
    """Every file that git knows, or would with the next commit."""
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    command = [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    names = listed.stdout.decode().split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


def texts() -> list[tuple[Path, str]]:
    """Every committed file as text, other than this one."""
    return [(p, p.read_text("utf-8", "replace")) for p in committed() if p != THIS]


@pytest.mark.parametrize(
    ("folder", "limit"),
    [
        pytest.param("src", 500, id="src"),
        pytest.param("bench", 500, id="bench"),
        pytest.param("docs", 500, id="docs"),
        pytest.param("tests", 700, id="tests"),
    ],
)
def test_no_module_has_grown_too_long(folder: str, limit: int) -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "data" not in path.parts
    }
    assert {name: size for name, size in sizes.items() if size > limit} == {}


def test_no_file_holds_the_address_of_a_package_registry() -> None:
    assert [str(p) for p, text in texts() if REGISTRIES.search(text)] == []


def test_no_file_holds_a_path_of_this_machine() -> None:
    here = [path for path in (ROOT, Path(sys.base_prefix)) if len(path.parts) > 2]
    ours = re.compile("|".join(rf"{re.escape(str(p))}(?![\w-])" for p in here) or "$^")
    assert [str(path) for path, text in texts() if ours.search(text)] == []


def test_every_exception_from_the_linter_gives_its_reason() -> None:
    bare = re.compile(r"#\s*noqa(?!: [A-Z0-9, ]+ - \S)|#\s*type: ignore(?!\[)")
    python = [(p, text) for p, text in texts() if p.suffix == ".py"]
    found = [
        f"{path.relative_to(ROOT)}: {row.strip()}"
        for path, text in python
        for row in text.splitlines()
        if bare.search(row)
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "src").rglob("*.py"))
        if not path.read_text("utf-8").startswith(('"""', 'r"""'))
    ]
    assert silent == []


def test_no_module_is_called_utils() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    names = {path.stem for path in (ROOT / "src").rglob("*.py")}
    assert names & vague == set()


def test_every_toolset_has_its_tests() -> None:
    toolsets = [
        p.parent.name for p in (ROOT / "src/sickbay/toolsets").glob("*/__init__.py")
    ]
    assert toolsets
    assert [n for n in toolsets if not (ROOT / "tests/toolsets" / n).is_dir()] == []


def test_public_names_are_these() -> None:
    assert api.__all__ == [
        "AsyncHudClient",
        "HudClient",
        "HudError",
        "call",
        "cluster",
        "diff",
        "explain",
        "explain_many",
        "tools",
        "wanted",
    ]
    assert api.__all__ == sickbay.__all__
    assert all(getattr(sickbay, name) is getattr(api, name) for name in api.__all__)


def test_people_find_every_command_and_option_in_the_pages_written_for_them() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    written = "\n".join(
        p.read_text("utf-8") for p in pages if p.parent.name != "reference"
    )
    choices = [action.choices for action in actions(parser())]
    commands = next(choice for choice in choices if isinstance(choice, dict))
    missing = [name for name in commands if f"sickbay {name}" not in written]
    for command in commands.values():
        options = [o for action in actions(command) for o in action.option_strings]
        missing += [
            o for o in options if o not in written and o not in ("-h", "--help")
        ]
    assert missing == []


def actions(command: ArgumentParser) -> Sequence[Action]:
    """The arguments of a command."""
    return command._actions  # noqa: SLF001 - argparse has no other list of them


def test_every_link_between_the_pages_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_visible_change_is_told_under_a_name_the_release_understands() -> None:
    name = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md")
    files = [path.name for path in (ROOT / "changelog.d").iterdir()]
    assert [file for file in files if not name.fullmatch(file)] == []


def test_every_make_target_is_in_the_contributors_guide() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert {"setup", "test", "lint"} <= set(targets)
    assert [
        t for t in targets if t != "all" and f"make {t}" not in guide + readme()
    ] == []


def readme() -> str:
    """The text of the front page."""
    return (ROOT / "README.md").read_text("utf-8")


def test_pinned_requirements_are_pinned_and_cover_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for file, wanted in (
        ("base", project["dependencies"]),
        ("dev", project["dependencies"] + extras["dev"]),
    ):
        rows = (ROOT / f"requirements/{file}.txt").read_text("utf-8").splitlines()
        pinned = {re.match(r"([\w.-]+)==[\w.]+", row) for row in rows}
        assert None not in pinned
        names = {match[1] for match in pinned if match}
        assert {re.split(r"[><=; ]", want)[0] for want in wanted} <= names


def test_version_is_said_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", sickbay.__version__)
    shown = subprocess.run(
        [sys.executable, "-m", "sickbay", "--version"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert shown.stdout == f"sickbay {sickbay.__version__}\n"


def test_explaining_a_small_log_imports_nothing_heavy() -> None:
    program = (
        "import sys; from sickbay.cli.main import main; "
        "main(['explain', 'failed.log']); "
        f"sys.exit(' '.join(set(sys.modules) & set({(*HEAVY, 'numpy', 'rich')!r})))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=EXAMPLES,
        capture_output=True,
        check=False,
        text=True,
    )
    assert "Why" in ran.stdout
    assert ran.stderr == "\n"


def test_importing_needs_no_environment() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import sickbay.api, sickbay.cli.main"],
        env={},
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
