from __future__ import annotations

from typing import TYPE_CHECKING

from tests.server.ward import fresh

if TYPE_CHECKING:
    from tests.cli.desk import Desk


def test_a_command_of_a_toolset_gets_every_page_of_a_result(desk: Desk) -> None:
    fresh()
    done = desk.main("ward", "beds")
    count = done.stdout.partition(" ")[0]
    assert done.stdout == f"{count} of {count} beds\n", done.stderr
    assert int(count) > 100
    assert done.returncode == 0


def test_its_exit_status_is_the_commands(desk: Desk) -> None:
    fresh()
    assert desk.main("ward", "beds", "--prefix", "none").returncode == 1


def test_a_command_that_asks_nobody_needs_no_server(desk: Desk) -> None:
    done = desk.main("ward", "hours")
    assert (done.returncode, done.stdout) == (0, "2 to 4\n")


def test_a_failing_tool_ends_the_command_with_its_hint(desk: Desk) -> None:
    fresh()
    done = desk.main("ward", "look", "no-such-bed")
    assert done.returncode == 2
    assert done.stderr == (
        "sickbay: there is no bed no-such-bed (list them with ward_beds)\n"
    )


def test_a_wrong_command_names_the_nearest(desk: Desk) -> None:
    done = desk.main("ward", "bedz")
    assert done.returncode == 2
    assert 'Did you mean "beds"' in done.stderr
    assert "see sickbay ward --help" in done.stderr


def test_help_shows_the_commands_of_a_toolset(desk: Desk) -> None:
    said = desk.run("ward", "--help").stdout
    assert "List the beds." in said
    assert "Say when visitors may come." in said


def test_commands_whose_packages_are_missing_say_what_to_install(desk: Desk) -> None:
    manifest = desk.folder / "sets" / "ward" / "manifest.py"
    manifest.write_text(
        "from dataclasses import replace\n"
        "from tests.server import ward\n"
        "TOOLSET = replace(ward.TOOLSET, requires=('no_beds',), extra='beds')\n"
    )
    done = desk.run("ward", "beds")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "sickbay: ward needs no_beds (pip install 'sickbay[beds]')\n"
    )
