"""The rules, each a function that says what is wrong with a tool."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import jsonschema  # type: ignore[import-untyped] # ships no types

from sickbay.core.results import Outcome
from tests.contract.seen import Seen, Subject, at, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Rule = Callable[[Subject], Iterable[str]]

MAX_DESCRIPTION = 1_000
"""Bytes."""

MAX_REQUIRED = 3

ADDED = {"cursor", "confirm", "effect_id"}
"""Arguments that are not echoed."""

VAGUE = {"exec", "bootstrap", "do", "handle", "process", "misc", "stuff"}

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_NO_ID = re.compile(r"id|.*(Id|ID|_ids_?)|uuid")


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One broken rule."""

    rule: str
    tool: str
    what: str


RULES: list[tuple[str, Rule]] = []


def rule(name: str) -> Callable[[Rule], Rule]:
    """Add a rule; one name may stand for several functions."""

    def added(function: Rule) -> Rule:
        RULES.append((name, function))
        return function

    return added


def violations(subjects: Sequence[Subject]) -> list[Violation]:
    """Everything that is wrong with these tools."""
    found = [
        Violation(name, subject.name, what)
        for subject in subjects
        for name, check in RULES
        for what in check(subject)
    ]
    return sorted({*found, *_mixed_ids(subjects)})


@rule("R1")
def _described(subject: Subject) -> Iterator[str]:
    text = subject.listed.get("description") or ""
    if not 20 <= len(text.encode()) <= MAX_DESCRIPTION:
        yield f"its description has {len(text.encode())} bytes"
    for name, schema in subject.listed["inputSchema"]["properties"].items():
        if not schema.get("description"):
            yield f"argument {name} has no description"
    for name in subject.own_fields:
        if not re.search(rf"\b{name.replace('_', '[_ ]')}\b", text):
            yield f"its description does not name {name}"


@rule("schema")
def _flat(subject: Subject) -> Iterator[str]:
    schema = subject.listed["inputSchema"]
    if schema.get("additionalProperties") is not False:
        yield "its schema takes unknown arguments"
    if "$ref" in repr(schema) or "$defs" in repr(schema):
        yield "its schema has references"
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, value in schema["properties"].items():
        if value.get("type") == "object" and value.get("properties"):
            yield f"argument {name} is an object of objects"


@rule("R2")
def _identifiers(subject: Subject) -> Iterator[str]:
    for name, schema in subject.listed["inputSchema"]["properties"].items():
        if not name.endswith(("_id", "_identifier")) or name in ADDED:
            continue
        if not {"string", "integer"} <= set(_types(schema)):
            yield f"argument {name} does not take both a number and a text"
    for one, other in subject.twins:
        mine, theirs = _without_echo(subject, one), _without_echo(subject, other)
        if mine != theirs:
            yield f"{dict(one.arguments)} and {dict(other.arguments)} differ"


@rule("R3")
def _helpful(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        message = (seen.document.get("error") or {}).get("message", "")
        if seen.outcome == "error" and not (0 < len(message) <= 500):
            yield f"{_call(seen)}: an error of {len(message)} characters"
        if "\n" in message:
            yield f"{_call(seen)}: an error of several lines"


@rule("R4")
def _ids(subject: Subject) -> Iterator[str]:
    names = {key for seen in subject.everything for key, _ in _pairs(seen.document)}
    names |= set(subject.listed["inputSchema"]["properties"])
    for name in sorted(names):
        if _NO_ID.fullmatch(name):
            yield f"the key {name} does not say whose id it is"


def _mixed_ids(subjects: Sequence[Subject]) -> Iterator[Violation]:
    kinds: dict[str, tuple[str, str]] = {}
    for subject in subjects:
        for seen in subject.everything:
            for key, value in _pairs(seen.document):
                if not key.endswith("_id") or value is None or key in seen.arguments:
                    continue
                kind = type(value).__name__
                first, owner = kinds.setdefault(key, (kind, subject.name))
                if first != kind:
                    what = f"{key} is {kind}, and {first} in {owner}"
                    yield Violation("R4", subject.name, what)


@rule("R5")
def _echoed(subject: Subject) -> Iterator[str]:
    secret = subject.bound.arguments.secret
    for seen in subject.everything:
        for name in subject.bound.arguments.names:
            if name in ADDED:
                continue
            if name not in seen.document:
                yield f"{_call(seen)}: {name} is not echoed"
            elif name in secret:
                if seen.document[name] not in ("[secret]", None):
                    yield f"{_call(seen)}: {name} is echoed, and secret"
            elif not _same_value(seen.arguments.get(name), seen.document[name]):
                yield f"{_call(seen)}: {name} is echoed as {seen.document[name]!r:.80}"


@rule("R6")
def _native(subject: Subject) -> Iterator[str]:
    apart = {*subject.bound.tool.untrusted, *subject.bound.arguments.names}
    for seen in subject.everything:
        for path, text in _strings(seen.document):
            if any(path == name or path.startswith(f"{name}.") for name in apart):
                continue
            if text[:1] in {"{", "["} and isinstance(parsed(text), (dict, list)):
                yield f"{_call(seen)}: {path} is JSON in a text"


@rule("R7")
def _caught(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        if seen.trouble:
            yield f"{_call(seen)}: {seen.trouble}"
        elif not seen.document:
            yield f"{_call(seen)}: no structured content"
        elif (seen.document.get("error") or {}).get("kind") == "internal":
            yield f"{_call(seen)}: a bug"
        quoted = subject.bound.tool.untrusted
        for path, text in _strings(seen.document):
            if any(path == name or path.startswith(f"{name}.") for name in quoted):
                continue
            if "Traceback" in text or 'File "' in text:
                yield f"{_call(seen)}: a traceback in {path}"


@rule("R8")
def _same_keys(subject: Subject) -> Iterator[str]:
    wanted = set(subject.bound.answers.schema()["properties"])
    for seen in subject.everything:
        if seen.document and (odd := set(seen.document) ^ wanted):
            yield f"{_call(seen)}: {', '.join(sorted(odd))} only now and then"


@rule("outcome")
def _outcomes(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        if seen.answer is None:
            continue
        if seen.outcome not in get_args(Outcome):
            yield f"{_call(seen)}: outcome {seen.outcome!r}"
        if seen.answer.is_error != (seen.outcome == "error"):
            yield f"{_call(seen)}: isError {seen.answer.is_error}, {seen.outcome}"
        if (seen.document.get("error") is None) != (seen.outcome != "error"):
            yield f"{_call(seen)}: error {seen.document.get('error')}, {seen.outcome}"
    for seen in subject.calls:
        if seen.outcome != seen.case.outcome:
            said = (seen.document.get("error") or {}).get("message", "")
            yield f"{_call(seen)}: {seen.outcome}, not {seen.case.outcome} {said}"


@rule("cases")
def _tried(subject: Subject) -> Iterator[str]:
    if subject.endless:
        return
    outcomes = {seen.case.outcome for seen in subject.calls}
    if not outcomes & {"ok", "partial", "started", "confirmation_required"}:
        yield "no case that works"
    takes = set(subject.bound.arguments.names) - ADDED
    if takes and not outcomes & {"error", "needs_input", "declined"}:
        yield "no case that fails"
    if subject.bound.tool.items and not any(len(p) > 1 for p, _ in subject.whole):
        yield "no case of several pages"


@rule("text")
def _same_text(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        if seen.document not in [parsed(text) for text in seen.texts]:
            yield f"{_call(seen)}: text and structured content differ"


@rule("R9")
def _with_consent(subject: Subject) -> Iterator[str]:
    if subject.bound.tool.read_only:
        return
    for seen in [*subject.calls, *subject.refused]:
        if seen.changed:
            yield f"{_call(seen)}: changed something before anybody agreed"


@rule("R10")
def _confirmable(subject: Subject) -> Iterator[str]:
    if subject.bound.tool.read_only:
        return
    confirm = subject.listed["inputSchema"]["properties"].get("confirm", {})
    if confirm.get("type") != "boolean" or confirm.get("default") is not False:
        yield "no argument confirm that is false by default"
    if "ask the user" not in (subject.listed.get("description") or "").lower():
        yield "its description does not say to ask the user first"
    for seen in subject.calls:
        if seen.outcome == "confirmation_required":
            yield from _described_change(seen)
    for done, _ in subject.confirmed:
        if done.outcome not in {"ok", "started"} or not done.changed:
            yield f"{_call(done)}: the follow-up call does not work: {done.outcome}"


def _described_change(seen: Seen) -> Iterator[str]:
    said = seen.texts[0] if seen.texts else ""
    if not said.startswith("CONFIRMATION REQUIRED"):
        yield f"{_call(seen)}: does not begin with CONFIRMATION REQUIRED"
    document = seen.document
    parts = (document["target"], document["action"], *document["consequences"])
    for part in parts:
        if not part or part.lower() not in said.lower():
            yield f"{_call(seen)}: does not say {part!r}"
    if not document["confirm_with"]:
        yield f"{_call(seen)}: no follow-up call"


@rule("R13")
def _asked_for(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        missing = seen.document.get("missing")
        if seen.outcome == "needs_input" and not missing:
            yield f"{_call(seen)}: does not say what is missing"
        for item in missing or ():
            if item["argument"] not in subject.bound.arguments.names:
                yield f"{_call(seen)}: asks for {item['argument']}, no argument"
            if not item["why"]:
                yield f"{_call(seen)}: does not say why {item['argument']}"


@rule("R14")
def _few_required(subject: Subject) -> Iterator[str]:
    required = subject.listed["inputSchema"].get("required", ())
    if len(required) > MAX_REQUIRED:
        yield f"{len(required)} arguments are required"


@rule("R15")
def _plain_name(subject: Subject) -> Iterator[str]:
    words = subject.name.split("_")
    if not _NAME.fullmatch(subject.name):
        yield "its name is not made of small words"
    if words[-1] in {"resource", "tool"} or words[1:2] == [subject.bound.toolset]:
        yield "its name says twice what it is"
    if VAGUE & set(words[1:]):
        yield f"its name says little: {', '.join(VAGUE & set(words[1:]))}"


@rule("R16")
def _started(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        if seen.outcome == "started" and "_" not in (seen.document["message"] or ""):
            yield f"{_call(seen)}: does not say which tool tells how it goes"


@rule("R17")
def _silent(subject: Subject) -> Iterator[str]:
    if subject.stdout:
        yield f"wrote to stdout: {subject.stdout[:80]!r}"


@rule("R18")
def _partial(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        coverage = seen.document.get("coverage")
        if coverage is None or seen.outcome == "error":
            continue
        skipped, partial = bool(coverage["skipped"]), seen.outcome == "partial"
        if skipped != partial and seen.outcome not in {"empty", "unknown"}:
            yield f"{_call(seen)}: {seen.outcome}, skipped {coverage['skipped']}"
        if any(not (item["what"] and item["why"]) for item in coverage["skipped"]):
            yield f"{_call(seen)}: does not say what was skipped and why"


@rule("R19")
def _read_only(subject: Subject) -> Iterator[str]:
    if subject.bound.tool.read_only:
        return
    if subject.shown_read_only:
        yield "a server without writes lists it"
    hidden = subject.hidden
    if hidden is not None and (hidden.outcome != "error" or hidden.changed):
        yield "a server without writes takes it"


@rule("R20")
def _in_budget(subject: Subject) -> Iterator[str]:
    budget = subject.bound.tool.budget_bytes
    for seen in subject.everything:
        size = max((len(text.encode()) for text in seen.texts), default=0)
        if size > budget:
            yield f"{_call(seen)}: {size} bytes, and its budget is {budget}"


@rule("R20")
def _whole_list(subject: Subject) -> Iterator[str]:
    path = subject.bound.tool.items or ""
    for pages, items in subject.whole:
        given = [item for page in pages for item in at(page.document, path) or ()]
        if given != items:
            yield f"{_call(pages[0])}: {len(given)} items in pages, not {len(items)}"


@rule("R20")
def _foreign_cursor(subject: Subject) -> Iterator[str]:
    for seen in subject.refused:
        if seen.outcome != "error":
            yield f"{_call(seen)}: was not refused"


@rule("R21")
def _secrets(subject: Subject) -> Iterator[str]:
    yield from subject.leaks


@rule("R22")
def _progress(subject: Subject) -> Iterator[str]:
    for seen in subject.everything:
        done = [step for step, _ in seen.progress]
        if done != sorted(done):
            yield f"{_call(seen)}: progress goes back"
        if seen.progress and seen.outcome in {"ok", "partial", "empty"}:
            last, total = seen.progress[-1]
            if total is not None and last != total:
                yield f"{_call(seen)}: progress ends at {last} of {total}"


@rule("R23")
def _idempotent(subject: Subject) -> Iterator[str]:
    if subject.bound.tool.read_only or not subject.bound.tool.idempotent:
        return
    for done, again in subject.confirmed:
        if again.changed:
            yield f"{_call(done)}: the second call changes something again"


@rule("R24")
def _true_hints(subject: Subject) -> Iterator[str]:
    hints = subject.listed.get("annotations") or {}
    if "readOnlyHint" not in hints:
        yield "no readOnlyHint"
    if hints.get("readOnlyHint") is False and "destructiveHint" not in hints:
        yield "no destructiveHint"
    if hints.get("readOnlyHint") and any(seen.changed for seen in subject.everything):
        yield "says that it reads only, and changes something"


@rule("R25")
def _valid(subject: Subject) -> Iterator[str]:
    validator = jsonschema.Draft202012Validator(subject.bound.answers.schema())
    for seen in subject.everything:
        for error in validator.iter_errors(seen.document):
            place = ".".join(str(part) for part in error.path)
            yield f"{_call(seen)}: {place}: {error.message[:120]}"


@rule("R26")
def _nothing_left(subject: Subject) -> Iterator[str]:
    yield from subject.left


def _call(seen: Seen) -> str:
    return f"{dict(seen.arguments)!r:.100}"


def _types(schema: dict[str, Any]) -> list[str]:
    kinds = [schema, *schema.get("anyOf", ())]
    named = [kind.get("type", []) for kind in kinds]
    return [t for item in named for t in (item if isinstance(item, list) else [item])]


def _without_echo(subject: Subject, seen: Seen) -> dict[str, Any]:
    names = {*subject.bound.arguments.names, "next_cursor", "whole"}
    return {key: seen.document[key] for key in seen.document if key not in names}


def _same_value(given: object, echoed: object) -> bool:
    """Whether an echo repeats what was given: itself, its text, or its beginning."""
    if given is None or given == echoed or str(given) == str(echoed):
        return True
    if isinstance(given, str) and isinstance(echoed, str):
        return echoed.startswith(given[:100]) or not given.isprintable()
    return isinstance(given, (str, list, dict)) and isinstance(echoed, (str, list))


def _pairs(data: object) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key), value
            yield from _pairs(value)
    elif isinstance(data, list):
        for item in data:
            yield from _pairs(item)


def _strings(data: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list):
        for item in data:
            yield from _strings(item, path)
