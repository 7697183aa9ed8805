"""Best cause and best three against the spans that people marked in LogChunks.

``--fit`` writes the weights anew, from all labelled logs. The cross-validated rows say
what to expect of other repositories: there, each log is ranked by weights that were
fitted without any log of its repository.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from parts.causes_fit import Question, fit
from sickbay.logs.catalogue import Catalogue, catalogue
from sickbay.logs.causes.candidates import candidates
from sickbay.logs.causes.evidence import key
from sickbay.logs.causes.features import features
from sickbay.logs.causes.rank import ranked
from sickbay.logs.causes.scopes import scopes
from sickbay.logs.causes.spans import MAX_LINES
from sickbay.logs.causes.weights import WEIGHTS
from sickbay.logs.frameworks import all_sessions
from sickbay.logs.scan import read_log

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / "logchunks"
TABLE = Path(__file__).parent.parent / "src/sickbay/logs/causes/weights.py"

Span = tuple[int, int]


@dataclass(frozen=True)
class Labelled:
    """One log with the span that a person marked, and what is to be compared."""

    question: Question
    spans: list[Span]
    keys: list[str]
    marked: Span
    last_errors: list[Span]
    last_tens: list[Span]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="write the weights anew")
    arguments = parser.parse_args()
    if not (DATA / "labels.jsonl").exists():
        print(f"causes: skipped, there is no {DATA}")
        return
    logs = _labelled()
    if arguments.fit:
        _write(fit([log.question for log in logs]))
        print(f"wrote {TABLE.name}; run again to measure it")
        return
    print(f"LogChunks, {len(logs)} logs: share whose marked span is touched")
    print(f"{'':44}{'best':>6}{'of 3':>6}")
    _row("last line with 'error' / last three", [_hits(g, g.last_errors) for g in logs])
    _row("last ten lines / last three tens", [_hits(g, g.last_tens) for g in logs])
    for folds in (2, 8):
        _row(f"ours, {folds}-fold by repository", _crossed(logs, folds))
    ours = [_hits(log, _ranked(log, WEIGHTS)) for log in logs]
    _row("ours, the weights shipped", ours)
    by_language = defaultdict(list)
    for log, hit in zip(logs, ours, strict=True):
        by_language[log.question.language].append(hit)
    for language, hits in sorted(by_language.items()):
        _row(f"  {language} ({len(hits)})", hits)


def _labelled() -> list[Labelled]:
    wanted = catalogue()
    with (DATA / "labels.jsonl").open() as lines:
        return [_label(json.loads(line), wanted) for line in lines]


def _label(label: dict[str, str | int], wanted: Catalogue) -> Labelled:
    raw = (DATA / str(label["log"])).read_bytes()
    log = read_log(raw, str(label["log"]), wanted)
    sessions = all_sessions(log)
    found = scopes(log)
    part = candidates(log, found, sessions)
    marked = int(label["line_start"]), int(label["line_end"])
    spans = [(candidate.first, candidate.last) for candidate in part]
    lines = raw.rstrip().split(b"\n")
    errors = [n for n, line in enumerate(lines, 1) if b"error" in line.lower()]
    total = len(lines)
    return Labelled(
        question=Question(
            log=str(label["log"]),
            repo=str(label["repo"]),
            language=str(label["lang"]),
            candidates=features(log, found, part),
            right=[_touches(span, marked) for span in spans],
        ),
        spans=spans,
        keys=[key(log, candidate) for candidate in part],
        marked=marked,
        last_errors=[(n, n) for n in errors[::-1][:3]],
        last_tens=[(total - n - 9, total - n) for n in (0, 10, 20)],
    )


def _touches(span: Span, marked: Span) -> bool:
    first, last = span
    return last - first < MAX_LINES and first <= marked[1] and last >= marked[0]


def _ranked(log: Labelled, weights: dict[str, float]) -> list[Span]:
    best = ranked(log.question.candidates, log.keys, weights)
    return [log.spans[i] for i in best]


def _hits(log: Labelled, spans: list[Span]) -> tuple[bool, bool]:
    touched = [_touches(span, log.marked) for span in spans[:3]]
    return any(touched[:1]), any(touched)


def _crossed(
    logs: list[Labelled], folds: int, seeds: int = 3
) -> list[tuple[bool, bool]]:
    repos = sorted({log.question.repo for log in logs})
    hits = []
    for seed in range(seeds):
        random.Random(seed).shuffle(repos)  # noqa: S311 - folds, no secrets
        for fold in range(folds):
            held = set(repos[fold::folds])
            rest = [g.question for g in logs if g.question.repo not in held]
            weights = fit(rest)
            hits += [
                _hits(g, _ranked(g, weights)) for g in logs if g.question.repo in held
            ]
    return hits


def _row(name: str, hits: list[tuple[bool, bool]]) -> None:
    best, three = (sum(column) / len(hits) for column in zip(*hits, strict=True))
    print(f"{name:44}{best:6.2f}{three:6.2f}")


def _write(weights: dict[str, float]) -> None:
    rows = sorted(weights.items(), key=lambda row: -row[1])
    table = "\n".join(f'    "{name}": {weight},' for name, weight in rows if weight)
    TABLE.write_text(
        '"""How much each feature counts: written by ``bench/causes.py --fit``."""\n\n'
        f"WEIGHTS: dict[str, float] = {{\n{table}\n}}\n"
    )
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", TABLE], check=True)


if __name__ == "__main__":
    main()
