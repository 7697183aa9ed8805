"""Summaries of tests whose story is known; ``--update`` pins them anew.

python -m tests.toolsets.history.summaries --update
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.toolsets.history.stand import Stand, filled
from tests.toolsets.history.stories import (
    BREAKS,
    FLAKY,
    HOSTILE,
    MENDED,
    STEADY,
    STORIES,
    Story,
    told,
)

FOLDER = Path(__file__).parent / "snapshots"
PINNED: dict[str, Story] = {
    "broken": BREAKS,
    "mended": MENDED,
    "flaky": FLAKY,
    "steady": STEADY[0],
    "hostile": HOSTILE,
}


def path_of(name: str) -> Path:
    """Where a summary is pinned."""
    return FOLDER / f"{name}.md"


def summaries(folder: Path) -> dict[str, str]:
    """The summaries as they are now.

    Args:
        folder: For a history and what its server keeps.
    """
    store = filled(folder / "history", told(STORIES))
    calls = [
        ("history_test_history", {"test_nodeid": story.test_id})
        for story in PINNED.values()
    ]
    answers = Stand(folder, store, repo="acme/engine", log_in=False).ask_all(*calls)
    return {
        name: answer["summary"] for name, answer in zip(PINNED, answers, strict=True)
    }


def main() -> int:
    """Say which summaries are out of date, or with ``--update`` write them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--update", action="store_true", help="write them")
    update = arguments.parse_args().update
    with tempfile.TemporaryDirectory() as folder:
        made = summaries(Path(folder))
    stale = [
        name
        for name, text in made.items()
        if not path_of(name).exists() or path_of(name).read_text() != text
    ]
    for name in stale:
        sys.stdout.write(f"{'wrote' if update else 'out of date'}: {name}.md\n")
        if update:
            path_of(name).write_text(made[name])
    return int(bool(stale) and not update)


if __name__ == "__main__":
    sys.exit(main())
