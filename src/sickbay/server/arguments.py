"""What a tool takes: its schema for clients, and a helpful check of what they send."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, create_model

from sickbay.core.errors import BadRequest
from sickbay.core.tool import Identifier, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_UNIONS = frozenset({"Union", "UnionType"})

HIDDEN = "[secret]"
"""Stands for the value of a secret argument, wherever one is repeated."""

SHOWN = 80
"""Characters of a wrong value that an error repeats."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as its annotation describes it."""

    name: str
    type: Any
    default: Any
    description: str
    secret: bool = False
    identifier: bool = False


class Arguments:
    """The arguments of one tool.

    Args:
        function: Its keyword-only parameters are the arguments.
        more: Arguments that the server adds: cursor, confirm.
    """

    def __init__(
        self, function: Callable[..., Any], more: tuple[Argument, ...] = ()
    ) -> None:
        self.items = (*_arguments(function), *more)
        self.names = tuple(argument.name for argument in self.items)
        fields: dict[str, Any] = {item.name: _field(item) for item in self.items}
        config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)
        self._model: type[BaseModel] = create_model(
            function.__name__, __config__=config, **fields
        )

    @property
    def secret(self) -> frozenset[str]:
        """The arguments that are never shown."""
        return frozenset(item.name for item in self.items if item.secret)

    def schema(self) -> dict[str, Any]:
        """JSON schema for clients: flat, without titles, nulls and references."""
        raw = self._model.model_json_schema()
        definitions = raw.get("$defs", {})
        by_name = {item.name: item for item in self.items}
        properties = {
            name: _plain(value, definitions, by_name[name])
            for name, value in raw.get("properties", {}).items()
        }
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required := raw.get("required"):
            schema["required"] = required
        return {**schema, "additionalProperties": False}

    def validated(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with their types and defaults.

        Raises:
            BadRequest: One line that names the argument, what it may be, and what
                comes nearest.
        """
        listed = self._listed(given)
        for name in listed:
            if name not in self.names:
                raise self._unknown(name)
        try:
            model = self._model.model_validate(listed)
        except ValidationError as exc:
            raise self._explained(exc) from None
        return {name: getattr(model, name) for name in self.names}

    def _listed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Take ``log`` for ``logs`` where there is only the list."""
        listed = dict(given)
        for name in given.keys() - set(self.names):
            many = f"{name}s"
            if many in self.names and many not in given:
                listed[many] = listed.pop(name)
        return listed

    def _explained(self, exc: ValidationError) -> BadRequest:
        errors = exc.errors(include_url=False, include_context=True)
        first, more = errors[0], len(errors) - 1
        rest = f"; and {more} more" if more else ""
        name = str(first["loc"][0]) if first["loc"] else "arguments"
        if first["type"] == "missing" and len(first["loc"]) == 1:
            return BadRequest(f"argument {name}: is needed{rest}", hint=self._usage())
        shown = HIDDEN if name in self.secret else _quoted(first["input"])
        about = {item.name: item.description for item in self.items}.get(name, "")
        return BadRequest(
            f"argument {name}: {_complaint(first, shown)}{rest}",
            hint=f"{name}: {about}" if about else "",
        )

    def _unknown(self, name: str) -> BadRequest:
        shown = " ".join(name[:SHOWN].split())
        message = f"there is no argument {shown}{nearest(name, self.names)}"
        return BadRequest(message, hint=self._usage())

    def _usage(self) -> str:
        if not self.names:
            return "it takes no arguments"
        return f"it takes {', '.join(self.names)}"


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str:
    """``; did you mean x?``, or nothing where nothing is near."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only when it is wrong

    found = process.extractOne(
        word[:200].lower(), known, scorer=fuzz.ratio, score_cutoff=50
    )
    return f"; did you mean {found[0]}?" if found else ""


def _quoted(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _complaint(error: ErrorDetails, shown: str) -> str:
    if error["type"] in {"literal_error", "enum"}:
        said = str(error["ctx"]["expected"])
        allowed = [part.strip(" '") for part in said.replace(" or ", ",").split(",")]
        close = nearest(shown, allowed)
        return f"{shown} is none of {', '.join(allowed)}{close}"
    place = "".join(f"[{part}]" for part in error["loc"][1:] if isinstance(part, int))
    message = error["msg"].removeprefix("Value error, ")
    return (
        f"{place}{' ' if place else ''}{message[:1].lower()}{message[1:]}, got {shown}"
    )


def _arguments(function: Callable[..., Any]) -> list[Argument]:
    hints = get_type_hints(function, include_extras=True)
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        hint = hints[name]
        marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        default = parameter.default
        found.append(
            Argument(
                name=name,
                type=hint,
                default=... if default is inspect.Parameter.empty else default,
                description=next((m for m in marks if isinstance(m, str)), ""),
                secret=any(isinstance(mark, Secret) for mark in marks),
                identifier=any(isinstance(mark, Identifier) for mark in marks),
            )
        )
    return found


def _field(argument: Argument) -> tuple[Any, Any]:
    before = BeforeValidator(_lenient(argument.type))
    lenient = Annotated[argument.type, before]  # type: ignore[name-defined] # at run time
    return lenient, Field(default=argument.default, description=argument.description)


def _lenient(hint: object) -> Callable[[Any], Any]:
    """Take one value for a list, and a list that was sent as JSON text."""
    if not _is_list(hint):
        return _number_as_text if _is_text(hint) else _same

    def listed(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
        if not isinstance(value, str):
            return [value] if type(value) in (int, float) else value
        if value.startswith("["):
            try:
                return json.loads(value)
            except (ValueError, RecursionError):
                return [value]
        return [value]

    return listed


def _same(value: Any) -> Any:  # noqa: ANN401 - see above
    return value


def _number_as_text(value: Any) -> Any:  # noqa: ANN401 - see above
    """Keep a number as it was written; true and false are no text."""
    return str(value) if type(value) in (int, float) else value


def _kinds(hint: object) -> set[object]:
    """The types that an annotation allows, without marks and arguments."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _kinds(get_args(hint)[0])
    arguments = get_args(hint)
    if origin in (list, tuple, dict):
        return {origin}
    if arguments and getattr(origin, "__name__", "") in _UNIONS:
        return {kind for part in arguments for kind in _kinds(part)}
    return {hint}


def _is_list(hint: object) -> bool:
    kinds = _kinds(hint)
    return bool(kinds & {list, tuple}) and str not in kinds


def _is_text(hint: object) -> bool:
    return str in _kinds(hint)


def _plain(schema: Any, definitions: Mapping[str, Any], argument: Argument) -> Any:  # noqa: ANN401 - JSON
    """A property as short as it can be said."""
    plain = _inlined(schema, definitions)
    plain.pop("title", None)
    if plain.get("default", ...) is None:
        del plain["default"]
    if not plain.get("description"):
        plain.pop("description", None)
    if argument.identifier and plain.get("type") == "string":
        plain["type"] = ["string", "integer"]
    return plain


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """A schema with its references put in place and alternatives of null left out."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        rest = {key: schema[key] for key in schema if key != "$ref"}
        named = definitions[reference.rsplit("/", 1)[-1]]
        return _inlined({**named, **rest}, definitions)
    found = {
        key: _inlined(value, definitions)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }
    options = [part for part in found.get("anyOf", ()) if part != {"type": "null"}]
    if len(options) == 1 and len(found["anyOf"]) == 2:  # noqa: PLR2004 - it or null
        del found["anyOf"]
        return {**options[0], **found}
    return found
