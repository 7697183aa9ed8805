"""Says which queries ClickHouse is asked otherwise by now; ``--update`` pins them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sickbay.history import statements
from sickbay.history.dialect import clickhouse

FOLDER = Path(__file__).resolve().parents[1] / "snapshots" / "clickhouse"


def wanted() -> dict[str, str]:
    """What the files should hold, by their names."""
    return {f"{name}.sql": f"{clickhouse(name)}\n" for name in statements.names()}


def pinned() -> dict[str, str]:
    """What they hold."""
    return {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.sql")}


def main() -> int:
    """Say what is out of date, or with ``--update`` write it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--update", action="store_true", help="write the files")
    update = arguments.parse_args().update
    now, before = wanted(), pinned()
    drifted = sorted(
        n for n in now.keys() | before.keys() if now.get(n) != before.get(n)
    )
    for name in drifted:
        sys.stdout.write(f"{'wrote' if update else 'out of date'}: {name}\n")
        if update:
            _put(FOLDER / name, now.get(name))
    return int(bool(drifted) and not update)


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
