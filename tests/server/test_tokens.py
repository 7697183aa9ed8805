"""Bearer tokens from a file."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import BadRequest
from sickbay.server.tokens import TokenFile

if TYPE_CHECKING:
    from pathlib import Path

ALICE = "alice-0123456789abcdef"
BOB = "bob-0123456789abcdef01"
HASHED = sha256(BOB.encode()).hexdigest()
TEXT = f"""
[alice]
token = "{ALICE}"
scope = "write"

[bob]
sha256 = "{HASHED}"
scope = "read"
"""


def written(folder: Path, text: str = TEXT, *, mode: int = 0o600) -> Path:
    """A file of tokens, put in place as a careful operator does it."""
    fresh = folder / "fresh"
    fresh.write_text(text)
    fresh.chmod(mode)
    return fresh.replace(folder / "tokens.toml")


def test_token_is_known_in_clear_and_by_its_hash(tmp_path: Path) -> None:
    tokens = TokenFile(written(tmp_path))
    alice, bob = tokens.find(ALICE), tokens.find(BOB)
    assert alice
    assert (alice.name, sorted(alice.scopes)) == ("alice", ["read", "write"])
    assert bob
    assert (bob.name, sorted(bob.scopes)) == ("bob", ["read"])


@pytest.mark.parametrize(
    "token",
    ["", ALICE[:-1], ALICE + " ", ALICE.upper(), HASHED, "\udcff", "é" * 9],
)
def test_nothing_else_is_a_token(tmp_path: Path, token: str) -> None:
    assert TokenFile(written(tmp_path)).find(token) is None


def test_tokens_in_clear_are_not_kept(tmp_path: Path) -> None:
    tokens = TokenFile(written(tmp_path))
    assert ALICE not in repr(tokens.find(ALICE))


def test_change_of_the_file_counts_at_once(tmp_path: Path) -> None:
    tokens = TokenFile(written(tmp_path))
    written(tmp_path, f'[carol]\nscope = "read"\nsha256 = "{"0" * 64}"\n')
    assert tokens.find(ALICE) is None
    written(tmp_path)
    assert tokens.find(ALICE)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        pytest.param("[alice", 0o600, id="broken"),
        pytest.param(TEXT, 0o640, id="open to the group"),
    ],
)
def test_file_that_went_bad_lets_nobody_in(
    tmp_path: Path, text: str, mode: int
) -> None:
    tokens = TokenFile(written(tmp_path))
    written(tmp_path, text, mode=mode)
    assert tokens.find(ALICE) is None
    written(tmp_path)
    assert tokens.find(ALICE)


def test_file_that_went_away_lets_nobody_in(tmp_path: Path) -> None:
    tokens = TokenFile(written(tmp_path))
    (tmp_path / "tokens.toml").unlink()
    assert tokens.find(ALICE) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(BadRequest, match="chmod 600"):
        TokenFile(written(tmp_path, mode=mode))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[alice", "not TOML", id="no TOML"),
        pytest.param("\x00", "not TOML", id="binary"),
        pytest.param('alice = "x"', "alice has no scope", id="no table"),
        pytest.param(f'[a]\ntoken = "{ALICE}"', "a has no scope", id="no scope"),
        pytest.param(
            f'[a]\ntoken = "{ALICE}"\nscope = "admin"', "no scope", id="other scope"
        ),
        pytest.param(
            f'[a]\ntoken = "{ALICE}"\nscope = ["read"]', "no scope", id="list of scopes"
        ),
        pytest.param('[a]\nscope = "read"', "either a token", id="no token"),
        pytest.param(
            '[a]\nscope = "read"\ntoken = "short"', "shorter than 20", id="short token"
        ),
        pytest.param(
            '[a]\nscope = "read"\nsha256 = "ab"', "64 hexadecimal", id="short hash"
        ),
        pytest.param(
            f'[a]\nscope = "read"\nsha256 = "{HASHED}"\ntoken = "{ALICE}"',
            "either a token",
            id="both",
        ),
    ],
)
def test_mistake_in_the_file_is_named_without_any_token(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(BadRequest, match=message) as caught:
        TokenFile(written(tmp_path, text))
    assert ALICE not in str(caught.value)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="No such file"):
        TokenFile(tmp_path / "none")
    with pytest.raises(BadRequest, match="directory"):
        TokenFile(tmp_path)
