"""Files that a caller may name: those below allowed folders, and no others."""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.clients.files import logs_below
from sickbay.core.errors import BadRequest, Denied, NotFound, SickbayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KERNEL = (Path("/proc"), Path("/sys"))
"""Never a log, whatever the roots are: it tells of processes and their secrets."""

MAX_PATH = 4096
"""Bytes of a path, as Linux has it."""

NEAREST = 3
"""File names offered where there is none of the name asked for."""

MAX_NAMES = 5_000
"""Names of a folder that are looked at for the nearest."""

_STEP = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Roots:
    """The folders that a caller may name files of.

    Links are followed first, and what they lead to has to lie below a root. Then the
    way from the root to the file is walked again, folder by folder, and nothing on it
    may be a link any more: whoever swaps one in between gets an error, not a file from
    elsewhere.

    Args:
        folders: The roots; what a relative path starts from comes first.
        setting: The variable that names more of them, for hints.
    """

    def __init__(self, folders: Sequence[Path], *, setting: str = "") -> None:
        self.setting = setting
        self.folders = tuple(dict.fromkeys(Path(os.path.realpath(f)) for f in folders))

    def open(self, path: str | Path) -> io.FileIO:
        """Open a regular file to read, unbuffered.

        Raises:
            BadRequest: That is no path, or no file.
            Denied: It lies elsewhere, or may not be read.
            NotFound: There is no such file; the hint has the nearest names.
        """
        root, inner = self._place(path)
        with self._walked(path, root, inner.parts[:-1]) as folder:
            name = inner.name or "."
            try:
                return _opened(path, name, folder)
            except FileNotFoundError as exc:
                raise _missing(path, name, folder, self._hint()) from exc

    def regular(self, path: str | Path) -> Path:
        """The path of a regular file with every link followed.

        It is for showing: to read the file, open it here, or it may be another by then.

        Raises:
            SickbayError: As ``open`` does.
        """
        self.open(path).close()
        root, inner = self._place(path)
        return root / inner

    def is_folder(self, path: str | Path) -> bool:
        """Whether there is a folder of that name below a root."""
        try:
            root, inner = self._place(path)
            with self._walked(path, root, inner.parts):
                return True
        except SickbayError:
            return False

    def logs_in(self, folder: str | Path) -> list[Path]:
        """Every file below a folder that is named like a log, sorted.

        Raises:
            SickbayError: As ``open`` does; NotFound where there are none.
        """
        root, inner = self._place(folder)
        with self._walked(folder, root, inner.parts) as found:
            return [root / inner / path for path in logs_below(found, folder)]

    def _place(self, path: str | Path) -> tuple[Path, Path]:
        """The root that a path lies below, and the rest of the way, links followed."""
        text = os.fspath(path)
        if not _is_path(text):
            raise BadRequest("that is no path", hint="name a file")
        if text.startswith("~"):
            raise Denied(f"{text}: ~ is not looked up", hint=self._hint())
        if ".." in Path(text).parts:
            raise Denied(f"{text}: no way up with ..", hint=self._hint())
        with _mapped(text):  # a link on the way may be gone before it is read
            real = Path(os.path.realpath(self.folders[0] / text))
        if any(real.is_relative_to(kernel) for kernel in KERNEL):
            raise Denied(f"{text} belongs to the kernel", hint=self._hint())
        within = [root for root in self.folders if real.is_relative_to(root)]
        if not within:
            raise Denied(f"{text} lies outside the allowed folders", hint=self._hint())
        root = max(within, key=lambda root: len(root.parts))
        return root, real.relative_to(root)

    def _hint(self) -> str:
        allowed = f"allowed: {', '.join(str(root) for root in self.folders)}"
        return f"{allowed}; set {self.setting} for more" if self.setting else allowed

    @contextmanager
    def _walked(
        self, path: str | Path, root: Path, parts: Sequence[str]
    ) -> Iterator[int]:
        """A descriptor of the folder that these steps lead to from a root."""
        with _mapped(path):
            folder = os.open(root, os.O_RDONLY | _STEP)
        try:
            for part in parts:
                with _mapped(path):
                    try:
                        step = os.open(part, os.O_RDONLY | _STEP, dir_fd=folder)
                    except FileNotFoundError as exc:
                        raise _missing(path, part, folder, self._hint()) from exc
                os.close(folder)
                folder = step
            yield folder
        finally:
            os.close(folder)


def _is_path(text: str) -> bool:
    try:
        return 0 < len(os.fsencode(text)) <= MAX_PATH and "\0" not in text
    except UnicodeEncodeError:  # half a character, as JSON can have it
        return False


def _opened(path: str | Path, name: str, folder: int) -> io.FileIO:
    """Open a regular file in a folder.

    What it is gets asked before, since opening alone can do something to a device, and
    again after, since it may have been swapped.
    """
    with _mapped(path, but=FileNotFoundError):
        _regular(path, os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        handle = os.open(name, _FILE, dir_fd=folder)
    try:
        _regular(path, os.fstat(handle).st_mode)
        return io.FileIO(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _regular(path: str | Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise BadRequest(f"{path} is a folder", hint="name a file in it")
    if stat.S_ISLNK(mode):
        raise Denied(f"{path} changed while it was opened")
    if not stat.S_ISREG(mode):
        raise Denied(f"{path} is no regular file", hint="devices and pipes are refused")


def _missing(path: str | Path, name: str, folder: int, allowed: str) -> NotFound:
    """What to say of a name that a folder does not have."""
    if "*" in name:
        hint = "there are no patterns of names: a folder stands for the logs in it"
        return NotFound(f"no such file: {path}", hint=hint)
    from itertools import islice  # noqa: PLC0415 - only for an error

    from rapidfuzz import process  # noqa: PLC0415 - only for an error

    with os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, MAX_NAMES)]
    near = process.extract(name, names, limit=NEAREST, score_cutoff=60)
    nearest = f"nearest in that folder: {', '.join(n for n, _, _ in near)}"
    return NotFound(f"no such file: {path}", hint=nearest if near else allowed)


@contextmanager
def _mapped(path: str | Path, *, but: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Say in our own words what the operating system says of a file."""
    try:
        yield
    except but:
        raise
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise NotFound(f"no such file: {path}") from exc
    except PermissionError as exc:
        raise Denied(f"may not read {path}") from exc
    except OSError as exc:
        if exc.errno == errno.ELOOP:
            raise Denied(f"{path} changed while it was opened") from exc
        raise BadRequest(f"cannot read {path}: {exc.strerror or exc}") from exc
