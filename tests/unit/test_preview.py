"""Pictures of masks: what a tiny model of its own does to a sentence, and who makes them in which order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis import preview as module
from dynmask_core.analysis.preview import Preview, digest, preview
from dynmask_core.attention_code import decode
from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset, load_sample
from dynmask_core.data.load import load
from dynmask_core.errors import InputError
from dynmask_core.jobs import Previews, previews, worker

EDGES = (np.ones((1, 1, 2, 2), dtype=np.uint8), np.ones((1, 1, 2), dtype=np.uint16), np.ones((1, 1)))
SENTENCE = "Not a bad film, 真好"


def sample(seed: int = 0) -> Dataset:
    return load(load_sample("english_sentiment"), DataConfig(max_rows=60), seed)[0]


@pytest.fixture(scope="module")
def data() -> Dataset:
    return sample()


def test_a_picture_has_every_word_as_it_is_written(data: Dataset) -> None:
    shown = preview("static", data, SENTENCE)
    assert "".join(shown.tokens) == SENTENCE.replace(" ", "")
    assert shown.mask.shape == (len(shown.tokens),)
    assert ((shown.mask >= 0) & (shown.mask <= 1)).all()
    assert np.ptp(shown.mask) > 0.1
    size = len(shown.tokens) + 1
    assert {"真", "好"} <= set(shown.unknown)
    assert "bad" not in shown.unknown
    assert shown.attention.shape == (module.MODEL.layers, module.MODEL.heads, size, size)


def test_without_a_mask_every_word_is_kept_and_attention_sums_to_one(data: Dataset) -> None:
    shown = preview("none", data, SENTENCE)
    assert (shown.mask == 1).all()
    np.testing.assert_allclose(decode(shown.attention).sum(-1), 1, atol=0.05)


def test_another_sentence_needs_no_other_training(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    preview("static", data, SENTENCE)

    def refuse(*arguments: Any) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(module, "_train", refuse)
    assert preview("static", sample(), "another one").tokens == ("another", "one")
    with pytest.raises(AssertionError):
        preview("static", sample(seed=1), SENTENCE)


def test_a_sentence_without_words_has_an_empty_picture(data: Dataset) -> None:
    assert preview("none", data, "  ").tokens == ()


def test_equal_data_have_equal_digests(data: Dataset) -> None:
    assert digest(data) == digest(sample())
    assert digest(data) != digest(sample(seed=1))


class Painted:
    """A maker of pictures whose one worker is a thread that waits at each arm until it is let on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.order: list[str] = []
        self.mended = False
        self.may_go = threading.Semaphore(0)
        self.began = threading.Semaphore(0)
        monkeypatch.setattr(worker, "preview", self.paint)
        self.previews = Previews(self.executor)

    def executor(self) -> Executor:
        return ThreadPoolExecutor(1)

    def paint(self, arm: str, dataset: Dataset, sentence: str, tokenizer: str) -> Preview:
        self.order.append(arm)
        self.began.release()
        self.may_go.acquire()
        if arm == "refused":
            raise InputError("no_rows")
        if arm == "broken" and not self.mended:
            raise RuntimeError
        return Preview((sentence,), np.ones(1, dtype=np.float32), *EDGES)


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Painted]:
    painted = Painted(monkeypatch)
    yield painted
    painted.previews.close()
    painted.may_go.release()


def test_what_is_asked_for_last_is_made_first(painted: Painted, data: Dataset, until: Callable[..., None]) -> None:
    assert painted.previews.ask(data, "first", ["a", "b", "c"]) == {}
    painted.began.acquire()
    painted.previews.ask(data, "second", ["d", "e"])
    for _ in range(4):
        painted.may_go.release()
        painted.began.acquire()
    painted.may_go.release()
    until(lambda: len(painted.previews.ask(data, "first", ["a", "b", "c"])) == 3)
    assert painted.order == ["a", "d", "e", "b", "c"]
    assert painted.previews.ask(data, "second", ["d"])["d"].tokens == ("second",)  # type: ignore[union-attr]


def test_what_is_only_looked_at_is_not_made(painted: Painted, data: Dataset, until: Callable[..., None]) -> None:
    painted.may_go.release()
    assert painted.previews.look(data, "x", ["a", "b"]) == {}
    until(lambda: bool(painted.previews.ask(data, "x", ["b"])))
    assert list(painted.previews.look(data, "x", ["a", "b"])) == ["b"]
    assert painted.order == ["b"]


def test_one_picture_that_fails_does_not_hold_up_the_others(
    painted: Painted, data: Dataset, until: Callable[..., None]
) -> None:
    arms = ["refused", "broken", "fine"]
    for _ in arms:
        painted.may_go.release()
    until(lambda: len(painted.previews.ask(data, "x", arms)) == 3)
    made = painted.previews.ask(data, "x", arms)
    assert [made[arm].code for arm in arms[:2]] == ["no_rows", "no_preview"]  # type: ignore[union-attr]
    assert isinstance(made["fine"], Preview)


def test_a_picture_that_failed_once_is_tried_again_after_a_while_and_one_that_cannot_be_made_is_not(
    painted: Painted, data: Dataset, until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> dict[str, Preview | InputError]:
        return painted.previews.ask(data, "x", ["refused", "broken"])

    for _ in range(3):
        painted.may_go.release()
    until(lambda: len(look()) == 2)
    painted.mended = True
    assert isinstance(look()["broken"], InputError)
    assert painted.order == ["refused", "broken"], "not at every look"
    monkeypatch.setattr(previews, "RETRY", 0.0)
    until(lambda: isinstance(look().get("broken"), Preview))
    assert painted.order == ["refused", "broken", "broken"]
