"""Reads JSON into typed objects; what has another type than agreed is left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec
from msgspec import DecodeError, ValidationError

from sickbay.core.errors import Malformed

T = TypeVar("T")

_WRONG = (ValidationError, RecursionError)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read, and how many values in it could not be."""

    value: T
    unreadable: int = 0


class CutError(Malformed):
    """The data ends before its end."""


class Tolerant(Generic[T]):
    """A decoder of one type.

    An item of a list that cannot be read is None where that is allowed, and left out
    where not; a field that cannot be read has its default.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind, strict=False)

    def __call__(self, body: bytes) -> Read[T]:
        """Read it.

        Raises:
            Malformed: It is no JSON, or nothing like what was agreed.
        """
        try:
            return Read(self._decoder.decode(body))
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return self.of(json_of(body))

    def of(self, data: Any) -> Read[T]:  # noqa: ANN401 - any JSON
        """The same of JSON that is plain objects already.

        Raises:
            Malformed: It is nothing like what was agreed.
        """
        loose = _Loose()
        try:
            return Read(loose.read(data, self._kind), loose.lost)
        except _WRONG as exc:
            raise Malformed(f"the data is not what was agreed: {exc}") from exc


def json_of(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """JSON as plain objects; characters that are none are replaced.

    Raises:
        Malformed: It is no JSON; CutError where it only ends too early.
    """
    try:
        return msgspec.json.decode(body)
    except DecodeError as exc:
        if "truncated" in str(exc):
            raise CutError("the data ends early") from exc
    except (UnicodeDecodeError, RecursionError):
        pass
    try:  # half a character, such as in a text that was cut
        data = json.loads(body.decode(errors="replace"))
        whole = json.dumps(data, ensure_ascii=False).encode(errors="replace")
        return msgspec.json.decode(whole)
    except (ValueError, RecursionError) as exc:
        raise Malformed("the data is no JSON") from exc


class _Loose:
    """Reads what fits, and counts what does not."""

    def __init__(self) -> None:
        self.lost = 0

    def read(self, data: Any, kind: Any) -> Any:  # noqa: ANN401 - any JSON, any type
        """The data as that type, without what does not fit."""
        try:
            return msgspec.convert(data, kind, strict=False)
        except ValidationError:
            origin, arguments = get_origin(kind), get_args(kind)
            if origin is UnionType:
                return self._either(data, arguments)
            if isinstance(data, dict) and isinstance(kind, type(msgspec.Struct)):
                return self._struct(data, kind)
            if isinstance(data, dict) and origin is dict:
                return self._mapping(data, *arguments)
            if isinstance(data, list) and origin in {list, tuple}:
                return origin(self._items(data, arguments[0]))
            raise

    def _either(self, data: Any, kinds: tuple[Any, ...]) -> Any:  # noqa: ANN401 - see read
        first, *others = (kind for kind in kinds if kind is not NoneType)
        try:
            return self.read(data, first)
        except ValidationError:
            if not others:
                raise
            return self._either(data, tuple(others))

    def _struct(self, data: dict[str, Any], kind: type[msgspec.Struct]) -> Any:  # noqa: ANN401 - see read
        found = {}
        for field in msgspec.structs.fields(kind):
            if field.encode_name in data:
                try:
                    found[field.name] = self.read(data[field.encode_name], field.type)
                except _WRONG:
                    self.lost += 1
        return kind(**found)

    def _mapping(self, data: dict[str, Any], key: Any, value: Any) -> dict[Any, Any]:  # noqa: ANN401 - see read
        found = {}
        for name, item in data.items():
            try:
                found[self.read(name, key)] = self.read(item, value)
            except _WRONG:
                self.lost += 1
        return found

    def _items(self, data: list[Any], kind: Any) -> list[Any]:  # noqa: ANN401 - see read
        found = []
        for item in data:
            try:
                found.append(self.read(item, kind))
            except _WRONG:
                self.lost += 1
                if NoneType in get_args(kind):
                    found.append(None)
        return found
