"""Files as people name them for an ingestion: paths, folders, patterns with stars."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.clients.files import chunks
from sickbay.core.errors import BadRequest, NotFound, SickbayError, TooLarge
from sickbay.core.results import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HIDDEN = "."


@dataclass(frozen=True, slots=True)
class Named:
    """A file, and its path below what it was named by, which tells what it is of."""

    path: Path
    below: Path


def found(names: Iterable[str], suffix: str) -> tuple[list[Named], list[Skipped]]:
    """The files that are meant, each once, and names that fit none.

    Args:
        names: Paths, folders, or patterns; ``**`` stands for any folders.
        suffix: Which files of folders are meant.

    Raises:
        BadRequest: There are no names.
        NotFound: There is not one.
    """
    if not (names := list(names)):
        raise BadRequest(
            "no file is named", hint="such as 'reports/**/*.xml', in quotes"
        )
    files: dict[Path, Named] = {}
    skipped = []
    for name in names:
        try:
            some = list(_meant(name, suffix)) if name.strip() else []
        except (OSError, ValueError) as exc:  # too long, no pattern, a closed folder
            skipped.append(Skipped(name[:200], f"it cannot be looked at: {exc}"[:300]))
            continue
        if not some:
            skipped.append(Skipped(name, "there is no such file"))
        for one in some:
            files.setdefault(one.path.absolute(), one)
    if not files:
        said = ", ".join(one.what for one in skipped[:3])
        raise NotFound(
            f"no file fits {said}", hint="put patterns in quotes: 'reports/**/*.xml'"
        )
    return sorted(files.values(), key=lambda one: one.path), skipped


def naming(error: SickbayError, name: str) -> SickbayError:
    """The error, with the file's name where it does not say it."""
    if name in error.message:
        return error
    return type(error)(f"{name}: {error.message}", hint=error.hint)


def content(path: Path, max_bytes: int) -> bytes:
    """All of a file, unpacked.

    Raises:
        SickbayError: It cannot be read, is no text, or is larger than that.
    """
    data = bytearray()
    for part in chunks(path):
        data += part
        if len(data) > max_bytes:
            raise TooLarge(f"{path} has more than {max_bytes:,} bytes")
    return bytes(data)


def _meant(name: str, suffix: str) -> Iterator[Named]:
    path = Path(name)
    if path.is_dir():
        for one in sorted(path.rglob(f"*{suffix}")):
            below = one.relative_to(path)
            if one.is_file() and not any(p.startswith(_HIDDEN) for p in below.parts):
                yield Named(one, below)
    elif path.is_file():
        yield Named(path, Path(path.name))
    elif glob.has_magic(name):
        base = _base(path)
        for one in sorted(base.glob(str(path.relative_to(base)))):
            if one.is_file():
                yield Named(one, one.relative_to(base))


def _base(pattern: Path) -> Path:
    """The folder before the first part with a star."""
    plain: list[str] = []
    for part in pattern.parts:
        if glob.has_magic(part):
            break
        plain.append(part)
    return Path(*plain)
