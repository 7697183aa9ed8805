from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sickbay.clients.files import chunks, chunks_of, logs_in
from sickbay.core.errors import (
    BadRequest,
    Malformed,
    NotFound,
    SickbayError,
    Unsupported,
)

if TYPE_CHECKING:
    from pathlib import Path

LOG = b"a line\nan error: here\n" * 3000
ZSTD = zstandard.ZstdCompressor(write_checksum=True).compress(
    b"".join(b"%d %x\n" % (n, n * n * 7919) for n in range(40_000))
)
"""Several blocks, of which none is trivial."""


def read(path: Path | str) -> bytes:
    return b"".join(bytes(chunk) for chunk in chunks(path))


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(LOG, id="plain"),
        pytest.param(gzip.compress(LOG), id="gzip"),
        pytest.param(gzip.compress(LOG[:50]) + gzip.compress(LOG[50:]), id="members"),
        pytest.param(zstandard.ZstdCompressor().compress(LOG), id="zstd"),
        pytest.param(lzma.compress(LOG), id="xz"),
        pytest.param(bz2.compress(LOG), id="bz2"),
    ],
)
def test_packing_is_told_by_content_not_by_name(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "job.log"
    path.write_bytes(packed)
    assert read(path) == LOG


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(gzip.compress(LOG), id="gzip"),
        pytest.param(zstandard.ZstdCompressor().compress(LOG), id="zstd"),
        pytest.param(lzma.compress(LOG), id="xz"),
        pytest.param(bz2.compress(LOG), id="bz2"),
    ],
)
def test_a_cut_file_is_named_damaged(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "job.log"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(Malformed, match=r"job\.log is damaged"):
        read(path)


@settings(max_examples=200)
@given(st.integers(4, len(ZSTD) - 1))
def test_zstd_data_cut_anywhere_is_named_damaged(cut: int) -> None:
    with pytest.raises(Malformed, match=r"job\.log is damaged"):
        b"".join(bytes(chunk) for chunk in chunks_of(io.BytesIO(ZSTD[:cut]), "job.log"))


def test_utf16_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "windows.log"
    path.write_bytes("Fehler: größer\r\n".encode("utf-16"))
    assert read(path).decode() == "Fehler: größer\r\n"


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "core.log"
    path.write_bytes(bytes(range(256)) * 50)
    with pytest.raises(Unsupported, match="is no text"):
        read(path)


def test_a_few_nul_bytes_are_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    path.write_bytes(b"\x00" + LOG)
    assert read(path) == b"\x00" + LOG


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["plain", "gzip"])
def test_an_empty_log_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "job.log"
    path.write_bytes(content)
    with pytest.raises(BadRequest, match="is empty"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no such file: .*gone\.log"):
        read(tmp_path / "gone.log")


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="is a folder"):
        read(tmp_path)


def test_stdin_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    end, other = os.pipe()
    os.write(other, gzip.compress(LOG[:2000]))
    os.close(other)
    with os.fdopen(end, "rb") as raw:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
        assert read("-") == LOG[:2000]


def test_a_folders_logs_are_found_whatever_their_packing(tmp_path: Path) -> None:
    (tmp_path / "shard 1").mkdir()
    for name in ("a.log", "shard 1/b.txt.gz", "junit.xml", "3_test", "x.log.1"):
        (tmp_path / name).write_bytes(LOG)
    for name in ("logo.png", ".hidden.log", "main.py"):
        (tmp_path / name).write_bytes(LOG)
    (tmp_path / "link.log").symlink_to(tmp_path / "a.log")
    os.mkfifo(tmp_path / "pipe.log")
    found = [str(path.relative_to(tmp_path)) for path in logs_in(tmp_path)]
    assert found == ["3_test", "a.log", "junit.xml", "shard 1/b.txt.gz", "x.log.1"]


def test_a_folder_without_logs_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no logs in .*\.log"):
        logs_in(tmp_path)


def test_every_error_says_its_kind(tmp_path: Path) -> None:
    with pytest.raises(SickbayError) as caught:
        read(tmp_path / "gone.log")
    assert caught.value.kind == "not_found"
    assert not caught.value.retryable
