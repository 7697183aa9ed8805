"""The one error tree: what went wrong, whether to try again, and what to do.

    SickbayError
    +-- BadRequest     the caller's input is wrong
    +-- NotFound       there is no such thing
    +-- Denied         not allowed, here or there
    +-- Unavailable    an outside system did not answer
    |   +-- Unsure     nobody knows whether it made the change that was asked for
    +-- TimedOut       it answered too late
    +-- TooLarge       it does not fit
    +-- Malformed      it answered, but not in the form agreed
    +-- Unsupported    this cannot be done here

Foreign exceptions are mapped to these in ``sickbay.clients`` only.
"""

from __future__ import annotations

from typing import ClassVar


class SickbayError(Exception):
    """An error with a sentence for the user, and a hint of what to do about it.

    Args:
        message: One line that says what is wrong.
        hint: One line that says what to do, or empty.
    """

    kind: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class BadRequest(SickbayError):  # noqa: N818 - the tree's names are its kinds
    """The caller's input is wrong."""

    kind = "bad_request"


class NotFound(SickbayError):  # noqa: N818 - see BadRequest
    """There is no such thing."""

    kind = "not_found"


class Denied(SickbayError):  # noqa: N818 - see BadRequest
    """Not allowed."""

    kind = "denied"


class Unavailable(SickbayError):  # noqa: N818 - see BadRequest
    """An outside system did not answer."""

    kind = "unavailable"
    retryable = True


class Unsure(Unavailable):
    """A change was asked for, and nobody knows whether it was made."""

    retryable = False


class TimedOut(SickbayError):  # noqa: N818 - see BadRequest
    """An outside system answered too late."""

    kind = "timed_out"
    retryable = True


class TooLarge(SickbayError):  # noqa: N818 - see BadRequest
    """It does not fit."""

    kind = "too_large"


class Malformed(SickbayError):  # noqa: N818 - see BadRequest
    """Something answered, but not in the form agreed."""

    kind = "malformed"


class Unsupported(SickbayError):  # noqa: N818 - see BadRequest
    """This cannot be done here."""

    kind = "unsupported"
