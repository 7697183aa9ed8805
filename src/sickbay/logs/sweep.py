r"""The bulk of cleaning: what can be dropped from a line without looking at the rest.

That is line ends of ``\r\n``, the stamp in front, colours, and Buildkite's time
markers. Two ways give the same bytes: regular expressions for a small block, whole
arrays for a big one, where importing numpy pays.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from sickbay.logs.stamps import unstamped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sickbay.logs.stamps import Form

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.intp]

_MIN_ARRAY = 1 << 16
MAX_PARAMETERS = 30
MAX_RETURNS = 3
_COLOUR = rb"\x1b(?:\[[0-9:;]{0,30}m|_bk;t=[0-9]{13}\x07)"
_MARKER = b"\x1b_bk;t=0000000000000\x07"
_LF, _CR, _ESC, _BRACKET, _ZERO, _LAST, _M = b"\n\r\x1b[0;m"


def swept(block: bytes, form: Form | None, *, arrays: bool) -> bytes:
    """The block without what needs no context; the same object when there is none.

    Args:
        block: Whole lines.
        form: The form of stamp in front of the lines.
        arrays: Whether numpy is there, or the log so big that importing it pays.
    """
    if form is None and b"\x1b" not in block and b"\r" not in block:
        return block
    if arrays and len(block) >= _MIN_ARRAY:
        return swept_by_arrays(block, form)
    return swept_by_patterns(block, form)


def swept_by_patterns(block: bytes, form: Form | None) -> bytes:
    """Sweep with regular expressions."""
    if b"\r" in block:
        for _ in range(MAX_RETURNS):
            block = block.replace(b"\r\n", b"\n")
    if form:
        block = unstamped(block, form)
    return _colour().sub(b"", block) if b"\x1b" in block else block


@cache
def _colour() -> re.Pattern[bytes]:
    return re.compile(_COLOUR)


def swept_by_arrays(block: bytes, form: Form | None) -> bytes:
    """Sweep with numpy."""
    import numpy as np  # noqa: PLC0415 - 60 ms that a small log need not pay

    if form and not form.template:
        block, form = unstamped(block, form), None
    raw = np.zeros(len(block) + 64, np.uint8)  # room to look past the end
    raw[: len(block)] = np.frombuffer(block, np.uint8)
    keep = np.ones(len(raw), np.bool_)
    if form:
        _drop_stamps(raw, keep, form.template, len(block))
    if b"\x1b" in block:
        escapes = np.flatnonzero(raw == _ESC)
        _drop_colours(raw, keep, escapes)
        if _MARKER[:7] in block:
            _drop(keep, _matching(raw, escapes, _MARKER), len(_MARKER))
    if b"\r" in block:
        _drop_returns(raw, keep)
    keep = keep[: len(block)]
    return block if keep.all() else raw[: len(block)][keep].tobytes()


def _drop_stamps(
    raw: Bytes, keep: NDArray[np.bool_], template: bytes, size: int
) -> None:
    import numpy as np  # noqa: PLC0415 - see above

    starts = np.flatnonzero(raw[:size] == _LF) + 1
    starts = np.concatenate((np.zeros(1, starts.dtype), starts))
    starts = _matching(raw, starts, template)
    after = starts + len(template)
    following = raw[after]
    ends = (following == _LF) | (following == _CR) | (after >= size)
    blank = following == ord(" ")
    _drop(keep, starts[blank | ends], len(template))
    keep[after[blank]] = False


def _matching(raw: Bytes, places: Places, template: bytes) -> Places:
    """The places where the template stands; ``0`` in it is any digit."""
    import numpy as np  # noqa: PLC0415 - see above

    windows = np.lib.stride_tricks.sliding_window_view(raw, len(template))[places]
    low = np.frombuffer(template, np.uint8)
    span = np.where(low == _ZERO, 9, 0).astype(np.uint8)
    return places[np.all((windows - low) <= span, axis=1)]


def _drop_colours(raw: Bytes, keep: NDArray[np.bool_], escapes: Places) -> None:
    starts = escapes[raw[escapes + 1] == _BRACKET]
    for width in range(3, MAX_PARAMETERS + 4):
        if not len(starts):
            return
        last = raw[starts + (width - 1)]
        _drop(keep, starts[last == _M], width)
        starts = starts[(last >= _ZERO) & (last <= _LAST)]


def _drop_returns(raw: Bytes, keep: NDArray[np.bool_]) -> None:
    import numpy as np  # noqa: PLC0415 - see above

    returns = np.flatnonzero(raw == _CR)
    places = returns[raw[returns + 1] == _LF]
    for _ in range(MAX_RETURNS):
        keep[places] = False
        places = places[places > 0] - 1
        places = places[raw[places] == _CR]
        if not len(places):
            return


def _drop(keep: NDArray[np.bool_], starts: Places, width: int) -> None:
    import numpy as np  # noqa: PLC0415 - see above

    np.lib.stride_tricks.sliding_window_view(keep, width, writeable=True)[starts] = (
        False
    )
