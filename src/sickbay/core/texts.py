"""The strings inside JSON data: looked at as one, since most need no change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def texts(data: Any) -> str:  # noqa: ANN401 - any JSON
    """Every string in JSON data, names of keys included, each on lines of its own."""
    found: list[str] = []
    _gather(data, found)
    return "\n".join(found)


def cleaned(data: Any, clean: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    """JSON data with every string in it cleaned; the data itself where all are clean.

    Args:
        data: JSON data.
        clean: Finds in a text of many lines whatever it finds in one of them.
    """
    together = texts(data)
    return data if clean(together) == together else changed(data, clean)


def changed(data: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    """JSON data with every string in it changed, names of keys included."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {change(str(key)): changed(data[key], change) for key in data}
    if isinstance(data, (list, tuple)):
        return [changed(item, change) for item in data]
    return data


def _gather(data: Any, found: list[str]) -> None:  # noqa: ANN401 - any JSON
    if isinstance(data, str):
        found.append(data)
    elif isinstance(data, dict):
        found.extend(map(str, data))
        for value in data.values():
            _gather(value, found)
    elif isinstance(data, (list, tuple)):
        for item in data:
            _gather(item, found)
