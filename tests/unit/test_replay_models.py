"""What a replay takes along of the trained models: the lens with the app's own numbers, and recorded what-ifs."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis.act import act, open_arms
from dynmask_core.analysis.forced import Forced
from dynmask_core.analysis.lens import LensRow, lens
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import take
from dynmask_core.cli.main import main
from dynmask_core.config import GUESS_TRAIN, DataConfig, ExperimentConfig, GuessSettings, ModelConfig
from dynmask_core.data import Dataset
from dynmask_core.data.load import load_corpus
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs import Run
from dynmask_core.runs.store import export_run, open_export
from dynmask_core.ui.components.lens import STRING_KEYS, LensData, pack
from dynmask_core.ui.replay import Replay, make
from dynmask_core.ui.replay.lenses import BEST
from dynmask_core.ui.replay.packing import laid_out

SENTENCE = 1


def book_of(made: Replay) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="book">(.*)</script>', made.html)
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]


def opened(packed: str) -> bytes:
    return gzip.decompress(base64.b64decode(packed))


def unsealed(sealed: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(sealed[:4], "little")
    return json.loads(sealed[4 : 4 + size]), sealed[4 + size :]


def spread(body: bytes, epochs: int, sizes: dict[str, int], widths: dict[str, int]) -> dict[str, np.ndarray]:
    """As numbers.js does it."""
    found, at = {}, 0
    for name, width in widths.items():
        count = sizes[name] * epochs
        planes = [np.frombuffer(body, np.uint8, count, at + byte * count).astype(np.int64) for byte in range(width)]
        at += width * count
        folded = sum((plane << 8 * byte for byte, plane in enumerate(planes)), np.zeros(count, dtype=np.int64))
        change = np.where(folded % 2, -(folded + 1) // 2, folded // 2)
        found[name] = change.reshape(epochs, -1).cumsum(0)
    assert at == len(body)
    return found


def told(packed: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    header, body = unsealed(opened(packed))
    M, A, L, H, T, d = header["shape"]
    edges = (A, L, H, T, T)
    shapes = {"dot": edges, "value": (A, L, H, T, d), "open": edges, "bias": edges, "weight": edges}
    arrays = spread(body, M, {name: math.prod(shape) for name, shape in shapes.items()}, header["widths"])
    return header, {name: array.reshape(M, *shapes[name]) for name, array in arrays.items()}


def in_app(row: LensRow) -> dict[str, Any]:
    """What the app sends to its lens."""
    sealed = pack(LensData([row], ["#000000"]), lang="en", strings=dict.fromkeys(STRING_KEYS, ""))
    arm: dict[str, Any] = unsealed(sealed)[0]["arms"][0]
    return arm


@pytest.fixture(scope="module")
def made(finished_run: Run) -> Replay:
    return make(finished_run)


def test_numbers_come_back_whole() -> None:
    random = np.random.default_rng(0)
    arrays = {"a": random.integers(-400_000, 400_000, (5, 2, 7)), "b": random.integers(0, 2, (5, 3))}
    widths, body = laid_out(arrays)
    assert widths == {"a": 3, "b": 1}
    back = spread(body, 5, {"a": 14, "b": 3}, widths)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array.reshape(5, -1))


def test_the_lens_has_the_numbers_that_the_app_shows_at_every_kept_epoch(made: Replay, finished_run: Run) -> None:
    book, arms = book_of(made), finished_run.config().arms
    assert made.lens_epochs == finished_run.kept_epochs() == book["lensEpochs"]
    header, numbers = told(book["lenses"][SENTENCE])
    probe = finished_run.probes()[SENTENCE]
    for m, epoch in enumerate(finished_run.kept_epochs()):
        for a, arm in enumerate(arms):
            seen = lens(Subject.open(finished_run, arm, epoch), probe.text, -1 - SENTENCE)
            assert header["words"] == list(seen.words)
            for layer, head, query in ((0, 0, 1), (1, 1, len(seen.words) - 1)):
                row = in_app(seen.row(layer, head, query))
                at = (m, a, layer, head)
                np.testing.assert_allclose(numbers["dot"][(*at, query)] / 1e5, row["dot"], atol=1e-9)
                np.testing.assert_allclose(numbers["value"][at] / 1e5, row["value"], atol=1e-9)
                assert numbers["open"][(*at, query)].tolist() == [int(bias is not None) for bias in row["bias"]]
                known = header["moments"][m][a]
                assert (known["epoch"], known["mask"]) == (epoch, row["mask"])
                assert [bool(one) for one in known["removed"][layer]] == row["removed"]
                # The browser makes the shares of these numbers.
                scores = np.array(row["dot"]) / math.sqrt(seen.value.shape[-1]) + seen.bias[layer, head, query]
                np.testing.assert_allclose(np.exp(scores) / np.exp(scores).sum(), row["weight"], atol=2e-5)


def test_what_softmax_does_not_make_is_stored(tmp_path: Path, settings: Any, dataset: Dataset) -> None:
    run = Run.create(tmp_path, settings("none", "entmax", epochs=1), dataset)
    assert execute(run.path) == "finished"
    header, numbers = told(book_of(make(run))["lenses"][0])
    seen = lens(Subject.open(run, "entmax", 1), run.probes()[0].text, -1)
    np.testing.assert_allclose(numbers["weight"][-1, 1] / 1e5, seen.weight, atol=1e-5)
    assert header["moments"][-1][1]["alpha"] == list(seen.alpha)


def test_with_less_room_fewer_epochs_are_known_and_it_says_so(made: Replay, finished_run: Run) -> None:
    def tight(share: float) -> Replay:
        bare = len(made.html) - sum(map(len, book_of(made)["lenses"]))
        return lenses_in(finished_run, int(share * (len(made.html) - bare)))

    half = tight(0.6)
    kept = finished_run.kept_epochs()
    assert 1 < len(half.lens_epochs) < len(kept)
    assert (half.lens_epochs[0], half.lens_epochs[-1]) == (kept[0], kept[-1])
    assert half.lenses == half.sentences
    assert f"of {len(kept)} kept epochs" in take.told(half.to_json())
    for lang in LANGUAGES:
        some = text("take.replay.lens_some", lang, epochs="@", kept=len(kept), size="@")
        assert some.split("@")[-1] in half.html
    scarce = tight(0.15)
    assert scarce.lens_epochs == kept[-1:]
    assert 0 < scarce.lenses < scarce.sentences
    assert f"for {scarce.lenses} of {scarce.sentences} sentences" in take.told(scarce.to_json())


def lenses_in(run: Run, room: int) -> Replay:
    """The replay with so much room for the lens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dynmask_core.ui.replay.LEAST", room)
        return make(run, limit=0)


def test_a_recorded_what_if_is_what_the_app_answers_to_that_click(made: Replay, finished_run: Run) -> None:
    recorded = json.loads(opened(book_of(made)["whatIfs"][SENTENCE]))
    subjects, sentence = open_arms(finished_run), finished_run.probes()[SENTENCE].text
    base = act(subjects, sentence)
    for key, forced in (
        ("-2", Forced(removed=frozenset({2}))), ("h3", Forced(heads_off=frozenset({(1, 1)}))),
    ):  # fmt: skip
        found, alone = recorded["clicks"][key], act(subjects, sentence, forced)
        assert found["removed"] == sorted(forced.removed)
        for one, arm in zip(found["arms"], alone.arms, strict=True):
            np.testing.assert_allclose(one["after"], arm.after, atol=2e-5)
            assert one["counts"] == list(arm.counts)
            for told_drop, drop in zip(
                [one["drops"], *one["headDrops"]], [arm.word_drops, *arm.head_drops], strict=True
            ):
                np.testing.assert_allclose(np.array(told_drop, float), np.array(drop, float), atol=3e-5)
    words, heads = len(base.words), sum(len(row) for row in base.arms[0].heads)
    out = [place for place in range(words) if all(arm.left_at[place] is not None for arm in base.arms)]
    names = list(recorded["clicks"])
    assert len([name for name in names if name.startswith("-")]) == words - len(out)
    assert len([name for name in names if name.startswith("h")]) == heads
    # Whatever the page lets the reader click is there.
    for place, cycle in enumerate(recorded["base"]["cycles"], 1):
        assert {{"removed": "-", "restored": "+"}[step] + str(place) for step in cycle if step} <= set(names)


def test_a_run_without_its_models_says_that_it_has_no_lens(finished_run: Run, tmp_path: Path) -> None:
    export_run(finished_run, tmp_path / "run.zip")
    made = make(open_export(tmp_path / "run.zip"))
    assert (made.lens_epochs, made.lenses, made.what_ifs) == ([], 0, 0)
    assert text("take.replay.no_models", "en") in made.html
    assert 'id="lens"' not in made.html
    assert "no lens" in take.told(made.to_json())


def test_a_run_that_kept_no_epochs_has_the_lens_of_the_best_one(finished_run: Run, tmp_path: Path) -> None:
    shutil.copytree(finished_run.path, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "kept")
    made = make(Run(tmp_path / "run"))
    assert made.lens_epochs == [BEST]
    header, _ = told(book_of(made)["lenses"][0])
    result = finished_run.result()
    assert result is not None
    assert [one["epoch"] for one in header["moments"][0]] == [arm["best_epoch"] for arm in result["arms"]]
    assert text("lens.only_best", "zh") in made.html


def test_a_run_that_guesses_words_has_the_lens_and_no_classes_to_ask_for(tmp_path: Path) -> None:
    source = tmp_path / "text.txt"
    source.write_text("\n".join(f"w{i % 30} w{(i + 1) % 30} w{(i + 2) % 30} w{(i + 3) % 30}" for i in range(60)))
    model = ModelConfig(dim=16, heads=2, layers=1, dropout=0.0, embedding_dropout=0.0, token_dropout=0.0)
    config = ExperimentConfig(
        DataConfig(str(source)), model, train=replace(GUESS_TRAIN, epochs=1, device="cpu"), arms=("static", "dynamic"),
        task=GuessSettings(),
    )  # fmt: skip
    run = Run.create(tmp_path / "run", config, load_corpus(config.data, "", 0)[0])
    assert execute(run.path) == "finished"
    made = make(run)
    assert (made.lens_epochs, made.what_ifs) == ([BEST], 0)
    assert 'id="act"' not in made.html


def test_the_command_says_what_the_page_could_take_along(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--runs-dir", str(finished_run.path.parent), "--json"]
    target = tmp_path / "run.html"
    assert main(["runs", "export", finished_run.name, "--to", str(target), *where]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])["replay"]
    assert said["lens_epochs"] == finished_run.kept_epochs()
    assert said["bytes"] == target.stat().st_size
    assert said["what_ifs"] == said["sentences"] == len(finished_run.probes())
