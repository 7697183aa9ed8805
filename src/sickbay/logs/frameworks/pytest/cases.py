"""Brings together what the parts of one session say about each test."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.pytest import identity

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from sickbay.logs.frameworks.pytest.block import Block
    from sickbay.logs.frameworks.pytest.draft import Draft
    from sickbay.logs.report import Outcome

_DOCTEST = "[doctest] "


@dataclass(slots=True)
class Case:
    """One test that did not simply pass, and all that the log says about it."""

    test_id: str
    runs: list[tuple[Outcome, int]] = field(default_factory=list)
    failed: bool = False
    error: bool = False
    part: bool = False
    said: str | None = None
    line: int = 0
    blocks: list[Block] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        """Whether it counts as failed."""
        return self.failed or self.error or self.part


class Cases:
    """The tests of one session, by id.

    Args:
        draft: What was read.
        blocks: Its failures, in log order.
        rootdir: What absolute paths are relative to, or empty.
    """

    def __init__(self, draft: Draft, blocks: Sequence[Block], rootdir: str) -> None:
        self._draft = draft
        self._blocks = blocks
        self._rootdir = rootdir.rstrip("/") + "/" if rootdir else ""
        self._by_id: dict[str, Case] = {}
        self._at: dict[tuple[str, str], Case] = {}
        self._files = _Files(draft, blocks)
        self.passed: set[str] = set()

    def collected(self) -> Sequence[Case]:
        """All tests that did not simply pass."""
        self._add_runs()
        self._add_entries()
        self._add_blocks()
        self._drop_surplus()
        return [case for case in self._by_id.values() if case.bad or len(case.runs) > 1]

    def _case(self, test_id: str) -> Case:
        return self._by_id.setdefault(test_id, Case(test_id))

    def _add_runs(self) -> None:
        plain: dict[str, int] = {}
        for test_id, outcome, line in self._draft.runs:
            if outcome == "passed" and test_id not in self._by_id:
                plain[test_id] = line
                continue
            case = self._case(test_id)
            if test_id in plain:
                case.runs.append(("passed", plain.pop(test_id)))
            case.runs.append((outcome, line))
            case.failed |= outcome == "failed"
            case.error |= outcome == "error"
        for test_id, line in self._draft.parts.items():
            case = self._case(test_id)
            case.part, case.line = True, line
            plain.pop(test_id, None)
        self.passed.update(plain)

    def _add_entries(self) -> None:
        titles = {_plain(block.title) for block in self._blocks}
        known = _Known(self._by_id, titles)
        for entry in self._draft.entries:
            test_id, said = identity.split(entry.rest, known)
            test_id = identity.named(test_id)
            if not identity.is_like_id(test_id):
                continue
            if entry.word == "PASSED":
                self.passed.add(test_id)
            if (
                entry.word not in ("FAILED", "FAIL", "ERROR")
                and "SUB" not in entry.word
            ):
                continue
            case = self._case(test_id)
            case.failed |= entry.word in ("FAILED", "FAIL")
            case.error |= entry.word == "ERROR"
            case.part |= "SUB" in entry.word
            case.said = case.said or said
            case.line = entry.line

    def _add_blocks(self) -> None:
        pool: dict[str, list[Case]] = {}
        for case in self._by_id.values():
            if case.bad:
                title = identity.title(case.test_id)
                pool.setdefault(title, []).append(case)
                self._at[case.test_id.partition("::")[0], title] = case
        lines = [block for block in self._blocks if not block.title]
        self._add_line_blocks(lines)
        for block in self._blocks:
            if not block.title:
                continue
            case = self._owner(block, pool)
            case.blocks.append(block)
            case.failed |= block.stage == "call" and not case.part
            case.error |= block.stage != "call"

    def _add_line_blocks(self, blocks: Sequence[Block]) -> None:
        """One line each and no name: only their order and number tell whose."""
        failed = [case for case in self._by_id.values() if case.failed]
        if len(failed) == len(blocks):
            for case, block in zip(failed, blocks, strict=True):
                case.blocks.append(block)
            return
        left = iter(blocks)
        for case in failed:
            if case.said:
                found = (block for block in left if _says(block, case.said))
                case.blocks.extend(islice(found, 1))

    def _owner(self, block: Block, pool: dict[str, list[Case]]) -> Case:
        if block.crashed_id:
            return self._case(block.crashed_id)
        title = _plain(block.title)
        for frame in block.frames:
            exact = self._at.get((frame.path, title))
            if exact and not _has(exact, block):
                return exact
        cases = pool.get(title) or pool.get(_without_subtest(title), [])
        free = [case for case in cases if not _has(case, block)] or cases
        at_home = [case for case in free if _is_from(block, case.test_id)]
        if free:
            return (at_home or free)[0]
        return self._case(self._rebuilt(block, title))

    def _rebuilt(self, block: Block, title: str) -> str:
        if block.stage == "collecting":
            return title
        if block.title.startswith(_DOCTEST):
            path = block.frames[-1].path if block.frames else ""
            return f"{self._relative(path)}::{title}" if path else title
        path = self._files.of(block) or self._home(block, title)
        return identity.rebuilt(path, title) if path else title

    def _home(self, block: Block, title: str) -> str:
        """The file of the test, from the frames of its traceback."""
        name = title.partition("[")[0].rpartition(".")[2]
        for frame in block.frames:
            if frame.function == name:
                return self._relative(frame.path)
        if block.frames and _is_test_file(block.frames[0].path):
            return self._relative(block.frames[0].path)
        return ""

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._rootdir) if self._rootdir else path

    def _drop_surplus(self) -> None:
        """A summary line nothing else speaks of may be the end of a long message."""
        final = self._draft.final
        if not final or not (self._blocks or self._draft.runs):
            return
        cases = [case for case in self._by_id.values() if case.bad]
        expected = final.get("failed", 0) + final.get("error", final.get("errors", 0))
        surplus = sum(case.failed + case.error for case in cases) - expected
        for case in cases[::-1]:
            if surplus > 0 and not case.runs and not case.blocks:
                del self._by_id[case.test_id]
                surplus -= case.failed + case.error


class _Known:
    """Ids that were seen, or that fit the header of a failure."""

    def __init__(self, ids: Container[str], titles: Container[str]) -> None:
        self._ids = ids
        self._titles = titles

    def __contains__(self, test_id: object) -> bool:
        text = str(test_id)
        return text in self._ids or ("::" in text and self._fits(text))

    def _fits(self, text: str) -> bool:
        return identity.title(text) in self._titles


class _Files:
    """Which file a failure is from, by counting the letters of the progress lines."""

    def __init__(self, draft: Draft, blocks: Sequence[Block]) -> None:
        self._of: dict[int, str] = {}
        if draft.parallel or draft.runs:
            return
        calls = [block for block in blocks if block.stage == "call" and block.title]
        errors = [block for block in blocks if block.stage in ("setup", "teardown")]
        for letter, group in (("F", calls), ("E", errors)):
            files = list(_files(draft.letters, letter))
            if len(files) == len(group):
                heads = (block.head for block in group)
                self._of.update(zip(heads, files, strict=True))

    def of(self, block: Block) -> str:
        """The file, empty when unknown."""
        return self._of.get(block.head, "")


def _files(lines: Iterable[tuple[str | None, str]], letter: str) -> Iterable[str]:
    current = ""
    for file, letters in lines:
        current = file or current
        yield from [current] * letters.count(letter)


def _plain(title: str) -> str:
    return title.removeprefix(_DOCTEST)


def _without_subtest(title: str) -> str:
    """The header of a failed subtest without what names the subtest."""
    cuts = [cut for cut in (title.find(" ["), title.find(" (")) if cut > 0]
    return title[: min(cuts)] if cuts else title


def _has(case: Case, block: Block) -> bool:
    return any(other.stage == block.stage for other in case.blocks)


def _says(block: Block, said: str) -> bool:
    """Whether a summary line, which may be cut short, tells this failure."""
    message = block.raised.message or ""
    cut = said.removesuffix("...")
    return f"{block.raised.exception}: {message}".startswith(cut) or (
        message.startswith(cut)
    )


def _is_from(block: Block, test_id: str) -> bool:
    path = test_id.partition("::")[0]
    return any(frame.path.endswith(path) for frame in block.frames)


def _is_test_file(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("test") or name.endswith(("_test.py", "_tests.py"))
