from __future__ import annotations

import pytest

from sickbay.toolsets.history.analysis.naming import meant, nearest, tail_of

KNOWN = (
    "models/test_llama.py::test_generate[7b]",
    "models/test_llama.py::test_generate[13b]",
    "models/vision/test_clip.py::TestClip::test_embed",
    "kernels/test_clip.py::test_embed",
)
CLIP = KNOWN[2]


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(CLIP, id="as it is kept"),
        pytest.param(f"tests/{CLIP}", id="from the root"),
        pytest.param(f"/work/vllm/tests/{CLIP}", id="with the machine's folders"),
        pytest.param("vision/test_clip.py::TestClip::test_embed", id="from below"),
        pytest.param("test_clip.py::TestClip::test_embed", id="without folders"),
        pytest.param("TestClip::test_embed", id="without the file"),
        pytest.param("TestClip.test_embed", id="with dots"),
        pytest.param("models.vision.test_clip.TestClip.test_embed", id="as a module"),
    ],
)
def test_every_spelling_means_the_test(wanted: str) -> None:
    assert meant(wanted, KNOWN) == [CLIP]


def test_an_id_that_is_kept_means_no_other() -> None:
    known = ("test_a.py::test_x", "b/test_a.py::test_x")
    assert meant("test_a.py::test_x", known) == ["test_a.py::test_x"]


def test_what_may_be_several_means_all_of_them() -> None:
    assert meant("test_embed", KNOWN) == [CLIP, KNOWN[3]]


@pytest.mark.parametrize("wanted", ["lama.py::test_generate[7b]", "embed", "x"])
def test_half_a_word_means_nothing(wanted: str) -> None:
    assert meant(wanted, KNOWN) == []


def test_an_id_with_dots_is_meant_by_one_with_colons() -> None:
    known = ("test_ops.TestCommonCPU.test_add_cpu", "test_nn.TestNN.test_add_cpu")
    assert meant("test_ops.py::TestCommonCPU::test_add_cpu", known) == [known[0]]


def test_parameters_are_taken_as_they_are() -> None:
    known = ("a/test_x.py::test_it[b/c.d::e]", "a/test_x.py::test_it[b.c.d.e]")
    assert meant("test_it[b/c.d::e]", known) == [known[0]]


@pytest.mark.parametrize("wanted", [CLIP, "TestClip.test_embed", f"/work/tests/{CLIP}"])
def test_the_tail_is_what_all_spellings_have(wanted: str) -> None:
    assert tail_of(wanted) == "test_embed"
    assert tail_of(f"{wanted}[a/b.c]") == "test_embed[a/b.c]"


def test_the_nearest_are_those_that_look_alike() -> None:
    assert nearest("models/test_lama.py::test_generate[7b]", KNOWN)[0] == KNOWN[0]
    assert nearest("zzzz", KNOWN) == []
