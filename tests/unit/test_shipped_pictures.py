"""The catalogue's pictures that come with the app are those that this version would draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dynmask_core.analysis.preview import Preview, preview
from dynmask_core.data import Dataset
from dynmask_core.masks import REGISTRY
from dynmask_core.ui.catalogue import unfit
from dynmask_core.ui.pictures import FOLDER, file_of, ready, shows_maps, write
from dynmask_core.ui.pictures.__main__ import samples

CLOSE = 0.02
"""Masks and attention of another processor may differ by so much."""


@pytest.fixture(scope="module")
def shipped() -> dict[str, tuple[Dataset, list[str]]]:
    return {name: (dataset, sentences) for name, dataset, sentences in samples()}


def test_every_sample_has_a_picture_of_every_mask_that_can_act_on_it(
    shipped: dict[str, tuple[Dataset, list[str]]],
) -> None:
    files = set()
    for name, (dataset, sentences) in shipped.items():
        fitting = {arm for arm in REGISTRY if unfit(arm, dataset.medium) is None}
        for sentence in sentences:
            assert set(ready(dataset, sentence, REGISTRY)) == fitting, f"{name}: python -m dynmask_core.ui.pictures"
            files.add(file_of(dataset, sentence))
    assert files == set(FOLDER.glob("*.gz")), "a picture that nobody can come to"


@pytest.mark.parametrize(("name", "arm"), [("fruit", "static"), ("fruit", "causal"), ("negation", "repaired")])
def test_they_are_what_training_gives(shipped: dict[str, tuple[Dataset, list[str]]], name: str, arm: str) -> None:
    dataset, (sentence, *_) = shipped[name]
    kept, anew = ready(dataset, sentence, [arm])[arm], preview(arm, dataset, sentence)
    again = "draw them again: python -m dynmask_core.ui.pictures"
    assert (kept.tokens, kept.unknown) == (anew.tokens, anew.unknown), again
    np.testing.assert_allclose(kept.mask, anew.mask, atol=CLOSE, err_msg=again)
    if shows_maps(arm):
        differ = np.abs(kept.attention.astype(float) - anew.attention.astype(float)) / 255
        assert differ.mean() < CLOSE, again
        np.testing.assert_array_equal(kept.keys, anew.keys)


def test_another_sentence_or_other_texts_have_none(shipped: dict[str, tuple[Dataset, list[str]]]) -> None:
    dataset, (sentence, *_) = shipped["fruit"]
    assert ready(dataset, f"{sentence} too", ["static"]) == {}
    assert ready(dataset, sentence, ["static"], "char") == {}
    assert ready(shipped["negation"][0], sentence, ["static"]) == {}


def test_pictures_of_images_are_shown_on_their_image(shipped: dict[str, tuple[Dataset, list[str]]]) -> None:
    dataset, sentences = shipped["digits"]
    shown = [ready(dataset, sentence, ["none"])["none"].picture for sentence in sentences]
    assert all(picture is not None for picture in shown)
    assert len({picture.url for picture in shown if picture}) == len(sentences)


def test_what_is_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shipped: object) -> None:
    draw = np.random.default_rng(0)
    maps = draw.integers(0, 255, (2, 4, 4, 4), dtype=np.uint8), np.ones((2, 4, 4), dtype=np.uint16), np.ones((2, 4))
    made = Preview(("a", "b", "真"), draw.random(3, dtype=np.float32), *maps, ("真",))
    monkeypatch.setattr("dynmask_core.ui.pictures.FOLDER", tmp_path)
    dataset = shipped["fruit"][0]  # type: ignore[index]
    write(file_of(dataset, "a b 真"), {"causal": made, "static": made})
    found = ready(dataset, "a b 真", ["static", "causal", "window"])
    assert set(found) == {"causal", "static"}
    np.testing.assert_array_equal(found["causal"].attention, made.attention)
    np.testing.assert_array_equal(found["static"].mask, made.mask)
    assert found["static"].attention.size == 0
    assert found["static"].unknown == ("真",)
