"""`compare`, `sweep` and `curve`: their contract, going on where one stopped, and bad input in one sentence."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from dynmask_core.cli import main, study
from dynmask_core.data import planted
from dynmask_core.jobs import Queue, conduct
from dynmask_core.runs import Run, find_run
from dynmask_core.studies import Study, list_studies

ROOT = Path(__file__).resolve().parents[2]
TINY = ("--model", "tiny", "--epochs", "2", "--device", "cpu", "--arms", "none,repaired")
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """60 planted texts in a file; 42 of them are for training."""
    path = tmp_path_factory.mktemp("data") / "planted.csv"
    planted(texts=60, noise_words=30).table.frame.to_csv(path, index=False)
    return str(path)


class Here(Executor):
    """Works at once, in the thread that asks: a worker process would take longer to start than all its runs."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def engine(arguments: argparse.Namespace, of: Study) -> Iterator[Queue]:
        line = Queue(Here, slots=1)
        try:
            yield line
        finally:
            line.close()

    monkeypatch.setattr(study, "_engine", engine)
    monkeypatch.setattr(conduct, "PACE", 0.02)


@pytest.fixture
def ask(here: None, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command with --json; its last line on standard output."""

    def run(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json"]) == 0, capsys.readouterr().err
        (line,) = capsys.readouterr().out.splitlines()
        return json.loads(line)  # type: ignore[no-any-return]

    return run


def written(root: Path) -> dict[str, int]:
    """When each result was written."""
    return {str(path): path.stat().st_mtime_ns for path in root.rglob("result.json")}


def test_compare_says_what_the_contract_asks_and_does_nothing_twice(
    ask: Ask, csv: str, runs_root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("compare", csv, *TINY, "--seeds", "6", "--seed", "2")
    told = ask(*command)
    assert (told["state"], told["kind"]) == ("finished", "compare")
    assert told["runs"] == {"done": 6, "total": 6, "failed": 0}
    assert told["dataset"]["rows"] == sum(told["dataset"]["classes"].values()) == 60
    assert told["seeds"] == [2, 3, 4, 5, 6, 7]
    assert [arm["name"] for arm in told["arms"]] == ["none", "repaired"]
    for arm in told["arms"]:
        assert [one["seed"] for one in arm["per_seed"]] == told["seeds"]
        for one in arm["per_seed"]:
            assert {"accuracy", "precision", "recall", "f1"} <= set(one["test"])
            assert find_run(runs_root, one["run"]).status().state == "finished"
    assert [d["metric"] for d in told["differences"]] == ["accuracy", "f1", "precision", "recall"]
    for difference in told["differences"]:
        assert (difference["arm"], difference["baseline"]) == ("repaired", "none")
        assert 0 <= difference["p_value"] <= difference["adjusted_p"] <= 1
        assert 0 <= difference["probability_of_improvement"] <= 1
        assert difference["ci95"][0] <= difference["mean"] <= difference["ci95"][1]
        assert "repaired" in difference["verdict"]
    assert {line["arm"] for line in told["cost"]} == {"none", "repaired"}

    before = written(runs_root)
    assert main(list(command)) == 0
    assert "can declare no difference" not in capsys.readouterr().err
    assert ask(*command) == told
    assert written(runs_root) == before
    assert [found.name for found in list_studies(runs_root)] == [told["study"]]
    assert main(list(command)) == 0
    said = capsys.readouterr().out
    assert told["verdicts"][0] in said
    assert ask("compare", csv, *TINY, "--seeds", "7", "--seed", "2")["study"] != told["study"]

    monkeypatch.setattr("dynmask_core.analysis.drops.BOUNDED_TEXTS", 2)
    report = runs_root / "report.md"
    assert "Not asked yet" in ask_report(command, report)
    assert "Not asked yet" not in ask_report((*command, "--with-questions"), report)


def ask_report(command: tuple[str, ...], report: Path) -> str:
    assert main([*command, "--report", str(report)]) == 0
    return report.read_text(encoding="utf-8")


def test_sweep_says_what_the_contract_asks(ask: Ask, csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = (
        "sweep", csv, *TINY, "--arms", "repaired", "--seeds", "2", "--step-size", "0.01,0.1",
        "--evidence-threshold", "1", "--vary", "dropout=0.1,0.3",
    )  # fmt: skip
    told = ask(*command)
    assert told["runs"]["total"] == 8
    assert [cell["settings"] for cell in told["cells"]] == [
        {"step_size": step, "evidence_threshold": 1.0, "dropout": dropout}
        for step in (0.01, 0.1)
        for dropout in (0.1, 0.3)
    ]
    assert all(len(cell["runs"]) == 2 for cell in told["cells"])
    (chosen,) = told["chosen"]
    assert chosen["validation"] == max(cell["validation"] for cell in told["cells"])
    assert chosen["validation_without_flattery"] <= chosen["validation"]
    assert main(list(command)) == 0
    assert "chosen on validation" in capsys.readouterr().out
    assert ask("sweep", csv, *TINY, "--seeds", "1", "--vary", "preset=tiny")["chosen"][0]["cells"] == 1


def test_curve_says_what_the_contract_asks_and_how_many_texts_there_are(
    here: None, csv: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["curve", csv, *TINY, "--seeds", "2", "--sizes", "40,8,100,400,"]
    assert main([*command, "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert "42 training texts" in err
    assert "can declare no difference" in err
    assert "With 6 seeds or more" in err
    assert told["runs"]["total"] == 6
    assert [(p["arm"], p["size"]) for p in told["points"]] == [
        (arm, size) for arm in ("none", "repaired") for size in (8, 40, 42)
    ]
    assert all(len(p["per_seed"]) == 2 for p in told["points"])
    assert [(d["size"], d["decision"]) for d in told["differences"]] == [(size, "few_texts") for size in (8, 40, 42)]
    assert main(command) == 0
    assert "repaired" in capsys.readouterr().out


def test_compare_can_test_elsewhere_and_let_every_arm_choose(ask: Ask, csv: str, tmp_path: Path) -> None:
    away = tmp_path / "away.csv"
    frame = planted(texts=30, noise_words=30, seed=1).table.frame
    shared = planted(texts=60, noise_words=30).table.frame[:4]
    away.write_text(frame.to_csv(index=False) + shared.to_csv(index=False, header=False))
    told = ask("compare", csv, *TINY, "--seeds", "6", "--test-on", str(away), "--choose", "dropout=0.1,0.3")
    assert told["runs"]["total"] == 12
    assert told["test_on"] == {"source": str(away), "left_out": 4}
    assert told["dataset"]["rows"] == 60
    for transfer in told["transfer"]:
        assert transfer["drop"] == pytest.approx(transfer["home"] - transfer["away"])
    cells = [one["cell"]["dropout"] for arm in told["arms"] for one in arm["per_seed"]]
    assert len(cells) == 12
    assert set(cells) <= {0.1, 0.3}


def test_a_sample_can_be_tested_on(ask: Ask) -> None:
    told = ask(
        "compare", "sample:english_sentiment", *TINY, "--epochs", "1", "--max-rows", "60", "--seeds", "6",
        "--test-on", "sample:negation",
    )  # fmt: skip
    assert len(told["transfer"]) == 2


@pytest.mark.parametrize(
    "command", [("compare", "--seeds", "6"), ("curve", "--seeds", "2", "--sizes", "4,10"),
                ("sweep", "--seeds", "1", "--step-size", "0.1,0.2")],
)  # fmt: skip
def test_a_handful_of_words_is_enough(command: tuple[str, ...], ask: Ask) -> None:
    name, *rest = command
    assert ask(name, "sample:fruit", *TINY, "--epochs", "1", *rest)["state"] == "finished"


def test_a_class_of_four_texts_and_texts_that_repeat_are_enough(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    rows = [f"common word {i},often" for i in range(12)] + [f"rare thing {i // 2},seldom" for i in range(4)]
    path.write_text("text,label\n" + "\n".join([*rows, "the same,often", "the same,seldom"]) + "\n")
    assert ask("compare", str(path), *TINY, "--epochs", "1", "--seeds", "6")["runs"]["done"] == 6


NO_DEVICE = "mps" if not torch.backends.mps.is_available() else "cuda"
BAD: dict[str, tuple[str, str]] = {
    "no data": ("compare", "No data is named"),
    "five seeds": ("compare CSV --seeds 5", "seeds is 5"),
    "one arm": ("compare CSV --arms none", "arms is none"),
    "an unknown arm": ("compare CSV --arms none,stattic", "stattic"),
    "seeds beyond the last": ("compare CSV --seed 4294967295", "seed is 4294967304"),
    "no number of workers": ("compare CSV --workers -1", "workers is -1"),
    "an unknown choice": ("compare CSV --choose colour=red", "colour"),
    "a choice without values": ("compare CSV --choose dropout", "dropout"),
    "a choice of nothing": ("compare CSV --choose dropout=,", "dropout"),
    "a dotted choice": ("compare CSV --choose a.b.c=1", "a.b.c"),
    "another format of report": ("compare CSV --report out.txt", "out.txt"),
    "a cluster without an address": ("compare CSV --engine dask", "--scheduler"),
    "a device that is not there": (f"compare CSV --device {NO_DEVICE}", NO_DEVICE),
    "other labels": ("compare CSV --test-on sample:fruit", "labels"),
    "the same texts": ("compare CSV --test-on CSV", "nothing new"),
    "an unknown sample to test on": ("compare CSV --test-on sample:fruits", "fruit"),
    "nothing to sweep": ("sweep CSV", "axes"),
    "a step out of range": ("sweep CSV --step-size 0.1,2", "step_size is 2"),
    "a step that is no number": ("sweep CSV --step-size 0.1,much", "step_size is much"),
    "an unknown setting": ("sweep CSV --vary colour=1", "colour"),
    "an unknown preset": ("sweep CSV --vary preset=huge", "huge"),
    "a mask's parameter out of range": ("sweep CSV --arms topk --vary topk.keep=7", "keep is 7"),
    "settings that undo each other": ("sweep CSV --vary dim=32,64 --vary preset=tiny,small", "undo"),
    "too many cells": ("sweep CSV --vary dropout=" + ",".join(f"{i / 1000:g}" for i in range(900)), "2700 runs"),
    "no seed": ("sweep CSV --step-size 0.1 --seeds 0", "seeds is 0"),
    "sizes that are no numbers": ("curve CSV --sizes 10,many", "sizes is 10,many"),
    "no sizes": ("curve CSV --sizes ,", "sizes"),
    "a size of three": ("curve CSV --sizes 3,20", "train_rows is 3"),
    "one seed for a curve": ("curve CSV --sizes 10 --seeds 1", "seeds is 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2_and_leaves_nothing(
    case: str, csv: str, runs_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, expected = BAD[case]
    assert main([csv if word == "CSV" else word for word in command.split()] + ["--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (sentence,) = [line for line in err.splitlines() if not line.startswith("!")]
    assert sentence.startswith("dynmask: ")
    assert expected in sentence
    assert not runs_root.exists()


def test_a_run_that_fails_is_one_sentence_and_the_others_are_kept(
    here: None, csv: str, runs_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = Run.dataset

    def broken(run: Run) -> Any:
        if run.config().train.seed == 3:
            raise ZeroDivisionError("a slip")
        return real(run)

    command = ["compare", csv, *TINY, "--epochs", "1", "--seeds", "6"]
    with monkeypatch.context() as patched:
        patched.setattr(Run, "dataset", broken)
        assert main(command) == 2
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "failure.txt" in err
    before = written(runs_root)
    assert len(before) == 5
    assert main(command) == 0
    assert before.items() < written(runs_root).items()


# A process of its own, with a real worker


def test_ctrl_c_exits_130_keeps_what_is_done_and_the_same_command_goes_on(
    ask: Ask, csv: str, runs_root: Path, until: Callable[..., None], hears_ctrl_c: Callable[[], None]
) -> None:
    command = ("compare", csv, *TINY, "--epochs", "8", "--seeds", "6")
    process = subprocess.Popen(
        [sys.executable, "-m", "dynmask_core", *command, "--workers", "1", "--json"], cwd=ROOT, text=True,
        env={**os.environ, "DYNMASK_RUNS": str(runs_root)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=hears_ctrl_c,
    )  # fmt: skip
    until(lambda: written(runs_root), 120)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    (found,) = list_studies(runs_root)
    progress = found.progress()
    assert 1 <= progress.done < 6
    assert (progress.state, progress.working) == ("stopped", 0)
    before = written(runs_root)

    told = ask(*command)
    assert (told["study"], told["runs"]["done"]) == (found.name, 6)
    assert before.items() < written(runs_root).items()
    fresh = ask(*command, "--runs-dir", str(runs_root / "elsewhere"))
    assert [d["mean"] for d in fresh["differences"]] == [d["mean"] for d in told["differences"]]
