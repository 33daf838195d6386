"""What can be taken away from a run comes back as it was: tables, models, and a script that repeats it."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dynmask_core import MaskedTextClassifier
from dynmask_core.analysis.errors import answers
from dynmask_core.analysis.script import script
from dynmask_core.analysis.subject import Subject
from dynmask_core.analysis.tables import KINDS, TABLES, Kind, table, written
from dynmask_core.cli.main import main
from dynmask_core.cli.take import ENDINGS, WHATS
from dynmask_core.config import GUESS_TRAIN, Controls, DataConfig, ExperimentConfig, GuessSettings, ModelConfig
from dynmask_core.data import Dataset, build, planted, resolve
from dynmask_core.data.load import load, load_corpus
from dynmask_core.errors import InputError
from dynmask_core.jobs import execute
from dynmask_core.runs import Run
from dynmask_core.runs.store import open_export

READERS: dict[Kind, Callable[[bytes], pd.DataFrame]] = {
    "csv": lambda content: pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values={"weight": [""]}),
    "json": lambda content: pd.read_json(io.BytesIO(content), dtype={"word": str}),
    "parquet": lambda content: pd.read_parquet(io.BytesIO(content)),
}


@pytest.fixture(scope="module")
def run(finished_run: Run) -> Run:
    return finished_run


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_table_can_be_read_again(run: Run, what: Any, kind: Kind) -> None:
    frame = table(run, what)
    read = READERS[kind](written(frame, kind))
    assert list(read.columns) == list(frame.columns)
    assert len(read) == len(frame) > 0
    for name in frame:
        if pd.api.types.is_numeric_dtype(frame[name]):
            np.testing.assert_allclose(read[name].astype(float), frame[name].astype(float), atol=2e-6, rtol=1e-5)
        else:
            assert [str(cell).removeprefix("'") for cell in read[name]] == [str(cell) for cell in frame[name]]


def test_masks_and_attention_are_those_of_the_recording(run: Run) -> None:
    epoch, arm = run.epochs()[-1], run.config().arms[1]
    record = run.snapshot(epoch).probe(1, arm)
    assert record is not None
    masks, attention = table(run, "masks"), table(run, "attention")
    own = masks[(masks.epoch == epoch) & (masks.arm == arm) & (masks.sentence == 2)]
    np.testing.assert_allclose(own["mask"], record.mask)
    assert own["position"].tolist() == list(range(1, len(record.mask) + 1))
    assert own["word"].tolist() == run.probes()[1].text.split()
    here = attention[(attention.epoch == epoch) & (attention.arm == arm) & (attention.sentence == 2)]
    sums = here.groupby(["layer", "head", "query"])["weight"].sum(min_count=1).dropna()
    assert sums.between(0.9, 1.1).all()
    assert here["weight"].isna().sum() == (record.attention == 0).sum()


def test_predictions_are_the_answers_on_the_test_texts(run: Run) -> None:
    frame, found, result = table(run, "predictions"), answers(run), run.result()
    assert result is not None
    for arm in result["arms"]:
        own = frame[frame["arm"] == arm["name"]]
        assert tuple(own["text"]) == found.texts
        assert (own["truth"] == own["predicted"]).mean() == pytest.approx(arm["test"]["accuracy"])


def test_a_spreadsheet_runs_no_cell() -> None:
    frame = pd.DataFrame(
        {"word": ["=1+1", "@x", "fine"], "arm": pd.Categorical(["-a", "b", "b"]), "mask": [-1.0, 0, 1]}
    )
    lines = written(frame, "csv").decode("utf-8-sig").splitlines()
    assert lines == ["word,arm,mask", "'=1+1,'-a,-1", "'@x,b,0", "fine,b,1"]


def test_the_model_of_a_run_answers_after_a_journey(run: Run, tmp_path: Path) -> None:
    arm, texts = run.config().arms[1], run.dataset().texts[:20]
    target, where = tmp_path / "model.zip", ["--runs-dir", str(run.path.parent)]
    assert main(["runs", "export", run.name, "--what", "model", "--arm", arm, "--to", str(target), *where]) == 0
    loaded = MaskedTextClassifier.load(target)
    assert loaded.classes_.tolist() == list(run.dataset().classes)
    np.testing.assert_array_equal(loaded.predict_proba(texts), Subject.open(run, arm).probabilities(texts))


def test_a_classifier_that_was_saved_answers_as_before(tmp_path: Path) -> None:
    texts, labels = ["good film", "bad film", "good book", "bad book"] * 5, [1, 0, 1, 0] * 5
    fitted = MaskedTextClassifier(model="tiny", epochs=1, device="cpu").fit(texts, labels)
    fitted.save(tmp_path / "model.zip")
    loaded = MaskedTextClassifier.load(tmp_path / "model.zip")
    assert loaded.get_params() == fitted.get_params()
    np.testing.assert_array_equal(loaded.predict_proba(texts), fitted.predict_proba(texts))
    assert loaded.predict(texts).dtype == fitted.predict(texts).dtype
    assert loaded.masks(texts[:1]) == fitted.masks(texts[:1])


@pytest.mark.parametrize("content", [b"", b"no zip", written(pd.DataFrame({"a": [1]}), "parquet")])
def test_what_is_not_a_model_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InputError, match="not a model"):
        MaskedTextClassifier.load(tmp_path / "x.zip")


def test_the_script_repeats_a_run_whose_settings_were_changed_on_the_way(
    tmp_path: Path, runs_root: Path, settings: Any
) -> None:
    file = tmp_path / 'it\'s "mine".csv'
    planted(texts=60, noise_words=30).table.frame.to_csv(file, index=False)
    made = settings("static", "repaired", epochs=3).to_json()
    config = ExperimentConfig.from_json(made | {"data": {"source": str(file)}})
    dataset, _ = load(resolve(str(file)), config.data, config.train.seed)
    run = Run.create(runs_root, config, dataset)
    changed = Controls(0.3, 0.5, 0.4)

    def change(event: Any) -> None:
        if type(event).__name__ == "EpochEnd" and event.epoch == 1:
            run.set_controls(changed)

    assert execute(run.path, change) == "finished"
    written_script = tmp_path / "again.py"
    assert main(["runs", "export", run.name, "--to", str(written_script)]) == 0
    done = subprocess.run(
        [sys.executable, str(written_script)], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    result = run.result()
    assert result is not None
    told = [f"{a['name']}  test accuracy {a['test']['accuracy']:.4f}  F1 {a['test']['f1']:.4f}" for a in result["arms"]]
    assert [line.partition("  (")[0] for line in done.stdout.splitlines()] == told
    assert "not the texts" not in done.stderr
    other = build(planted(texts=40, noise_words=30).table)[0]
    assert json.dumps(changed.__dict__, indent=2).splitlines()[1] in script(run)
    assert script(run) != script(Run.create(tmp_path / "others", config, other))


def test_the_script_repeats_a_run_that_guesses_hidden_words(tmp_path: Path) -> None:
    text, other = tmp_path / "text.txt", tmp_path / "other.txt"
    for file, first in ((text, 0), (other, 7)):
        file.write_text("\n".join(" ".join(f"w{(first + i + k) % 30}" for k in range(5)) for i in range(60)))
    model = ModelConfig(dim=16, heads=2, layers=1, dropout=0.0, embedding_dropout=0.0, token_dropout=0.0)
    train = replace(GUESS_TRAIN, epochs=2, device="cpu")
    task = GuessSettings(evaluation=str(other))
    config = ExperimentConfig(DataConfig(str(text)), model, train=train, arms=("static", "dynamic"), task=task)
    run = Run.create(tmp_path / "run", config, load_corpus(config.data, task.evaluation, config.train.seed)[0])
    assert execute(run.path) == "finished"
    (tmp_path / "again.py").write_text(script(run))
    moved = text.rename(tmp_path / "elsewhere.txt")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "again.py"), str(moved)], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    result = run.result()
    assert result is not None
    scores = [(arm["name"], arm["validation"]) for arm in result["arms"]]
    told = [f"{name}  validation loss {one['loss']:.4f}  right {one['accuracy']:.4f}" for name, one in scores]
    assert [line.partition("  (")[0] for line in done.stdout.splitlines()] == told
    for (_, one), line in zip(scores, done.stdout.splitlines(), strict=True):
        assert f"(the run: {one['loss']:.4f})" in line
    assert "not the texts" not in done.stderr


def test_the_whole_run_can_be_viewed_elsewhere(run: Run, tmp_path: Path) -> None:
    target, where = tmp_path / "run.zip", ["--runs-dir", str(run.path.parent)]
    assert main(["runs", "export", run.name, "--to", str(target), *where]) == 0
    opened = open_export(target)
    assert (opened.config(), opened.result(), opened.epochs()) == (run.config(), run.result(), run.epochs())
    np.testing.assert_array_equal(table(opened, "masks")["mask"], table(run, "masks")["mask"])


def test_without_a_file_it_says_all_that_can_be_written(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "export", run.name, "--runs-dir", str(run.path.parent)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert {ending for endings in ENDINGS.values() for ending in endings} < set(re.findall(r"\.\w+", line))
    assert {f".{kind}" for kind in KINDS} < set(re.findall(r"\.\w+", line))
    assert {what for what in WHATS if what not in ("replay", "script")} <= set(re.findall(r"\w+", line))


def test_the_script_names_a_sample(tmp_path: Path, settings: Any, dataset: Dataset) -> None:
    made = settings("none").to_json() | {"data": vars(DataConfig("sample:fruit"))}
    code = script(Run.create(tmp_path, ExperimentConfig.from_json(made), dataset))
    ast.parse(code)
    assert '"source": "sample:fruit"' in code


@pytest.mark.parametrize(
    ("name", "what"), [("a.txt", []), ("a.csv", []), ("a.txt", ["--what", "masks"]), ("a.csv", ["--what", "model"])]
)
def test_what_does_not_fit_the_file_is_one_sentence(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, what: list[str]
) -> None:
    where = ["--runs-dir", str(run.path.parent)]
    assert main(["runs", "export", run.name, "--to", str(tmp_path / name), *what, *where]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.html", ["--with-questions"]),
        ("a.csv", ["--what", "masks", "--with-questions"]),
        ("a.zip", ["--lang", "zh"]),
        ("a.py", ["--lang", "en"]),
        ("a.csv", ["--what", "words", "--lang", "zh"]),
        ("a.md", ["--arm", "static"]),
        ("a.csv", ["--what", "attention", "--arm", "static"]),
    ],
)
def test_an_option_that_would_change_nothing_is_refused_in_one_sentence(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, options: list[str]
) -> None:
    where = ["--runs-dir", str(run.path.parent)]
    assert main(["runs", "export", run.name, "--to", str(tmp_path / name), *options, *where]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert next(option for option in reversed(options) if option.startswith("--")) in line
    assert not (tmp_path / name).exists()
