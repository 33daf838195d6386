"""Pictures and sounds are decoded in bounded memory, through whatever door they come."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from dynmask_core.config import DataConfig
from dynmask_core.data import build, media
from dynmask_core.data.corpus import build_corpus
from dynmask_core.data.decoded import Decoded
from dynmask_core.data.marked import build_marked
from dynmask_core.data.media import Budget, fault, picture_of, sound_of
from dynmask_core.data.sound import wav
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError


def pictures(rows: int = 24) -> Table:
    drawn = [picture_of(np.full((8, 8), 9 * row, dtype=np.uint8)) for row in range(rows)]
    frame = pd.DataFrame({"image": drawn, "label": ["a", "b"] * (rows // 2), "target": drawn}, dtype=object)
    return Table(frame, "csv", name="made")


DOORS: dict[str, Callable[[], object]] = {
    "classify": lambda: build(pictures()),
    "mark": lambda: build_marked(pictures(), DataConfig("x"), 0),
    "restore": lambda: build_corpus(pictures(), DataConfig("x", text_column="image"), 0),
}


@pytest.mark.parametrize("door", DOORS)
def test_all_pictures_of_a_table_together_have_one_budget(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    DOORS[door]()
    monkeypatch.setattr(media, "MAX_DECODED", 64 * 20)
    with pytest.raises(InputError) as refused:
        DOORS[door]()
    assert refused.value.code == "pictures_too_large"


def test_what_is_too_large_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[object] = []
    monkeypatch.setattr(media, "plain", lambda opened: decoded.append(opened) or opened)
    monkeypatch.setattr(media, "MAX_PIXELS", 63)
    budget = Budget()
    assert fault(pictures().frame["image"][0], "image", budget) == "media_broken"
    assert budget.left == media.MAX_DECODED
    budget.left = 10
    monkeypatch.setattr(media, "MAX_PIXELS", 64)
    with pytest.raises(InputError):
        fault(pictures().frame["image"][0], "image", budget)
    assert not decoded


@pytest.mark.parametrize(("kind", "bits"), [(np.int16, 16), (np.uint8, 8), (np.float32, 32)])
def test_a_sound_with_too_many_values_is_left_out_by_its_head(
    kind: type, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = sound_of(np.ones(1000, dtype=kind), 8000)
    monkeypatch.setattr(wav, "MAX_VALUES", 1000 + 8 * 100 // bits)
    assert fault(sample, "sound") == ""
    monkeypatch.setattr(wav, "MAX_VALUES", 999)
    assert fault(sample, "sound") == "media_broken"


def test_what_is_kept_is_bounded_in_bytes_and_the_oldest_goes_first() -> None:
    kept, made = Decoded(limit=1000), []

    def get(name: str, size: int = 400) -> np.ndarray:
        return kept.get(name, size, lambda: made.append(name) or np.zeros(size, dtype=np.uint8))

    for name in ("one", "two", "one", "three", "one"):
        get(name)
    assert made == ["one", "two", "three"]
    assert kept.bytes == 800
    get("two")
    assert made[-1] == "two"
    get("large", 5000)
    assert kept.bytes <= 1000
    assert len(kept) == 2
    with pytest.raises(ValueError, match="read-only"):
        get("one")[0] = 1


def test_a_picture_and_its_marks_are_decoded_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    table, decoded, plain = pictures(), [], media.plain
    monkeypatch.setattr(media, "plain", lambda opened: decoded.append(opened) or plain(opened))
    build_marked(table, DataConfig("x"), 0)
    assert len(decoded) == 2 * len(table)
