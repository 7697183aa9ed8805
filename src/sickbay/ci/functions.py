"""Functions: the lines of a test in the source of its file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_CHARS = 1 << 20

_BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)


def lines_of(source: str, names: Sequence[str]) -> tuple[int, int] | None:
    """First and last line, from 1, of a Python function, its decorators included.

    None where the source has no such function, or cannot be read.

    Args:
        source: Of the file.
        names: The function, behind the classes that it is in.
    """
    if not names or len(source) > MAX_CHARS:
        return None
    try:
        found: ast.AST | None = ast.parse(source)
    except _BROKEN:
        return None
    for name in names:
        found = _named(found, name) if found else None
    if not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    start = min((one.lineno for one in found.decorator_list), default=found.lineno)
    return start, found.end_lineno or found.lineno


def _named(node: ast.AST, name: str) -> ast.AST | None:
    """The last definition of a name in it, for that is the one which holds."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    inside = ast.iter_child_nodes(node)
    found = [one for one in inside if isinstance(one, kinds) and one.name == name]
    return found[-1] if found else None
