from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretBytes, SecretStr

from sickbay.core.errors import BadRequest
from sickbay.core.manifest import Toolset
from sickbay.server.settings import FILE, secrets_in, settings_of


class Hospital(BaseModel):
    url: str = "default"
    beds: int = 1
    token: SecretStr | None = None
    tokens: dict[str, SecretStr] = {}
    keys: tuple[SecretBytes, ...] = ()
    wards: tuple[Path, ...] = ()


TOOLSETS = [
    Toolset(name="plain", summary="", tools="", source=""),
    Toolset(
        name="hospital",
        summary="",
        tools="",
        source="",
        settings=f"{__name__}:Hospital",
        environment={"HOSPITAL": "hospital.url", "BEDS": "hospital.beds"},
    ),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without settings, in an empty folder."""
    (tmp_path / "here").mkdir()
    (tmp_path / "config" / "sickbay").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def read(**given: Any) -> Any:  # noqa: ANN401 - composed
    return settings_of(TOOLSETS, given)


def test_home_is_looked_up_in_folders(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home))
    written = 'cache = "~/cache"\n[http]\ntokens = "~/t"\n[hospital]\nurl = "~/u"\n'
    (home / "here" / FILE).write_text(f'{written}wards = ["~/a", "/~/b"]\n')
    settings = read()
    assert settings.cache == home / "cache"
    assert settings.http.tokens == home / "t"
    assert settings.hospital.wards == (home / "a", Path("/~/b"))
    assert settings.hospital.url == "~/u"


def test_each_place_wins_over_those_below_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read().hospital.url == "default"
    users = home / "config" / "sickbay" / FILE
    users.write_text('[hospital]\nurl = "user"\nbeds = 2\n')
    assert read().hospital.url == "user"
    (home / "here" / FILE).write_text('[hospital]\nurl = "here"\n')
    assert read().hospital.url == "here"
    monkeypatch.setenv("HOSPITAL", "older name")
    assert read().hospital.url == "older name"
    monkeypatch.setenv("SICKBAY_HOSPITAL__URL", "environment")
    assert read().hospital.url == "environment"
    assert read(hospital={"url": "argument"}).hospital.url == "argument"
    assert read(hospital=None).hospital.beds == 2


def test_settings_of_one_section_come_from_several_places(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "here" / FILE).write_text('consent = "param"\n[hospital]\nbeds = 7\n')
    monkeypatch.setenv("SICKBAY_HOSPITAL__TOKEN", "hush-hush")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    found = read(write=True)
    assert (found.hospital.beds, found.consent, found.write) == (7, "param", True)
    assert found.hospital.token.get_secret_value() == "hush-hush"
    assert found.log_level == "debug"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        pytest.param("SICKBAY_CONSENT", "maybe", "SICKBAY_CONSENT", id="one-of-some"),
        pytest.param("SICKBAY_WRITE", "perhaps", "SICKBAY_WRITE", id="no-truth"),
        pytest.param(
            "SICKBAY_HOSPITAL__BEDS", "many", "SICKBAY_HOSPITAL__BEDS", id="no-number"
        ),
        pytest.param("BEDS", "many", "SICKBAY_HOSPITAL__BEDS", id="older-name"),
        pytest.param("SICKBAY_HOSPITAL", "{", "SICKBAY_HOSPITAL", id="no-json"),
        pytest.param("LOG_LEVEL", "loud", "SICKBAY_LOG_LEVEL", id="no-level"),
    ],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadRequest) as caught:
        read()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_levels_of_other_programs_are_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "CRITICAL")
    assert settings_of([], {}).log_level == "error"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("consent = ", id="no-toml"),
        pytest.param('cosent = "auto"', id="unknown-setting"),
        pytest.param("[nowhere]\nx = 1", id="unknown-section"),
        pytest.param("hospital = 3", id="no-section"),
        pytest.param("consent = 3", id="wrong-type"),
        pytest.param("\ud800", id="no-text"),
    ],
)
def test_a_wrong_file_is_one_line(home: Path, text: str) -> None:
    (home / "here" / FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(BadRequest) as caught:
        read()
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_line(home: Path) -> None:
    (home / "here" / FILE).symlink_to("/proc/self/mem")
    with pytest.raises(BadRequest, match=FILE):
        read()


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SICKBAY_HOSPITAL", '{"token": ["hush-hush"]}')
    with pytest.raises(BadRequest) as caught:
        read()
    assert "hush" not in str(caught.value)


def test_every_secret_is_known_wherever_it_is() -> None:
    given = {"token": "one-secret", "tokens": {"a": "two-secret"}, "keys": [b"three"]}
    assert set(secrets_in(read(hospital=given))) == {
        "one-secret",
        "two-secret",
        "three",
    }


def test_a_secret_is_known_as_it_stands_in_an_address() -> None:
    assert set(secrets_in(read(hospital={"token": "a/b+c=d"}))) == {
        "a/b+c=d",
        "a%2Fb%2Bc%3Dd",
    }


def test_settings_are_shown_without_secrets() -> None:
    shown = read(hospital={"token": "hush-hush"}).model_dump_json()
    assert "hush" not in shown


def test_a_variable_may_stand_for_settings_of_several_toolsets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOSPITAL", "hospital.example")
    other = Toolset(
        name="clinic",
        summary="",
        tools="",
        source="",
        settings=f"{__name__}:Hospital",
        environment={"HOSPITAL": "clinic.url"},
    )
    settings = settings_of([*TOOLSETS, other], {})
    assert settings.hospital.url == settings.clinic.url == "hospital.example"
