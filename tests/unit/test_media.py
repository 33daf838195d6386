"""Pictures and sounds as samples: data URLs, from a table to a trained model."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import PIL.Image
import pytest

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import build, guess, load_sample
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.media import (
    IMAGE,
    SOUND,
    TEXT,
    content_of,
    is_readable,
    medium,
    medium_of,
    picture_of,
    pixels_of,
    sound_of,
    to_url,
    wave_of,
)
from dynmask_core.data.table import Table
from dynmask_core.data.targets import objects_of
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd, Finished
from dynmask_core.inputs import fit_to, make_input
from dynmask_core.runs.dataset_file import load_dataset, save_dataset
from dynmask_core.training.fit import fit


def noise(side: int, *more: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, *more), dtype=np.uint8)


def test_a_picture_and_a_sound_come_back_as_they_were() -> None:
    for pixels in (noise(8), noise(8, 3)):
        assert (pixels_of(picture_of(pixels)) == pixels).all()
    wave = np.random.default_rng(0).integers(-(2**15), 2**15, 400, dtype=np.int16)
    found, rate = wave_of(sound_of(wave, 8000))
    assert rate == 8000
    assert np.abs(found * (2**15 - 1) - wave).max() < 1


def test_what_a_sample_is_shows_in_its_beginning() -> None:
    picture, sound = picture_of(noise(4)), sound_of(np.zeros(4, dtype=np.int16), 8000)
    assert (medium(picture), medium(sound), medium("data are good")) == (IMAGE, SOUND, TEXT)
    assert medium_of([picture, picture]) == IMAGE
    assert medium_of([picture, "a text"]) == medium_of([]) == TEXT


@pytest.mark.parametrize("broken", ["data:image/png;base64,????", "data:image/png,abc", to_url(b"no", "image/png")])
def test_a_broken_picture_is_refused(broken: str) -> None:
    assert not is_readable(broken)
    with pytest.raises(InputError) as told:
        pixels_of(broken)
    assert told.value.code == "media_broken"


@pytest.mark.parametrize("place", [0, 5, 30])
def test_a_text_among_pictures_is_left_out(place: int) -> None:
    pictures = [picture_of(noise(8, seed=seed)) for seed in range(40)]
    pictures[place] = "file not found"
    dataset, report = build(Table(pd.DataFrame({"pic": pictures, "kind": list("ab") * 20}), "csv"))
    assert (report.dropped, dataset.medium) == ({"media_broken": 1}, IMAGE)


def stored(picture: PIL.Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return to_url(file.getvalue(), "image/png")


def test_objects_are_read_as_they_are_stored() -> None:
    where = np.zeros((8, 8), dtype=np.uint8)
    where[2:4, 2:4], where[6:, 6:] = 1, 2
    plain = objects_of(picture_of(where), 8)
    assert (plain == where).all()
    seen_through = np.stack([np.full_like(where, 200)] * 3 + [np.where(where > 0, 255, 0).astype(np.uint8)], -1)
    assert ((objects_of(stored(PIL.Image.fromarray(seen_through)), 8) > 0) == (where > 0)).all()
    deep = np.where(where == 2, 1000, np.where(where == 1, 5, 0)).astype(np.uint16)
    assert (objects_of(stored(PIL.Image.fromarray(deep)), 8) == where).all()
    indices = PIL.Image.fromarray(where).convert("P")
    indices.putdata(where.ravel().tolist())
    assert ((objects_of(stored(indices), 8) > 0) == (where > 0)).all()


def test_broken_pictures_are_counted_and_left_out() -> None:
    pictures = [picture_of(noise(8, seed=seed)) for seed in range(40)]
    pictures[3] = to_url(content_of(pictures[3])[:40], "image/png")
    cells = {"name": [f"row {i}" for i in range(40)], "pic": pictures, "kind": list("ab") * 20}
    table = Table(pd.DataFrame(cells), "csv")
    found = guess(table)
    assert (found.columns.text, found.columns.label, found.text.certain) == ("pic", "kind", True)
    dataset, report = build(table)
    assert report.dropped == {"media_broken": 1}
    assert (len(dataset), dataset.medium) == (39, IMAGE)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return build(load_sample("digits"), max_rows=80)[0]


def config(dataset: Dataset, *arms: str) -> ExperimentConfig:
    base = ExperimentConfig(
        DataConfig("sample:digits"), ModelConfig(16, 2, 1), train=TrainConfig(epochs=1, device="cpu"), arms=arms
    )
    return fit_to(base, dataset, given=("arms", "epochs"))


def test_an_experiment_is_fitted_to_its_pictures(digits: Dataset) -> None:
    fitted = config(digits, "none")
    assert (fitted.input, fitted.data.side, fitted.data.channels) == (IMAGE, 8, 1)
    assert (fitted.train.epochs, fitted.train.learning_rate, fitted.model.token_dropout) == (1, 4e-3, 0.0)
    assert ExperimentConfig.from_json(fitted.to_json()) == fitted


def test_settings_of_texts_do_not_change() -> None:
    dataset, _ = build(load_sample("fruit"))
    base = ExperimentConfig(DataConfig("sample:fruit"))
    assert fit_to(base, dataset, given=()) == base
    assert "side" not in base.to_json()["data"]


def test_patches_are_cut_row_by_row_from_the_picture(digits: Dataset) -> None:
    reader = make_input(config(digits, "none"))
    sample = digits.texts[0]
    units, shown, pixels = reader.read(sample), reader.show(sample), pixels_of(sample).astype(np.float32)
    assert units.shape == (17, 4)
    assert not units[0].any()
    for row in range(4):
        for column in range(4):
            patch = pixels[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].ravel() / 127.5 - 1
            assert np.allclose(units[1 + 4 * row + column], patch)
    assert shown.picture is not None
    assert (shown.picture.rows, shown.picture.columns) == (4, 4)
    assert [shown.text[a:b] for a, b in shown.spans][5] == "2:2"
    assert (pixels_of(shown.picture.url) == pixels_of(sample)).all()


@pytest.mark.parametrize("size", [(8, 8), (28, 28), (64, 40), (3, 200), (1, 1)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16"])
def test_every_picture_is_read_at_the_same_size(size: tuple[int, int], mode: str) -> None:
    file = io.BytesIO()
    PIL.Image.new(mode, size).save(file, "PNG")
    sample = to_url(file.getvalue(), "image/png")
    for own in ({"side": 28, "channels": 1}, {"side": 32, "channels": 3, "patch": 8}):
        reader = make_input(ExperimentConfig(DataConfig("x", **own), input=IMAGE))
        assert len(reader.read(sample)) == len(reader.show(sample).spans) + 1 == reader.max_positions


def test_a_run_on_pictures_learns_and_is_recorded(digits: Dataset) -> None:
    from dynmask_core.training.probes import choose_probes

    probes = choose_probes(digits, 0)
    events = list(fit(config(digits, "none", "dropout:draw=1", "window:2"), digits, probes=lambda: probes))
    ended = [event for event in events if isinstance(event, EpochEnd)][-1]
    record = ended.probes[0]["none"]
    assert record.mask.shape == (16,)
    assert record.attention.shape[-2:] == (17, 17)
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize("arm", ["static", "repaired", "keyword"])
def test_masks_that_need_words_are_refused(digits: Dataset, arm: str) -> None:
    with pytest.raises(InputError) as told:
        list(fit(config(digits, arm), digits))
    assert told.value.code == "mask_needs_words"


def test_targets_are_kept_with_the_data_set(tmp_path, digits: Dataset) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    save_dataset(tmp_path / "data.npz", replace(digits, targets=["t"] * len(digits)))
    again = load_dataset(tmp_path / "data.npz")
    assert (again.targets, again.texts, again.medium) == (["t"] * len(digits), digits.texts, IMAGE)
