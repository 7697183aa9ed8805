"""What a diff of a passing and a failing log shows, against what two people marked.

Line recall and precision over the lines that a person marked as the error, for each of
the raters, with as many lines shown as the method wants. R@n: recall within the
first n lines shown, of at most n marked lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.api import wanted
from sickbay.logs.diff import diff
from sickbay.logs.explain import explain
from sickbay.logs.masks import mask
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.hunks import Hunk
    from sickbay.logs.log import Log

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / "cidiff"
BUDGETS = (5, 10, 20, 40, 80)
RATERS = ("groundtruth", "groundtruth2")


def main() -> None:
    """Print a table for each rater."""
    if not DATA.exists():
        print(f"cidiff: skipped, there is no {DATA}")
        return
    looking_for = wanted()
    scores: defaultdict[tuple[str, str], list[tuple[list[int], set[int]]]]
    scores = defaultdict(list)
    for folder in sorted(path.parent for path in DATA.rglob("groundtruth")):
        shown = _methods(folder, looking_for)
        for rater in RATERS:
            marked = _marked(folder, rater)
            for method, numbers in shown.items() if marked else ():
                scores[rater, method].append((numbers, marked))
    for rater in RATERS:
        pairs = max(len(found) for (who, _), found in scores.items() if who == rater)
        print(f"\n{rater}: {pairs} pairs; means per pair")
        head = "".join(f"{f'R@{budget}':>7}" for budget in BUDGETS)
        print(f"{'':30}{'recall':>7}{'prec.':>7}{'lines':>7}{head}")
        for (who, method), found in scores.items():
            if who == rater:
                print(f"{method:30}{_row(found)}")


def _methods(folder: Path, looking_for: Catalogue) -> dict[str, list[int]]:
    """The lines of the failing log that each method shows, in its order."""
    passed = read_log((folder / "pass.log").read_bytes(), "pass.log", looking_for)
    failed = read_log((folder / "fail.log").read_bytes(), "fail.log", looking_for)
    causes = explain(failed).causes
    alone = diff(passed, failed).hunks
    both = diff(passed, failed, causes=causes).hunks
    spans = [range(cause.line_start, cause.line_end + 1) for cause in causes[:1]]
    loud = [hunk for hunk in both if hunk.kind == "failure"]
    plain = _added(_texts(passed), _texts(failed))
    masked = _added(map(mask, _texts(passed)), map(mask, _texts(failed)))
    return {
        "plain diff": plain,
        "plain diff, from its end": plain[::-1],
        "plain masked diff": masked,
        "plain masked diff, from its end": masked[::-1],
        "our diff": _once(_spans(alone)),
        "causes + diff": _once([*spans, *_spans(both)]),
        "causes + diff, failures only": _once([*spans, *_spans(loud)]),
    }


def _spans(hunks: Iterable[Hunk]) -> list[range]:
    return [range(hunk.line_start, hunk.line_end + 1) for hunk in hunks]


def _once(spans: Iterable[range]) -> list[int]:
    return list(dict.fromkeys(number for span in spans for number in span))


def _texts(log: Log) -> Iterator[str]:
    return (text for _, text in log.lines)


def _added(passed: Iterable[str], failed: Iterable[str]) -> list[int]:
    """Numbers of the lines that GNU diff calls added."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, "passed"), Path(folder, "failed")]
        for path, lines in zip(paths, (passed, failed), strict=True):
            text = "".join(f"{line}\n" for line in lines)
            path.write_text(text.replace("\r", " "), errors="replace")
        command = ["diff", "--text", "--new-line-format=%dn\n"]
        command += ["--old-line-format=", "--unchanged-line-format="]
        done = subprocess.run(
            [*command, *map(str, paths)], capture_output=True, check=False
        )
    return [int(number) for number in done.stdout.split()]


def _marked(folder: Path, rater: str) -> set[int]:
    """Raw numbers of the lines that a rater marked as the error.

    Raters count a lone carriage return as the end of a line, too.
    """
    path = folder / rater
    if not path.exists():
        return set()
    raw, numbers = 1, []
    for end in re.finditer(rb"\r\n|\r|\n", (folder / "fail.log").read_bytes()):
        numbers.append(raw)
        raw += end[0] != b"\r"
    numbers.append(raw)
    found: set[int] = set()
    for span in re.findall(r"(?m)^E (\d+)(?:-(\d+))?", path.read_text()):
        found.update(numbers[int(span[0]) - 1 : int(span[1] or span[0])])
    return found


def _row(found: Sequence[tuple[list[int], set[int]]]) -> str:
    cells = [
        sum(
            len(marked.intersection(numbers)) / len(marked) for numbers, marked in found
        ),
        sum(
            len(marked.intersection(numbers)) / max(len(numbers), 1)
            for numbers, marked in found
        ),
    ]
    text = "".join(f"{cell / len(found):7.3f}" for cell in cells)
    text += f"{sum(len(numbers) for numbers, _ in found) / len(found):7.0f}"
    for budget in BUDGETS:
        recalls = [
            len(marked.intersection(numbers[:budget])) / min(len(marked), budget)
            for numbers, marked in found
        ]
        text += f"{sum(recalls) / len(recalls):7.3f}"
    return text


if __name__ == "__main__":
    main()
