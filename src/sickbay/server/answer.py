"""From a tool's result to what the client gets: echoed, paged, clean, in budget."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, get_type_hints

from fastmcp.tools.base import ToolResult
from mcp_types import ImageContent, ResourceLink, TextContent
from pydantic import TypeAdapter

from sickbay.core.cursor import cursor, offset_of, question_of
from sickbay.core.results import Image, Listing
from sickbay.core.texts import cleaned
from sickbay.core.untrusted import visible
from sickbay.render.budget import at, dumped, finite, page, readable
from sickbay.server.arguments import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sickbay.core.manifest import Alias
    from sickbay.core.redact import Redactor
    from sickbay.core.results import Result
    from sickbay.core.tool import Call, Tool

ECHO = 200
"""Characters of an argument that a result repeats."""

_HANDLES = 120
"""Bytes for next_cursor and whole, which are only known once a page is cut."""

_FIRST = ("outcome", "message")
_LAST = ("coverage", "next_cursor", "error")


@dataclass(frozen=True, slots=True)
class Finish:
    """What every answer goes through last.

    Attributes:
        redactor: Takes secrets out.
        keep: Keeps a document that had to be shortened, and gives the handle under
            which it can be read as a log; None where it cannot be kept.
    """

    redactor: Redactor
    keep: Callable[[str, str], str | None]

    def data(self, data: Any) -> Any:  # noqa: ANN401 - any JSON
        """JSON data without what cannot be seen, and without secrets."""
        return cleaned(data, self.text)

    def text(self, text: str) -> str:
        """A text without what cannot be seen, and without secrets."""
        return self.redactor.text(visible(text))


class Answers:
    """Makes the answers of one tool.

    Args:
        name: The tool's full name.
        tool: What it declares: size, pages, foreign text.
        result_type: The dataclass that it returns.
        arguments: Names of its arguments, echoed in every answer.
        secret: The arguments that are not.

    Raises:
        TypeError: The result type breaks a rule: a field without a default, or one
            that is called like an argument.
    """

    def __init__(  # noqa: PLR0913 - each is a different thing
        self,
        *,
        name: str,
        tool: Tool,
        result_type: type[Result],
        arguments: tuple[str, ...],
        secret: frozenset[str],
        finish: Finish,
    ) -> None:
        self._name = name
        self._tool = tool
        self._type = result_type
        self._echoed = tuple(
            item for item in arguments if item not in {"cursor", "confirm", "effect_id"}
        )
        self._secret = secret
        self._finish = finish
        self._adapter: TypeAdapter[Any] = TypeAdapter(result_type)
        self._check()

    def failed(self, **how: Any) -> Result:  # noqa: ANN401 - fields of the result
        """The result of a call that did not get through: defaults, and how it went."""
        return self._type(**how)

    def offset(self, arguments: Mapping[str, Any]) -> int:
        """The first item that a call asks for."""
        word = arguments.get("cursor") if self._tool.items else None
        if not word:  # a model that fills in every argument leaves it empty
            return 0
        return offset_of(word, question=self._question(arguments))

    async def made(
        self,
        result: Result,
        arguments: Mapping[str, Any],
        *,
        call: Call,
        offset: int = 0,
        alias: Alias | None = None,
    ) -> ToolResult:
        """The answer to a client.

        Args:
            result: What the tool returned.
            arguments: What it was called with.
            call: The running call; keeps what does not fit in a worker thread.
            offset: First item of the page.
            alias: The old name that it was called by; its keys are added.
        """
        document = self._document(result, arguments)
        if alias and alias.result:
            document.update(alias.result(document))
        document = self._finish.data(document)
        cut = page(
            document,
            items=self._items(result),
            offset=offset,
            budget_bytes=self._budget_bytes(alias) - _HANDLES,
        )
        shown = dict(cut.document)
        if cut.next_offset is not None:
            question = self._question(arguments)
            shown["next_cursor"] = cursor(cut.next_offset, question=question)
        if cut.clipped:
            keep, text = self._finish.keep, readable(document)
            shown["whole"] = await call.thread(keep, self._name, text)
        return self._packed(shown, result, text=cut.text or dumped(shown))

    def _budget_bytes(self, alias: Alias | None) -> int:
        own = alias.budget_bytes if alias else None
        return self._tool.budget_bytes if own is None else own

    def schema(self) -> dict[str, Any]:
        """JSON schema of the answers."""
        schema = self._adapter.json_schema(mode="serialization")
        if image := schema.get("$defs", {}).get(Image.__name__):
            del image["properties"]["data"]  # it goes into a block of its own
            image["required"].remove("data")
        properties = dict(schema.get("properties", {}))
        properties.update({name: {} for name in self._echoed})
        properties["whole"] = {"type": ["string", "null"]}
        properties["untrusted"] = {"type": "array", "items": {"type": "string"}}
        return {**schema, "properties": properties, "required": sorted(properties)}

    def _document(self, result: Result, arguments: Mapping[str, Any]) -> dict[str, Any]:
        exclude = {"images": {"__all__": {"data"}}} if _images(result) else None
        data = self._adapter.dump_python(result, mode="json", exclude=exclude)
        if result.outcome == "ok":
            data["outcome"] = self._outcome(result, data)
        document = {key: data[key] for key in _FIRST if key in data}
        for name in self._echoed:
            document[name] = (
                HIDDEN
                if name in self._secret
                else _echo(arguments.get(name), self._finish.data)
            )
        rest = (key for key in data if key not in {*_FIRST, *_LAST})
        document.update({key: data[key] for key in rest})
        document["untrusted"] = list(self._tool.untrusted)
        document["whole"] = None
        document.update({key: data[key] for key in _LAST if key in data})
        return document

    def _items(self, result: Result) -> str | None:
        """Dotted path of the list that comes in pages."""
        other = result.paged if isinstance(result, Listing) else None
        return other or self._tool.items

    def _outcome(self, result: Result, data: Mapping[str, Any]) -> str:
        """``empty`` and ``partial`` follow from the result; a tool need not say so.

        Where nothing was found, but not everywhere looked, it may well be there.
        """
        if data.get("coverage", {}).get("skipped"):
            return "partial"
        items = self._items(result)
        if isinstance(result, Listing) and items:
            found = at(data, items)
            if not found if result.nothing is None else result.nothing:
                return "empty"
        return "ok"

    def _packed(
        self, document: dict[str, Any], result: Result, *, text: str
    ) -> ToolResult:
        content: list[Any] = [TextContent(type="text", text=text)]
        if result.outcome == "confirmation_required":
            said = TextContent(type="text", text=document["message"] or "")
            content.insert(0, said)
        content.extend(_image_block(image) for image in _images(result))
        if document["whole"]:
            content.append(_link(document["whole"], self._name))
        return ToolResult(
            content=content,
            structured_content=document,
            is_error=result.outcome == "error",
        )

    def _question(self, arguments: Mapping[str, Any]) -> str:
        asked = {key: arguments[key] for key in arguments if key != "cursor"}
        return question_of(self._name, asked)

    def _check(self) -> None:
        hints = get_type_hints(self._type)
        for item in fields(self._type):
            if item.default is MISSING and item.default_factory is MISSING:
                raise TypeError(f"{self._name}: result field {item.name}: no default")
            if item.name in self._echoed:
                raise TypeError(f"{self._name}: {item.name} is argument and result")
        if "id" in hints:
            raise TypeError(f"{self._name}: result field id: say whose id it is")


def _echo(value: Any, clean: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any JSON
    """An argument as the result repeats it: itself, or its beginning.

    It is cleaned before it is cut: half a secret would not be known as one.
    """
    if isinstance(value, str):
        more = len(value) - ECHO
        if more <= 0:
            return value
        return f"{clean(value)[:ECHO]}… [{more:,} more characters]"
    if not isinstance(value, (list, tuple, dict)):
        return value
    value = clean(finite(value))
    if len(dumped(value)) <= ECHO:
        return value
    if isinstance(value, dict):
        return f"[{len(value)} entries]"
    kept: list[Any] = []
    for item in value:
        if len(dumped([*kept, item])) > ECHO:
            break
        kept.append(item)
    return [*kept, f"… [{len(value) - len(kept):,} more]"]


def _images(result: Result) -> tuple[Image, ...]:
    images: tuple[Image, ...] = getattr(result, "images", ())
    return images


def _image_block(image: Image) -> ImageContent:
    import base64  # noqa: PLC0415 - few results have pictures

    data = base64.b64encode(image.data).decode()
    return ImageContent(type="image", data=data, mime_type=image.mime_type)


def _link(handle: str, name: str) -> ResourceLink:
    uri = f"sickbay://logs/{handle.removeprefix('log:')}"
    return ResourceLink(
        type="resource_link",
        uri=uri,
        name=f"{name} in full",
        mime_type="application/json",
    )
