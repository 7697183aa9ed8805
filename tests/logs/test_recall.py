from __future__ import annotations

import subprocess
import sys

from sickbay.core.results import Skipped
from sickbay.logs import frameworks
from sickbay.logs.anchors import Anchor
from sickbay.logs.recall import recalled
from tests.logs.memory import Memory

ROWS = (Skipped("a", "b"), Skipped("c", ""))


def test_what_was_made_is_kept_and_found_again() -> None:
    cache = Memory()
    made = [recalled(cache, "x", [b"1"], Skipped, lambda: ROWS) for _ in range(2)]
    assert made == [ROWS, ROWS]
    assert cache.puts == 1


def test_a_changed_source_makes_it_anew() -> None:
    cache = Memory()
    recalled(cache, "x", [b"ab", b"c"], Skipped, lambda: ROWS)
    assert recalled(cache, "x", [b"a", b"bc"], Skipped, lambda: ROWS[:1]) == ROWS[:1]


def test_damage_is_mended() -> None:
    for damage in (b"[[1, 2, 3]]", b"\xff", b"7", b"[[", b"{}x"):
        cache = Memory()
        recalled(cache, "x", [], Skipped, lambda: ROWS)
        cache.kept = dict.fromkeys(cache.kept, damage)
        assert recalled(cache, "x", [], Skipped, lambda: ROWS) == ROWS
        assert cache.puts == 2


def test_kept_anchors_are_those_of_the_readers() -> None:
    cache = Memory()
    made = frameworks.anchors(cache)
    assert made == frameworks.anchors(cache) == frameworks.anchors()
    assert all(isinstance(anchor, Anchor) for anchor in made)


def test_every_reader_is_named_as_its_module_and_its_anchors() -> None:
    for reader in frameworks.readers():
        module = getattr(reader, "__name__", "").rpartition(".")[2]
        assert module == reader.NAME
        assert {one.name.partition(".")[0] for one in reader.ANCHORS} == {module}


def test_importing_the_engine_imports_no_reader() -> None:
    code = (
        "import sys; import sickbay.logs.explain;"
        "sys.exit('sickbay.logs.frameworks.go' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
