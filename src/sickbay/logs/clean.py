r"""Cleaning: raw lines in, the text of the same lines out.

Time stamps, colours, markers of sections and everything that a terminal would not show
go; line ``n`` of the result is line ``n`` of the raw log.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING

from sickbay.logs.dialects import HEAD_BYTES, named
from sickbay.logs.redraw import resolved
from sickbay.logs.stamps import BOM, form_of, returned
from sickbay.logs.sweep import swept

if TYPE_CHECKING:
    from sickbay.logs.report import Ci
    from sickbay.logs.stamps import Form

_ENDS = rb"(?:\r?\x1b\[0?K|\r|(?=\n|\Z))"
_SECTIONS: dict[Ci, bytes] = {
    "gitlab": rb"section_(?:start|end):[0-9]{1,12}:[^\s\x1b\[:]{1,200}+"
    rb"(?:\[[^\]\s]{0,300}+\])?" + _ENDS,
    "travis": rb"travis_(?:fold|time):(?:start|end):[^\s\x1b:]{1,200}+"
    rb"(?::start=[^\s\x1b:]{0,300}+)?" + _ENDS,
}
_MAC_LINE_ENDS = rb"(?m)^(?:nl\n){3}nl"
"""What Travis writes for a line end on macOS: three lines of it, and a fourth before
whatever follows."""

_BIG = 8 << 20
"""Bytes from which arrays beat regular expressions, the import of numpy included.

Where numpy is there already, they do from the start."""

_UNSEEN = (b"\x00", b"\x0e", b"\x0f")
_CUT_BY_RUNNER: frozenset[Ci] = frozenset({"github-actions", "azure"})


class Cleaner:
    """Cleans one log, block by block.

    Args:
        head: The start of the log, from which its CI and stamps are told; the first
            block by default.
    """

    __slots__ = ("_form", "_seen", "_told", "ci")

    def __init__(self, head: bytes = b"") -> None:
        self.ci: Ci = "plain"
        self._form: Form | None = None
        self._told = False
        self._seen = 0
        if head:
            self._tell(head)

    def clean(self, block: bytes) -> bytes:
        """Clean a block of whole lines; it keeps its number of line ends.

        Args:
            block: Lines of the log that follow the ones of the last call; only the
                last line of the last block may lack its line end.
        """
        if not self._told:
            self._tell(block)
        block = _plain(block)
        self._seen += len(block)
        arrays = self._seen > _BIG or "numpy" in sys.modules
        block = swept(block, self._form, arrays=arrays)
        if self.ci in _SECTIONS:
            block = _compiled(_SECTIONS[self.ci]).sub(b"", block)
        if self.ci == "travis" and b"nl\nnl\n" in block:
            block = _compiled(_MAC_LINE_ENDS).sub(b"\n\n\n", block)
        if self._form and b"\r" in block:
            block = returned(block, self._form)
        return resolved(block, upwards=self.ci not in _CUT_BY_RUNNER)

    def _tell(self, head: bytes) -> None:
        head = head[:HEAD_BYTES]
        self._form = form_of(head)
        self.ci = named(head, self._form)
        self._told = True


def _plain(block: bytes) -> bytes:
    """Without padding, byte order marks, and 8-bit forms of escape sequences."""
    if any(control in block for control in _UNSEEN):
        block = block.translate(None, b"".join(_UNSEEN))
    if block.isascii():
        return block
    if BOM in block:
        block = _compiled(rb"(?m)^\xef\xbb\xbf").sub(b"", block)
    if b"\xc2" in block:
        block = _compiled(rb"\xc2[\x90\x98\x9b-\x9f]").sub(_seven_bit, block)
    return block


def _seven_bit(match: re.Match[bytes]) -> bytes:
    return bytes((0x1B, match[0][1] - 0x40))


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)
