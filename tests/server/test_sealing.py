from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import Denied
from sickbay.server.sealing import sealing

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_sealed_can_be_opened_after_a_restart(tmp_path: Path) -> None:
    sealed = sealing(tmp_path).codec.seal(b"state")
    assert sealing(tmp_path).codec.unseal(sealed) == b"state"


def test_the_key_is_the_users_own(tmp_path: Path) -> None:
    sealing(tmp_path / "state")
    [key] = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert len(key.read_bytes()) == 32


def test_servers_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: sealing(tmp_path), range(32)))
    sealed = made[0].codec.seal(b"state")
    assert {one.codec.unseal(sealed) for one in made} == {b"state"}
    assert [path.name for path in tmp_path.iterdir()] == ["request-state.key"]


def test_a_key_that_is_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "request-state.key").write_bytes(b"short")
    with pytest.raises(Denied, match="holds no key") as caught:
        sealing(tmp_path)
    assert "remove it" in caught.value.hint


@pytest.mark.parametrize("what", ["folder", "key"])
def test_a_key_that_cannot_be_kept_is_refused_with_what_to_do(
    tmp_path: Path, what: str
) -> None:
    if what == "folder":
        (tmp_path / "state").write_text("a file")
    else:
        (tmp_path / "state" / "request-state.key").mkdir(parents=True)
    with pytest.raises(Denied, match="cannot keep a key") as caught:
        sealing(tmp_path / "state")
    assert "SICKBAY_STATE" in caught.value.hint
