from __future__ import annotations

import struct
import sys

import pytest

from sickbay.core.errors import Unsupported
from sickbay.toolsets.history.models.story import (
    BuildStory,
    JobStory,
    Stretch,
    TestHistory,
    Verdict,
)
from sickbay.toolsets.history.models.window import BuildFact
from sickbay.toolsets.history.render.picture import image, png


def story(builds: int, variants: int = 1, *, changed: bool = True) -> TestHistory:
    verdict = Verdict(
        classification="REGRESSION",
        transition_build=str(builds),
        credible_range=Stretch(
            first=BuildFact(build_number="1"),
            last=BuildFact(build_number=str(builds)),
            builds=builds,
        ),
    )
    return TestHistory(
        test_id="t/test_a.py::test[$x^2$ \x1b[31m]",
        assessment=verdict if changed else Verdict(),
        timeline=tuple(
            BuildStory(
                build_number=str(number),
                test_status="flaky",
                jobs=tuple(
                    JobStory(job_name="j", variant=f"v{n}", attempt=at, status=status)
                    for n in range(variants)
                    for at, status in enumerate(("fail", "pass"))
                ),
            )
            for number in range(builds, 0, -1)
        ),
    )


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_the_picture_grows_with_builds_and_variants() -> None:
    pytest.importorskip("matplotlib")
    small = size(png(story(5)))
    wide = size(png(story(60)))
    high = size(png(story(5, 8)))
    assert wide[0] > small[0] + 500
    assert wide[1] == small[1]
    assert high[1] > small[1] + 100


def test_the_change_and_the_attempts_are_drawn() -> None:
    pytest.importorskip("matplotlib")
    assert png(story(9)) != png(story(9, changed=False))
    whole = TestHistory(timeline=story(9).timeline)
    once = TestHistory(
        timeline=tuple(
            BuildStory(build_number=build.build_number, test_status="flaky")
            for build in whole.timeline
        )
    )
    assert png(whole) != png(once)


def test_a_test_without_builds_can_be_drawn() -> None:
    pytest.importorskip("matplotlib")
    assert size(png(TestHistory()))


def test_a_picture_has_a_title_for_who_cannot_see_it() -> None:
    pytest.importorskip("matplotlib")
    found = image(story(3))
    assert found.mime_type == "image/png"
    assert found.title.endswith(": REGRESSION")


def test_without_the_package_that_draws_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(Unsupported) as caught:
        png(story(3))
    assert "sickbay[plots]" in caught.value.hint
