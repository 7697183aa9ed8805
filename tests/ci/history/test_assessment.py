"""What a test's past comes to."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.assessment import assessed
from sickbay.ci.history.kinds import chances
from sickbay.ci.history.stretches import Counts
from tests.ci.history.told import LETTERS, told

if TYPE_CHECKING:
    from sickbay.ci.history.models import Observation, Outcome


@pytest.mark.parametrize(
    ("line", "classification", "transition"),
    [
        pytest.param("." * 20 + "FFFFF", "REGRESSION", "120", id="broke"),
        pytest.param("." * 40 + "FF", "REGRESSION", "140", id="broke just now"),
        pytest.param(
            "." * 20 + "F" * 9 + ".", "REGRESSION", "120", id="one pass since"
        ),
        pytest.param(
            ".F..F..F..F." * 2 + "F" * 9, "REGRESSION", "124", id="flaky, broke"
        ),
        pytest.param("F" * 9 + "." * 20, "FIXED", "109", id="fixed"),
        pytest.param(
            "." * 15 + "F" * 8 + "." * 15, "FIXED", "123", id="broke and fixed"
        ),
        pytest.param(
            "." * 16 + "F" * 8 + "." * 7 + "FF", "REGRESSION", "131", id="broke again"
        ),
        pytest.param(
            "......FFFFFFFF.......FFFFF.FFFFF......FF........FF",
            "REGRESSION",
            "148",
            id="breaks again and again",
        ),
        pytest.param("." * 40 + "FFFFF~FF", "REGRESSION", "140", id="one lucky retry"),
        pytest.param(
            "." * 9 + "F" * 9 + "." * 20 + "F",
            "SPORADIC",
            "118",
            id="fails once mended",
        ),
        pytest.param(
            "." * 30 + "F.FF.F..FF.F", "FLAKE_ONSET", "130", id="became flaky"
        ),
        pytest.param(
            "." * 30 + "~~.~~.~~~", "FLAKE_ONSET", "130", id="rescued by retries"
        ),
        pytest.param(".F..F.F.FF..F.F.F", "FLAKE_ONSET", None, id="flaky all along"),
        pytest.param("." * 20 + "F" + "." * 20, "SPORADIC", None, id="once"),
        pytest.param("." * 40 + "F", "SPORADIC", None, id="one failure now"),
        pytest.param("F" * 12, "PERSISTENT_FAIL", None, id="always"),
        pytest.param(
            "FFFFF.FFFFFFF.FFFFFF", "PERSISTENT_FAIL", None, id="nearly always"
        ),
        pytest.param("." * 12, "STABLE", None, id="never"),
        pytest.param("--i-.-ii-F", "INSUFFICIENT_DATA", None, id="two builds"),
        pytest.param("", "INSUFFICIENT_DATA", None, id="no builds"),
    ],
)
def test_past_has_its_class(
    line: str, classification: str, transition: str | None
) -> None:
    found = assessed(told(line))
    assert found.classification == classification
    assert (found.transition.number if found.transition else None) == transition


def test_regression_is_told_in_sentences() -> None:
    found = assessed(told("." * 20 + "-i-" + "FFFFF"))
    assert found.level == "HIGH"
    assert found.notes[0] == "Clear transition at build 123 (commit 00000123)"
    assert "Consistent failure fingerprint across 5 builds" in found.notes
    assert any("3 builds before it, after build 119" in note for note in found.notes)
    assert (
        "Seen in 25 of 28 builds; 1 failed with the machine or the whole session, "
        "2 did not run it, or nobody knows"
    ) in found.notes
    assert found.last_good is not None
    assert found.first_bad == found.transition
    assert found.last_good.number == "119"
    assert found.rate_before is not None
    assert (found.rate_before.happened, found.rate_before.times) == (0, 20)


def test_rates_say_what_they_leave_out() -> None:
    found = assessed(told("." * 16 + "F" * 8 + "." * 7 + "FF"))
    assert (
        "It failed before that, too: 8 of 24 before build 124 (commit 00000124), left "
        "out of these rates"
    ) in found.notes


def test_failures_that_have_nothing_in_common_are_no_regression() -> None:
    seen = [
        replace(one, signature=f"cause {at}") if one.signature else one
        for at, one in enumerate(told("." * 20 + "F" * 6))
    ]
    found = assessed(seen)
    assert found.classification == "PERSISTENT_FAIL"
    assert found.transition is not None
    assert any("fingerprint of its own" in note for note in found.notes)


def test_dominant_fingerprint_is_enough() -> None:
    seen = list(told("." * 20 + "F" * 6))
    seen[21] = replace(seen[21], signature="another")
    found = assessed(seen)
    assert found.classification == "REGRESSION"
    assert found.signature_after == "same"
    assert found.signature_share == pytest.approx(5 / 6)
    assert (
        "The same failure fingerprint in 5 of 6 failing builds, 1 other in the rest"
    ) in found.notes


def test_passes_that_nobody_saw_are_said() -> None:
    seen = [
        replace(one, inferred=one.outcome == "pass") for one in told("." * 20 + "FFF")
    ]
    assert any(
        note.startswith("In 20 builds nobody saw") for note in assessed(seen).notes
    )


def test_commits_that_ran_it_twice_are_said() -> None:
    seen = by_variant(gpu="...~..~...")
    wanted = "Passed and failed 2 of 2 times that a variant ran it repeatedly on"
    assert any(note.startswith(wanted) for note in assessed(seen).notes)


def test_unknown_fingerprints_do_not_hide_a_regression() -> None:
    found = assessed(told("." * 20 + "F" * 6, signature=""))
    assert found.classification == "REGRESSION"
    assert found.signature_share is None


def test_same_fingerprint_before_and_after_is_said() -> None:
    found = assessed(told(".F.......F......" + "F" * 8))
    assert found.signature_before == found.signature_after == "same"
    assert any("same fingerprint before" in note for note in found.notes)


def test_change_between_builds_of_one_commit_is_not_blamed_on_it() -> None:
    seen = list(told("." * 20 + "F" * 6))
    commit = seen[19].build.sha
    seen[20] = replace(seen[20], build=replace(seen[20].build, sha=commit))
    assert any("are of one commit" in note for note in assessed(seen).notes)


def test_fresh_failure_says_what_the_next_build_will_tell() -> None:
    found = assessed(told("." * 40 + "F"))
    assert found.level == "LOW"
    (note,) = (
        note for note in found.notes if note.startswith("It failed in the newest")
    )
    assert "if the next build fails too" in note


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        pytest.param("." * 20 + "F" * 15 + ".", 20, 80, id="one pass"),
        pytest.param(".F..F." * 5 + "F" * 15 + ".", 20, 80, id="one pass of a flake"),
        pytest.param("." * 20 + "F" * 15 + "." + "F" * 8, 0, 0, id="failed again"),
    ],
)
def test_passes_after_a_regression_may_be_the_fix(
    line: str, least: int, most: int
) -> None:
    found = assessed(told(line))
    assert found.classification == "REGRESSION"
    said = [note for note in found.notes if note.startswith("It passed in the newest")]
    chances_ = [int(note.split()[-2]) for note in said] or [0]
    assert least <= chances_[0] <= most


def test_always_failing_says_that_it_broke_earlier() -> None:
    notes = assessed(told("F" * 12)).notes
    assert any("look further back" in note for note in notes)


def by_variant(**lines: str) -> list[Observation]:
    """A past per variant, all in the same builds."""
    order = "F~.i-"
    found = []
    for at, letters in enumerate(zip(*lines.values(), strict=True)):
        worst = min(letters, key=order.index)
        variants: list[tuple[str, Outcome]] = [
            (name, LETTERS[letter])
            for name, letter in zip(lines, letters, strict=True)
            if letter != "-"
        ]
        (seen,) = told("-" * at + worst)[-1:]
        found.append(replace(seen, variants=tuple(variants)))
    return found


def test_nightly_variant_that_always_fails_is_no_flake() -> None:
    found = assessed(by_variant(gpu="-" + "." * 40, nightly="-" + "----F" * 8))
    assert found.classification == "PERSISTENT_FAIL"
    assert any("Fails in 1 of its 2 variants only: nightly" in n for n in found.notes)


def test_regression_of_one_variant_is_one() -> None:
    found = assessed(by_variant(gpu="." * 30, rocm="." * 20 + "F" * 10))
    assert found.classification == "REGRESSION"
    assert found.transition is not None
    assert found.transition.number == "120"


def titled(line: str, **titles: str) -> list[Observation]:
    """A past whose builds have titles, one letter a build."""
    letters = zip(told(line), titles["of"], strict=True)
    return [
        replace(one, build=replace(one.build, title=titles[letter]))
        for one, letter in letters
    ]


def test_one_kind_of_builds_that_always_fails_is_no_flake() -> None:
    past = titled("..F." * 9, of="nnxn" * 9, n="nightly", x="with another compiler")
    found = assessed(past)
    assert found.classification == "PERSISTENT_FAIL"
    assert (
        "Fails in builds titled 'with another compiler' only, though 27 others ran it: "
        "these are left out"
    ) in found.notes


@pytest.mark.parametrize(
    ("line", "titles"),
    [
        pytest.param("..F.F..F...F", "abcdefghijkl", id="a title for each commit"),
        pytest.param("......FFFFFF", "nxnxnxxxxxxx", id="broke as the titles changed"),
        pytest.param("..F.F.F.....", "nnxnxnxnxnxn", id="three may be chance"),
        pytest.param("..F.F..F...F", "nnxnxnnnnnnx", id="fails with both"),
    ],
)
def test_titles_may_say_nothing(line: str, titles: str) -> None:
    names = {letter: f"builds {letter}" for letter in titles}
    with_titles = assessed(titled(line, of=titles, **names))
    assert with_titles.classification == assessed(told(line)).classification
    assert not any("titled" in note for note in with_titles.notes)


def signed(line: str) -> list[Observation]:
    """A past in which each capital is a failure with a fingerprint of its own."""
    shown = told("".join("F" if letter.isalpha() else letter for letter in line))
    return [
        replace(one, signature=letter if letter.isalpha() else "")
        for one, letter in zip(shown, line, strict=True)
    ]


def test_new_fingerprint_is_a_new_trouble() -> None:
    found = assessed(signed("......AA.AA.......AA.............BBB"))
    assert found.classification == "REGRESSION"
    assert found.transition is not None
    assert found.transition.number == "133"
    assert (
        "Failed in 6 older builds with other fingerprints, and passed since: these are "
        "left out"
    ) in found.notes


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("..A..A.B..A.A..B..B", id="a flake in two ways"),
        pytest.param("....AAAAABBBBB", id="one trouble that changes its face"),
        pytest.param("..A.A....BB", id="too few to tell"),
        pytest.param("..A..B...C..D..E", id="all of them different"),
    ],
)
def test_other_fingerprints_may_be_the_same_trouble(line: str) -> None:
    found = assessed(signed(line))
    assert found.found == len(line)
    assert not any("other fingerprints" in note for note in found.notes)


def test_machine_that_died_under_the_failing_variant_hides_a_pass_of_another() -> None:
    found = assessed(by_variant(gpu="." * 30, rocm="." * 20 + "iiiFFFFFFF"))
    assert found.change is not None
    assert [build.number for build in found.change.candidates] == [
        *("120", "121", "122", "123"),
    ]


def test_many_failing_variants_are_named_shortly() -> None:
    names = ("a", "b", "c", "d")
    found = assessed(by_variant(good="." * 9, **dict.fromkeys(names, "......FFF")))
    assert any("4 of its 5 variants only: a, b, c and 1 more" in n for n in found.notes)


def test_variants_that_all_fail_now_and_then_are_all_looked_at() -> None:
    found = assessed(by_variant(gpu="..F......." * 3, rocm=".......F.." * 3))
    assert found.rate_after is not None
    assert (found.rate_after.happened, found.rate_after.times) == (6, 30)


lines = st.text(st.sampled_from(".F~-i"), max_size=40)


@given(lines)
def test_every_past_has_a_class_and_sentences(line: str) -> None:
    found = assessed(told(line))
    assert 0 <= found.confidence <= 1
    assert found.notes
    assert found.builds == len(line)
    assert found.found + found.infra + found.absent == found.builds
    assert all(note and not note.endswith(".") for note in found.notes)
    if found.transition:
        assert found.change is not None
        assert found.transition == found.change.after
    if found.classification in {"REGRESSION", "FIXED"}:
        assert found.transition is not None
    if found.first_bad:
        assert found.first_bad == found.transition


@given(st.text(st.sampled_from(".F~"), min_size=1, max_size=40))
def test_classes_share_the_probability(line: str) -> None:
    found = chances(Counts([LETTERS[letter] for letter in line]))
    assert sum(found.classes.values()) == pytest.approx(1)
    assert sum(found.changed.values()) <= 1


@given(st.integers(5, 30), st.integers(5, 30))
def test_mirrored_regression_is_fixed(good: int, bad: int) -> None:
    line = "." * good + "F" * bad
    assert assessed(told(line)).classification == "REGRESSION"
    assert assessed(told(line[::-1])).classification == "FIXED"


@given(lines, st.integers(0, 40), st.sampled_from("-i"))
def test_build_that_tells_nothing_leaves_the_class(
    line: str, at: int, letter: str
) -> None:
    one, other = assessed(told(line)), assessed(told(line[:at] + letter + line[at:]))
    assert one.classification == other.classification
    assert one.confidence == pytest.approx(other.confidence)


def test_flakes_are_hardly_ever_called_regressions() -> None:
    chance = random.Random(4)  # noqa: S311 - nothing secret: it has to be repeatable
    wrong = 0
    for _ in range(300):
        rate = chance.uniform(0.02, 0.5)
        line = "".join(".F"[chance.random() < rate] for _ in range(40))
        wrong += assessed(told(line)).classification == "REGRESSION"
    assert wrong <= 3
