"""What a text costs a model, counted by gpt-tokenizer where that is installed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "node_modules" / ".bin" / "node"
COUNTABLE = NODE.exists() and (ROOT / "node_modules" / "gpt-tokenizer").exists()
WHY_NOT = "gpt-tokenizer is not installed: make node"

PROGRAM = """
import { readFileSync } from "node:fs";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
const texts = JSON.parse(readFileSync(0, "utf8"));
const plain = { disallowedSpecial: new Set() };
console.log(JSON.stringify(texts.map((text) => countTokens(text, plain))));
"""


def counted(texts: Sequence[str]) -> list[int]:
    """Tokens of each text in the encoding ``o200k_base``."""
    command = [str(NODE), "--input-type=module", "--eval", PROGRAM]
    given = json.dumps(list(texts))
    run = subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, text=True, check=True
    )
    counts: list[int] = json.loads(run.stdout)
    return counts
