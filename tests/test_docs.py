from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


@pytest.mark.timeout(120)  # the first run on a machine compiles the rules
def test_reference_and_screens_are_what_the_code_prints() -> None:
    ran = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    "page",
    sorted(DOCS.rglob("*.md")),
    ids=lambda page: page.relative_to(DOCS).as_posix(),
)
def test_python_examples_do_what_they_say(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DOCS / "examples")
    ran = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert ran.failed == 0
    assert ran.attempted or page.stem != "use-from-python"


def test_examples_of_the_docs_name_no_machine() -> None:
    for log in (DOCS / "examples").glob("*.log"):
        assert b"/build/example/" in log.read_bytes() or log.stem == "passed"


def test_every_attack_in_the_docs_is_tried_by_the_test_it_names() -> None:
    page = (DOCS / "explanation" / "security.md").read_text()
    named = re.findall(r"`(tests/[^`]+)`", page)
    assert len(named) > 20
    for name in named:
        path, _, test = name.partition("::")
        assert f"def {test}" in (ROOT / path).read_text(), name
