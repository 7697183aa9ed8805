"""Types that data are read into, made known before threads read them."""

from __future__ import annotations

from threading import Lock
from typing import TypeVar

import msgspec

T = TypeVar("T")

_TURN = Lock()


def known(kind: type[T]) -> type[T]:
    """The type, once msgspec has learned all its fields.

    It learns a type when it is first read, and two threads that make it learn the same
    one at the same time end the process with a segmentation fault.
    """
    with _TURN:
        msgspec.json.Decoder(kind)
    return kind
