"""Marked units from a file to a trained model: tags of words and objects in pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from dynmask_core.analysis.marked import mark
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import main
from dynmask_core.config import DataConfig, ExperimentConfig, MarkSettings, ModelConfig, TrainConfig
from dynmask_core.data import read_bytes
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.load import load_marked
from dynmask_core.data.marked import build_marked
from dynmask_core.data.media import picture_of
from dynmask_core.data.table import Table
from dynmask_core.data.targets import objects_of
from dynmask_core.errors import InputError
from dynmask_core.evaluate.marks import text_scores
from dynmask_core.inputs import fit_to
from dynmask_core.jobs import execute
from dynmask_core.masks import MaskPlan
from dynmask_core.model import Request
from dynmask_core.runs import Run
from dynmask_core.tasks.mark import Mark

LINES = "\n".join(
    json.dumps({"tokens": ["Ada", f"saw{day}", place, " ", "."], "ner_tags": ["B-PER", "O", "B-LOC", "O", "O"]})
    for day, place in enumerate(("Norley", "Marby", "Norley") * 10)
)


def small(**training: Any) -> ExperimentConfig:
    torch.set_num_threads(1)
    train = TrainConfig(**{"epochs": 2, "device": "cpu", "learning_rate": 5e-3, **training})
    return ExperimentConfig(
        DataConfig("x"), ModelConfig(16, 2, 2), train=train, arms=("none", "topk"), task=MarkSettings()
    )


def tagged(text: str = LINES, name: str = "x.jsonl", **config: Any) -> Dataset:
    return build_marked(read_bytes(text.encode(), name), DataConfig("x", **config), 0)[0]


def squares(count: int = 24, side: int = 12) -> Table:
    """A bright square of 4 × 4 pixels on black, on a grid of 2 pixels, and where it is."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(count):
        pixels = np.zeros((side, side), dtype=np.uint8)
        top, left = rng.integers(0, (side - 4) // 2 + 1, 2) * 2
        pixels[top : top + 4, left : left + 4] = 255
        rows.append({"image": picture_of(pixels), "target": picture_of((pixels > 0).astype(np.uint8))})
    return Table(pd.DataFrame(rows, dtype=object), "png", name="squares")


def test_tokens_and_tags_of_json_lines_are_kept_side_by_side_without_blank_ones() -> None:
    data = tagged()
    assert data.targets == ["B-PER O B-LOC O"] * 30
    assert [data.texts[0][a:b] for a, b in data.spans[0]] == ["Ada", "saw0", "Norley", "."]
    assert tagged(max_tokens=2).targets == ["B-PER O"] * 30
    assert data.classes == ()


def test_two_columns_of_words_and_tags_are_read_sentence_by_sentence() -> None:
    lines = "-DOCSTART- -X- O\n\n# sent_id = 1\nAda NNP B-PER\nsaw VBD O\n# NN O\n\n" * 12 + "alone\n\n"
    table = read_bytes(lines.encode(), "train.conll")
    assert (table.format, len(table), table.malformed) == ("conll", 12, 1)
    data, report = build_marked(table, DataConfig("x"), 0)
    assert data.targets is not None
    assert (data.texts[0], data.targets[0]) == ("Ada saw #", "B-PER O O")
    assert report.dropped == {"malformed": 1}


def test_texts_without_tokens_are_cut_at_spaces() -> None:
    lines = "text,tags\n" + "Ada slept .,B-PER O O\n" * 12 + "Ada slept,O\n"
    data, report = build_marked(read_bytes(lines.encode(), "x.csv"), DataConfig("x"), 0)
    assert data.targets == ["B-PER O O"] * 12
    assert report.dropped == {"marks_differ": 1}
    assert report.marks == {"O": 24, "B-PER": 12}


def test_what_has_no_marks_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="tags"):
        tagged('{"text": "a", "label": "b"}\n' * 20)
    with pytest.raises(InputError, match="10"):
        tagged("\n".join(LINES.splitlines()[:3]))
    with pytest.raises(InputError, match="units are marked"):
        Mark.of(small(), Dataset("x", ["a"], np.zeros(1), (), np.zeros(1), [np.array([[0, 1]])]))  # type: ignore[arg-type]


def test_a_picture_of_another_size_is_left_out() -> None:
    table = squares()
    table.frame.loc[0, "target"] = picture_of(np.zeros((4, 4), dtype=np.uint8))
    data, report = build_marked(table, DataConfig("x"), 0)
    assert (len(data), report.dropped) == (23, {"marks_differ": 1})


def test_objects_are_brought_to_the_middle_of_a_square_without_new_numbers() -> None:
    wide = np.zeros((4, 8), dtype=np.uint8)
    wide[:, 6:] = 3
    found = objects_of(picture_of(wide), 16)
    assert set(np.unique(found)) == {0, 1}
    assert found[:4].sum() == found[12:].sum() == 0
    assert (found[4:12, 12:] == 1).all()


def test_tags_without_an_outside_are_averaged_over_the_marks() -> None:
    truth, given = [np.array([-1, 0, 0, 0, 1])], [np.array([0, 0, 0, 0, 0])]
    scores = text_scores(truth, given, ("noun", "verb"))
    assert scores == {"accuracy": 0.75, "f1": pytest.approx((6 / 7 + 0) / 2)}


def test_marks_are_learned_beside_a_simple_reference(tmp_path: Path) -> None:
    data, _ = build_marked(squares(60), DataConfig("squares"), 0)
    config = fit_to(small(), data, given={"arms"})
    assert config.task == MarkSettings(("background", "object"))
    run = Run.create(tmp_path, config, data)
    assert execute(run.path) == "finished"
    result = run.result()
    assert result is not None
    names = [one["name"] for one in result["reference"]]
    assert names == ["brightness", "perfect_patches"]
    assert all(one["test"]["iou"] == 1 for one in result["reference"])  # bright patches are the object here
    arm = result["arms"][0]
    assert arm["test"]["iou"] > 0.9
    assert arm["test"]["objects"] == len(data.rows("test"))
    # The last epoch's marks of a watched picture are recorded, and those that its model gives.
    record = run.snapshot(config.train.epochs).probe(0, "none")
    assert record is not None
    assert record.marks is not None
    assert record.marks.shape == (36, 2)
    np.testing.assert_allclose(record.marks.sum(1), 1, atol=2e-3)
    found = mark(run, data.texts[:2])
    assert found.boxes is not None
    assert len(found.boxes["none"]) == 2
    subject = Subject.open(run, "none")
    np.testing.assert_array_equal(
        subject.marks(data.texts[:1])[0].argmax(-1), [int(m == "object") for m in found.predicted["none"][0]]
    )
    assert found.csv().decode("utf-8-sig").splitlines()[0] == "text,units,marks_none,boxes_none,marks_topk,boxes_topk"


def test_removed_units_all_get_the_same_answer_and_cannot_be_seen() -> None:
    data = tagged()
    config = fit_to(small(), data)
    task = Mark.of(config, data)
    model = task.model("none").eval()
    context = task.reader.batch(task.corpus.ids[:2], model.embedding, torch.device("cpu"))
    keep = torch.ones_like(context.attention_mask)
    keep[:, 2] = False
    torch.nn.init.normal_(model.removed)
    other = context.units.clone()
    other[:, 2] = other[:, 1]
    one, two = (model(units, context.attention_mask, Request(MaskPlan(keep=keep))) for units in (context.units, other))
    assert torch.equal(one.logits, two.logits)
    assert torch.equal(one.logits[:, 2], model.removed.expand(2, -1))


def test_the_command_says_the_scores_of_arms_and_references(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "names.jsonl"
    file.write_text(LINES, encoding="utf-8")
    said = [
        "mark",
        str(file),
        "--arms",
        "none",
        "--epochs",
        "2",
        "--model",
        "tiny",
        "--runs-dir",
        str(tmp_path / "runs"),
    ]
    assert main([*said, "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["state"] == "finished"
    assert told["dataset"]["marks"] == {"O": 60, "B-PER": 30, "B-LOC": 30}
    assert [one["name"] for one in told["reference"]] == ["commonest_tag"]
    assert told["reference"][0]["test"]["f1"] == 1  # three words are always tagged alike, and new ones are nothing
    assert set(told["arms"][0]["test"]) == {"loss", "accuracy", "precision", "recall", "f1", "entities"}
    assert main(["predict", told["run"], str(file), "--runs-dir", str(tmp_path / "runs"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["answers"]
    assert rows[0]["units"] == ["Ada", "saw0", "Norley", "."]
    assert len(rows[0]["marks_none"]) == 4


def test_the_samples_with_tags_have_entities_of_every_kind_and_read_back_as_they_are() -> None:
    for name in ("tags_en", "tags_zh"):
        data, report = load_marked(DataConfig(f"sample:{name}"), 0)
        assert report.dropped == {}
        assert {"O", "B-PER", "B-LOC", "B-ORG", "B-DATE"} <= set(report.marks)
        assert data.targets is not None
        assert np.mean([target.count("B-") for target in data.targets]) > 2
        fitted = fit_to(small(), data)
        task = Mark.of(fitted, data)
        for row in range(0, len(data), 100):
            np.testing.assert_array_equal(task.reader.read(data.texts[row]), task.corpus.ids[row])
