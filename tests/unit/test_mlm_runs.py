"""Runs of masked language modelling: their folder, what their models fill in, and the command."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from dynmask_core.analysis.subject import LIKELIEST, Guessed, Subject
from dynmask_core.cli import main
from dynmask_core.config import GUESS_TRAIN, DataConfig, ExperimentConfig, GuessSettings, ModelConfig
from dynmask_core.data import Dataset
from dynmask_core.data.load import load_corpus
from dynmask_core.data.tokenize import MASK, SPECIAL_TOKENS
from dynmask_core.errors import InputError
from dynmask_core.events import ArmEpoch, EpochEnd, Event, Step
from dynmask_core.jobs import execute
from dynmask_core.masks import MaskPlan
from dynmask_core.model import MaskedLM, Request, TokenEmbedding
from dynmask_core.runs import Run, files, list_runs
from dynmask_core.runs.parcel import FETCHED, SENT, pack, unpack
from dynmask_core.runs.store import export_run, open_export
from dynmask_core.runs.writer import KEPT_EPOCHS, keeps

Json = Callable[..., dict[str, Any]]
ARMS = ("static", "dynamic")
FIRST = len(SPECIAL_TOKENS)


def language(lines: int, seed: int = 0) -> list[str]:
    """Texts of four to nine words in which each word nearly says which one follows."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(lines):
        start = int(rng.integers(0, 30))
        texts.append(" ".join(f"w{(start + i) % 30}" for i in range(int(rng.integers(4, 10)))))
    return texts


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """60 texts in a file."""
    path = tmp_path_factory.mktemp("text") / "language.txt"
    path.write_text("\n".join(language(60)))
    return str(path)


def tiny(text: str, *arms: str, **training: Any) -> ExperimentConfig:
    train = replace(GUESS_TRAIN, **{"epochs": 3, "device": "cpu", "learning_rate": 0.02, **training})
    model = ModelConfig(dim=16, heads=2, layers=1, dropout=0.0, embedding_dropout=0.0, token_dropout=0.0)
    return ExperimentConfig(
        DataConfig(text, max_tokens=16), model, train=train, arms=arms or ARMS, task=GuessSettings()
    )


@pytest.fixture(scope="session")
def corpus(text: str) -> Dataset:
    return load_corpus(DataConfig(text, max_tokens=16), "", 0)[0]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, text: str, corpus: Dataset) -> Run:
    """A run of three epochs, trained to its end; for reading only."""
    run = Run.create(tmp_path_factory.mktemp("mlm"), tiny(text), corpus)
    assert execute(run.path) == "finished"
    return run


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Json:
    """Runs a command with --json; its only line on standard output."""

    def run(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        return json.loads(line)  # type: ignore[no-any-return]

    return run


# The folder


@pytest.mark.parametrize("epochs", [1, 2, 19, 20, 21, 37, 40, 99, 1000])
def test_at_most_twenty_epochs_are_kept_evenly_spread_and_the_last_always(epochs: int) -> None:
    kept = [epoch for epoch in range(1, epochs + 1) if keeps(epoch, epochs)]
    assert len(kept) == min(epochs, KEPT_EPOCHS)
    assert kept[-1] == epochs
    gaps = np.diff([0, *kept])
    assert gaps.max() - gaps.min() <= 1


def test_a_finished_run_tells_everything(finished: Run, corpus: Dataset) -> None:
    assert finished.status().state == "finished"
    assert finished.status().fraction == 1
    assert finished.config().task == GuessSettings()
    assert finished.epochs() == [0, 1, 2, 3]
    result = finished.result()
    assert result is not None
    assert [arm["name"] for arm in result["arms"]] == list(ARMS)
    said = [event for event in finished.events() if event["type"] == "arm_epoch"]
    assert [(event["arm"], event["epoch"]) for event in said] == [(arm, e) for e in (1, 2, 3) for arm in ARMS]
    for arm in result["arms"]:
        epochs = [event for event in said if event["arm"] == arm["name"]]
        assert arm["validation"] == epochs[arm["best_epoch"] - 1]["validation"]
        assert arm["ever_asked"] == epochs[-1]["train"]["ever_asked"]
        assert finished.weights_file(arm["name"]).exists()
    assert finished.predictions() is None
    assert not finished.checkpoint_file.exists()
    assert finished.dataset().classes == ()
    validation = {corpus.texts[row] for row in corpus.rows("validation")}
    assert finished.probes()
    assert all(probe.label is None and probe.text in validation for probe in finished.probes())
    shown = finished.snapshot(3).probe(0, "static")
    assert shown is not None
    assert set(np.unique(shown.mask)) <= {0.0, 1.0}
    assert shown.probabilities.shape == (0,)


def test_the_models_of_every_epoch_are_kept_in_half_precision(tmp_path: Path, text: str, corpus: Dataset) -> None:
    run = Run.create(tmp_path, tiny(text, "static:2", "dynamic"), corpus)
    averaged: dict[int, dict[str, np.ndarray]] = {}
    kept: dict[int, list[int]] = {}

    def listen(event: Event) -> None:
        if isinstance(event, EpochEnd):
            state = {name: array.copy() for name, array in event.state.items() if ".now.model." in name}
            averaged[event.epoch] = {name.replace("now.model.", ""): array for name, array in state.items()}
            kept[event.epoch] = run.kept_epochs()

    execute(run.path, listen)
    assert {1, 2, 3} <= set(run.kept_epochs()) <= {0, 1, 2, 3}
    # Each is there as soon as its epoch is over.
    assert all(max(kept[epoch], default=0) == epoch for epoch in (1, 2, 3))
    for epoch in run.kept_epochs():
        kept_here = load_file(run.kept_file(epoch)).items()
        stored = {name: array for name, array in kept_here if not name.startswith(("mask.", "step."))}
        assert set(stored) == set(averaged[epoch])
        for name, array in stored.items():
            assert array.dtype == np.float16
            assert array.tobytes() == averaged[epoch][name].astype(np.float16).tobytes()
    assert (load_file(run.kept_file(1))["0.bias"] != load_file(run.kept_file(3))["0.bias"]).any()


def test_of_many_epochs_twenty_are_kept(tmp_path: Path, text: str, corpus: Dataset) -> None:
    run = Run.create(tmp_path, tiny(text, "static", epochs=25), corpus)
    execute(run.path)
    assert [epoch for epoch in run.kept_epochs() if epoch] == [e for e in range(1, 26) if keeps(e, 25)]
    assert run.kept_epochs()[-1] == 25


def test_a_parcel_brings_the_kept_models_back_and_sends_none(finished: Run, tmp_path: Path) -> None:
    sent = zipfile.ZipFile(io.BytesIO(pack(finished, SENT))).namelist()
    assert not any(name.startswith("kept") for name in sent)
    assert {"config.json", "dataset.npz"} <= set(sent)
    home = Run(tmp_path / finished.name)
    unpack(home, pack(finished, FETCHED), FETCHED)
    assert home.kept_epochs() == finished.kept_epochs() != []
    for epoch in finished.kept_epochs():
        assert home.kept_file(epoch).read_bytes() == finished.kept_file(epoch).read_bytes()
    for name in ("kept/epoch_0001.safetensors.part", "kept/../epoch_0001.safetensors", "kept/epoch_1.safetensors"):
        assert not FETCHED.fullmatch(name)
    assert FETCHED.fullmatch("kept/epoch_12345.safetensors")


def test_an_exported_run_shows_the_same_without_its_models(finished: Run, tmp_path: Path) -> None:
    export_run(finished, tmp_path / "run.zip")
    shown = open_export(tmp_path / "run.zip")
    assert shown.config() == finished.config()
    assert shown.events() == finished.events()
    assert shown.result() == finished.result()
    assert shown.epochs() == finished.epochs()
    assert shown.kept_epochs() == []


# What the models fill in


def distributions(run: Run, epoch: int, text: str, hidden: list[int]) -> list[np.ndarray]:
    """By arm float64 [hidden, words]: of each hidden word the chances of all words that are words."""
    vocabulary, config = run.vocabulary(), run.config()
    assert vocabulary is not None
    ids = torch.tensor([vocabulary.encode(text.lower().split()).tolist()])
    for place in hidden:
        ids[0, place + 1] = MASK
    stored, found = load_file(run.kept_file(epoch)), []
    for arm in range(len(config.arms)):
        model = MaskedLM(TokenEmbedding(len(vocabulary), config.model, config.data.max_tokens + 1), config.model).eval()
        own = {n[2:]: torch.from_numpy(a.astype(np.float32)) for n, a in stored.items() if n.startswith(f"{arm}.")}
        model.load_state_dict(own)
        with torch.no_grad():
            everywhere = model(ids, ids >= 0, Request(MaskPlan(labels=ids))).logits.double().numpy()
        rows = []
        for place in hidden:
            chances = np.exp(everywhere[place + 1] - everywhere[place + 1].max())
            chances[:FIRST] = 0
            rows.append(chances / chances.sum())
        found.append(np.array(rows))
    return found


def guesses(run: Run, epoch: int, text: str, hidden: list[int]) -> list[list[Guessed]]:
    """What each arm's model fills in."""
    return [Subject.open(run, arm, epoch).guesses(text, hidden) for arm in run.config().arms]


SENTENCE = "w3 w4 nowhere W6 w7 w8"


@pytest.mark.parametrize("epoch", [1, 3])
@pytest.mark.parametrize("hidden", [[1], [0, 2, 3], [5], [0, 1, 2, 3, 4, 5]])
def test_what_the_models_fill_in_is_what_they_hold_likeliest(finished: Run, epoch: int, hidden: list[int]) -> None:
    vocabulary = finished.vocabulary()
    assert vocabulary is not None
    said = guesses(finished, epoch, SENTENCE, hidden)
    assert len(said) == len(ARMS)
    for arm, expected in zip(said, distributions(finished, epoch, SENTENCE, hidden), strict=True):
        assert len(arm) == len(hidden)
        for place, guess, chances in zip(hidden, arm, expected, strict=True):
            order = np.argsort(-chances, kind="stable")
            assert len(guess.words) == LIKELIEST == 5
            assert [p for _, p in guess.words] == sorted((p for _, p in guess.words), reverse=True)
            assert all(0 <= p <= 1 for _, p in guess.words)
            np.testing.assert_allclose([p for _, p in guess.words], chances[order[:5]], atol=1e-5)
            assert not {word for word, _ in guess.words} & set(SPECIAL_TOKENS)
            for word, p in guess.words:
                assert p == pytest.approx(chances[vocabulary.words.index(word)], abs=1e-5)
            true = SENTENCE.lower().split()[place]
            if true == "nowhere":
                assert (guess.truth, guess.rank) == (None, None)
                continue
            number = vocabulary.words.index(true)
            assert guess.truth == pytest.approx(chances[number], abs=1e-5)
            # Words that are all but equally likely may stand in either order.
            surely, perhaps = ((chances > chances[number] * (1 + e)).sum() for e in (1e-3, -1e-3))
            assert guess.rank is not None
            assert surely + 1 <= guess.rank <= perhaps


def test_the_arms_fill_in_different_words_and_no_word_that_is_hidden_says_anything(finished: Run) -> None:
    one, other = guesses(finished, 3, "w3 w4 w5 w6", [1])
    assert one != other
    both = guesses(finished, 3, "w3 w4 w5 w6", [1, 3])
    assert both[0][0] != one[0]
    # What stands there is hidden: it changes the truth, not the words.
    changed = guesses(finished, 3, "w3 w20 w5 w6", [1])
    assert changed[0][0].words == one[0].words
    assert changed[0][0].truth != one[0].truth


def test_guesses_are_better_than_chance_once_the_language_is_learned(
    tmp_path: Path, text: str, corpus: Dataset
) -> None:
    run = Run.create(tmp_path, tiny(text, "dynamic", epochs=30), corpus)
    execute(run.path)
    ranks: dict[int, list[int]] = {}
    for epoch in (run.kept_epochs()[0], 30):
        for start in range(0, 24, 3):
            ((guess,),) = guesses(run, epoch, " ".join(f"w{start + i}" for i in range(6)), [2])
            assert guess.rank is not None
            ranks.setdefault(epoch, []).append(guess.rank)
    early, late = ranks.values()
    assert np.mean(late) < 6 < np.mean(early)


def test_nothing_hidden_is_nothing_filled_in(finished: Run) -> None:
    assert guesses(finished, 3, "w1 w2", []) == [[], []]


def test_asking_a_run_without_kept_models_is_bad_input(
    finished: Run, tmp_path: Path, text: str, corpus: Dataset
) -> None:
    new = Run.create(tmp_path, tiny(text), corpus)
    for run, epoch, code in ((finished, 4, "epoch_not_kept"), (new, 1, "no_weights")):
        with pytest.raises(InputError) as caught:
            guesses(run, epoch, "w1 w2", [0])
        assert caught.value.code == code


def test_a_guess_has_the_fields_that_pages_read() -> None:
    assert Guessed._fields == ("words", "truth", "rank")


# The command

TINY = ("--model", "tiny", "--epochs", "2", "--device", "cpu")


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in ("seconds", "tokens_per_second", "run")}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def test_mlm_says_what_the_contract_asks(text: str, runs_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mlm", text, *TINY, "--json"]) == 0
    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    result = json.loads(line)
    assert re.search(r"epoch +2 +dynamic", said.err)
    assert [arm["refresh"] for arm in result["arms"]] == ["static", "static:10", "dynamic"]
    for arm in result["arms"]:
        for key in ("validation_loss", "accuracy", "masked_fraction_seen", "training_loss"):
            assert len(arm[key]) == 2, key
        assert all(loss > 0 for loss in arm["validation_loss"])
        assert all(0 <= share <= 1 for key in ("accuracy", "masked_fraction_seen") for share in arm[key])
    seen = {arm["refresh"]: arm["masked_fraction_seen"] for arm in result["arms"]}
    assert seen["static"][0] == seen["static"][1] < seen["dynamic"][1]
    assert result["corpus"]["texts"] == 60
    assert result["corpus"]["parts"] == {"train": 54, "validation": 6}
    (run,) = list_runs(runs_root)
    assert (run.name, run.status().state) == (result["run"], result["state"]) == (run.name, "finished")
    recorded = [event for event in run.events() if event["type"] == "arm_epoch" and event["arm"] == "dynamic"]
    assert [event["validation"]["loss"] for event in recorded] == result["arms"][2]["validation_loss"]
    assert [event["validation"]["accuracy"] for event in recorded] == result["arms"][2]["accuracy"]


def test_options_become_the_settings_of_the_run(text: str, runs_root: Path, ask: Json) -> None:
    options = [
        "--corruption",
        "whole-word",
        "--rate",
        "0.4..0.2@cosine",
        "--mask-share",
        "0.6",
        "--random-share",
        "0.2",
    ]
    result = ask("mlm", text, *TINY, *options, "--refresh", " static:1, Dynamic,", "--seed", "3", "--max-rows", "50")
    (run,) = list_runs(runs_root)
    config = run.config()
    assert config.task == GuessSettings("whole-word", "0.4..0.2@cosine", 0.6, 0.2)
    assert config.arms == ("static", "dynamic")
    assert (config.train.seed, config.data.max_rows, config.train.epochs) == (3, 50, 2)
    assert result["corpus"]["dropped"] == {"not_sampled": 10}


def test_the_same_command_gives_the_same_numbers(text: str, ask: Json) -> None:
    command = ("mlm", text, *TINY, "--refresh", "static,dynamic")
    assert timeless(ask(*command)) == timeless(ask(*command))
    assert timeless(ask(*command, "--seed", "1")) != timeless(ask(*command))


def test_other_texts_to_evaluate_on(text: str, tmp_path: Path, ask: Json, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.txt"
    other.write_text("\n".join([*language(12, seed=1), language(1)[0]]))
    command = ("mlm", text, *TINY, "--refresh", "static")
    result = ask(*command, "--eval", str(other))
    assert result["corpus"]["parts"] == {"train": 60, "validation": 13}
    assert result["corpus"]["shared"] >= 1
    assert main([*command, "--eval", str(other)]) == 0
    assert "! " in capsys.readouterr().err
    assert ask(*command)["arms"][0]["validation_loss"] != result["arms"][0]["validation_loss"]


BAD: dict[str, list[str]] = {
    "no text": ["mlm"],
    "a missing file": ["mlm", "nowhere.txt"],
    "a missing file to evaluate on": ["mlm", "TEXT", "--eval", "nowhere.txt"],
    "an unknown sample": ["mlm", "sample:englisch"],
    "an unknown refresh": ["mlm", "TEXT", "--refresh", "static,often"],
    "a refresh of no mask": ["mlm", "TEXT", "--refresh", "static:0"],
    "no refresh": ["mlm", "TEXT", "--refresh", ","],
    "a refresh twice": ["mlm", "TEXT", "--refresh", "static,static:1"],
    "five refreshes": ["mlm", "TEXT", "--refresh", "static,static:2,static:3,static:4,dynamic"],
    "a rate out of range": ["mlm", "TEXT", "--rate", "1.5"],
    "a rate that is no number": ["mlm", "TEXT", "--rate", "much"],
    "a rate that goes too far": ["mlm", "TEXT", "--rate", "0.5..1.5"],
    "shares above one": ["mlm", "TEXT", "--mask-share", "0.8", "--random-share", "0.3"],
    "no epochs": ["mlm", "TEXT", "--epochs", "0"],
    "a corpus that is too small": ["mlm", "SMALL"],
    "a sample that is too small": ["mlm", "TEXT", "--max-rows", "10"],
    "a device that is not there": [
        "mlm",
        "TEXT",
        "--device",
        "mps" if not torch.backends.mps.is_available() else "cuda",
    ],
    "an unknown run to resume": ["mlm", "--resume", "20260101-000000-0123456789abcdef"],
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(
    case: str, text: str, tmp_path: Path, runs_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = tmp_path / "small.txt"
    small.write_text("one two three\nfour five six\n")
    command = [{"TEXT": text, "SMALL": str(small)}.get(word, word) for word in BAD[case]]
    assert main([*command, "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (sentence,) = said.err.splitlines()
    assert sentence.startswith("dynmask: ")
    assert list_runs(runs_root) == []


def stopped(root: Path, text: str, corpus: Dataset) -> Run:
    """A run that was asked to stop in its second epoch."""
    run = Run.create(root, tiny(text), corpus)

    def stop(event: Event) -> None:
        if isinstance(event, ArmEpoch) and event.epoch == 2:
            run.command("stop")

    assert execute(run.path, stop) == "stopped"
    assert run.status().epoch == 1
    return run


def test_a_stopped_run_goes_on_to_the_numbers_of_one_that_never_was(
    text: str, corpus: Dataset, finished: Run, runs_root: Path, ask: Json
) -> None:
    run = stopped(runs_root, text, corpus)
    result = ask("mlm", "--resume", run.name)
    assert (result["run"], result["state"]) == (run.name, "finished")
    assert [len(arm["validation_loss"]) for arm in result["arms"]] == [3, 3]
    assert timeless(run.result()) == timeless(finished.result())
    assert run.kept_epochs() == finished.kept_epochs()
    for epoch in run.kept_epochs():
        assert run.kept_file(epoch).read_bytes() == finished.kept_file(epoch).read_bytes()
    for epoch in run.epochs():
        ours, theirs = run.snapshot(epoch).arrays, finished.snapshot(epoch).arrays
        assert {n: a.tobytes() for n, a in ours.items()} == {n: a.tobytes() for n, a in theirs.items()}


def test_a_killed_run_goes_on_too(text: str, corpus: Dataset, finished: Run, tmp_path: Path) -> None:
    run = Run.create(tmp_path, tiny(text), corpus)

    def kill(event: Event) -> None:
        if isinstance(event, Step) and event.epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(run.path, kill)
    assert run.status().state == "interrupted"
    assert execute(run.path) == "finished"
    assert timeless(run.result()) == timeless(finished.result())


def test_a_run_killed_right_behind_its_checkpoint_lacks_no_models(
    text: str, corpus: Dataset, finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(tmp_path, tiny(text), corpus)
    write = files.write_bytes
    ends = []

    def killed(path: Path, data: bytes) -> None:
        write(path, data)
        if path.name == "checkpoint.safetensors":
            ends.append(path)
            if len(ends) == 3:  # of epochs 0, 1 and 2
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_bytes", killed)
        with pytest.raises(KeyboardInterrupt):
            execute(run.path)
    assert execute(run.path) == "finished"
    assert run.kept_epochs() == finished.kept_epochs() == [0, 1, 2, 3]
    assert timeless(run.result()) == timeless(finished.result())


def test_each_command_refuses_to_go_on_with_the_runs_of_the_other(
    text: str,
    corpus: Dataset,
    settings: Any,
    dataset: Dataset,
    runs_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ours = stopped(runs_root, text, corpus)
    theirs = Run.create(runs_root, settings(), dataset)
    for command, run, right in (("train", ours, "dynmask mlm"), ("mlm", theirs, "dynmask train")):
        before = run.status().state
        assert main([command, "--resume", run.name, "--json"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        (sentence,) = said.err.splitlines()
        assert f"{right} --resume {run.name}" in sentence
        assert run.status().state == before


def test_a_finished_run_cannot_be_resumed(finished: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mlm", "--resume", finished.name, "--runs-dir", str(finished.path.parent)]) == 2
    assert "nothing to resume" in capsys.readouterr().err


def test_a_run_is_listed_shown_and_exported(
    finished: Run, tmp_path: Path, ask: Json, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--runs-dir", str(finished.path.parent))
    (line,) = ask("runs", *where)["runs"]
    assert (line["run"], line["state"], line["arms"], line["epoch"]) == (finished.name, "finished", list(ARMS), 3)
    shown = ask("runs", "show", finished.name, *where)
    assert shown["result"] == finished.result()
    assert shown["config"]["task"]["rate"] == 0.15
    assert main(["runs", "show", finished.name, *where]) == 0
    table = capsys.readouterr().out
    assert all(f"{arm['validation']['loss']:.4f}" in table for arm in (finished.result() or {})["arms"])
    ask("runs", "export", finished.name, "--to", str(tmp_path / "run.zip"), *where)
    assert open_export(tmp_path / "run.zip").result() == finished.result()


def test_a_result_can_be_read_by_people(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mlm", text, *TINY, "--refresh", "static:10,dynamic"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"static:10 +\d+\.\d+ \( +[12]\)", said)
    assert re.search(r"dynamic +\d+\.\d+ ", said)
