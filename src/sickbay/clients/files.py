"""Logs on this machine: a path, a folder or stdin, packed or not, in chunks."""

from __future__ import annotations

import codecs
import io
import os
import stat
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sickbay.core.errors import BadRequest, Denied, Malformed, NotFound, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK = 4 << 20
"""Bytes read at a time."""

HEAD = 16 << 10
"""Bytes looked at to tell what a file holds."""

MAX_CONTROL_SHARE = 0.05
"""Share of control characters, NUL aside, above which a file is no text."""

PACKED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bz2",
}
"""The first bytes of packed files."""

ZSTD_END = b"\x50\x2a\x4d\x18" + (1 << 18).to_bytes(4, "little") + b"\xff" * (1 << 18)
"""Put behind zstd data, since its reader takes a missing end for the end.

A whole frame is followed by this one, which means "skip me"; one that was cut short
takes it for its own rest, where such bytes are an error. It is longer than any block.
"""

LOG_SUFFIXES = frozenset({"", ".log", ".txt", ".out", ".err", ".raw", ".ansi", ".xml"})
PACKED_SUFFIXES = frozenset({".gz", ".zst", ".xz", ".bz2"})

_TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c\x08\x07\x1b")
_CONTROLS = bytes(sorted(set(range(1, 32)) - _TEXT_CONTROLS | {0x7F}))


def logs_in(folder: Path) -> list[Path]:
    """Every file below a folder that is named like a log, sorted; no links, no devices.

    Raises:
        NotFound: There is none.
    """
    with _mapped(folder):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return [folder / path for path in logs_below(handle, folder)]
    finally:
        os.close(handle)


def logs_below(handle: int, name: str | Path) -> list[Path]:
    """The same of a folder that is open already, as paths relative to it.

    Args:
        handle: The folder's descriptor.
        name: What errors call it.

    Raises:
        NotFound: There is none.
    """
    found = sorted(path for path in _files(handle) if _named_like_log(path))
    if not found:
        raise NotFound(
            f"no logs in {name}",
            hint=f"looked for {', '.join(sorted(LOG_SUFFIXES - {''}))}, packed or not",
        )
    return found


def _files(handle: int) -> Iterator[Path]:
    for at, folders, names, inner in os.fwalk(".", dir_fd=handle):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        for name in names:
            if not name.startswith(".") and _is_regular(name, inner):
                yield Path(at, name)


def _is_regular(name: str, folder: int) -> bool:
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except OSError:  # gone since it was listed
        return False
    return stat.S_ISREG(mode)


def _named_like_log(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in PACKED_SUFFIXES:
        suffix = Path(path.stem).suffix.lower()
    return suffix in LOG_SUFFIXES or suffix[1:].isdigit()


def chunks(path: str | Path) -> Iterator[bytes | memoryview]:
    """The unpacked bytes of a log, in chunks; ``-`` is stdin.

    A chunk is valid until the next one is asked for.

    Raises:
        NotFound: No such file.
        Denied: It may not be read.
        BadRequest: It is a folder, or empty.
        Unsupported: It is no text.
        Malformed: It is packed, and damaged.
    """
    name = "stdin" if str(path) == "-" else str(path)
    with _mapped(name), _opened(path) as raw:
        yield from chunks_of(raw, name)


def chunks_of(raw: IO[bytes], name: str) -> Iterator[bytes | memoryview]:
    """The unpacked bytes of a log that is open already, as ``chunks`` gives them.

    Args:
        raw: From its beginning, unbuffered.
        name: What errors call it.

    Raises:
        SickbayError: As ``chunks`` does.
    """
    with _mapped(name):
        head = _filled(raw)
        if not head:
            raise BadRequest(f"{name} is empty", hint="there is nothing to explain")
        stream = _Joined(io.BytesIO(head), raw)
        packed = next(
            (PACKED[magic] for magic in PACKED if head.startswith(magic)), None
        )
        parts = _unpacked(name, packed, stream) if packed else _plain(stream)
        yield from _text(name, parts)


@contextmanager
def _opened(path: str | Path) -> Iterator[IO[bytes]]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    mode = Path(path).stat().st_mode
    if stat.S_ISDIR(mode):
        raise BadRequest(f"{path} is a folder", hint="name a file in it")
    with Path(path).open("rb", buffering=0) as file:
        yield file


@contextmanager
def _mapped(name: object) -> Iterator[None]:
    """Say in our own words what the operating system says of a file."""
    try:
        yield
    except FileNotFoundError as exc:
        raise NotFound(f"no such file: {name}") from exc
    except PermissionError as exc:
        raise Denied(f"may not read {name}") from exc
    except OSError as exc:
        raise BadRequest(f"cannot read {name}: {exc.strerror or exc}") from exc


def _filled(raw: IO[bytes]) -> bytes:
    """The first bytes, however little a pipe gives at a time."""
    head = b""
    while len(head) < HEAD and (more := raw.read(HEAD - len(head))):
        head += more
    return head


def _plain(stream: _Joined) -> Iterator[bytes | memoryview]:
    buffer = bytearray(CHUNK)
    view = memoryview(buffer)
    while count := stream.readinto(buffer):
        yield view[:count]


class _Joined(io.RawIOBase):
    """Two streams, one behind the other."""

    def __init__(self, first: IO[bytes], rest: IO[bytes]) -> None:
        self._streams = [rest, first]

    def readable(self) -> bool:
        """It can be read, but not rewound."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - any writable buffer
        """Fill a buffer; 0 at the end."""
        while self._streams:
            count: int = self._streams[-1].readinto(buffer)  # type: ignore[attr-defined] # IO
            if count:
                return count
            self._streams.pop()
        return 0


def _unpacked(name: str, kind: str, stream: _Joined) -> Iterator[bytes]:
    with _unpacker(kind, io.BufferedReader(stream, CHUNK)) as unpacked:
        while True:
            try:
                part = unpacked.read(CHUNK)
            except (EOFError, OSError, ValueError, _lzma_error(), _zstd_error()) as exc:
                raise Malformed(
                    f"{name} is damaged: its {kind} data ends early or is broken",
                    hint="fetch it again",
                ) from exc
            if not part:
                return
            yield part


def _unpacker(kind: str, stream: io.BufferedReader) -> Any:  # noqa: ANN401 - four types
    if kind == "gzip":
        from isal import igzip  # noqa: PLC0415 - only for such a file

        opener: Any = igzip.IGzipFile  # its stubs leave the constructor untyped
        return opener(fileobj=stream, mode="rb")
    if kind == "zstd":
        import zstandard  # noqa: PLC0415 - only for such a file

        unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        ended = io.BufferedReader(_Joined(stream, io.BytesIO(ZSTD_END)), CHUNK)
        return unpacker.stream_reader(ended, read_across_frames=True)
    if kind == "xz":
        import lzma  # noqa: PLC0415 - only for such a file

        return lzma.LZMAFile(stream)
    import bz2  # noqa: PLC0415 - only for such a file

    return bz2.BZ2File(stream)


def _lzma_error() -> type[Exception]:
    from lzma import LZMAError  # noqa: PLC0415 - only when something broke

    return LZMAError


def _zstd_error() -> type[Exception]:
    from zstandard import ZstdError  # noqa: PLC0415 - only when something broke

    return ZstdError


def _text(
    name: str, parts: Iterable[bytes | memoryview]
) -> Iterator[bytes | memoryview]:
    """Pass text on, UTF-16 as UTF-8; refuse what is no text."""
    parts = iter(parts)
    first = bytes(next(parts, b""))
    if not first:
        raise BadRequest(f"{name} is empty", hint="there is nothing to explain")
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        yield decoder.decode(first).encode("utf-8", "replace")
        for part in parts:
            yield decoder.decode(bytes(part)).encode("utf-8", "replace")
        return
    head = first[:HEAD].replace(b"\x00", b"")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > MAX_CONTROL_SHARE * len(head) or not head:
        raise Unsupported(f"{name} is no text", hint="a log is text, packed or not")
    yield first
    yield from parts
