"""The commands' contract: exit codes, one JSON object on the last line, one sentence for bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dynmask_core import __version__
from dynmask_core.cli import main
from dynmask_core.data import planted, read_path, template_csv
from dynmask_core.masks import REGISTRY
from dynmask_core.masks.compose import needs
from dynmask_core.runs import Run, Status, list_runs
from dynmask_core.runs.store import open_export

ROOT = Path(__file__).resolve().parents[2]
TINY = ("--model", "tiny", "--epochs", "2", "--device", "cpu")
Json = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """60 planted texts in a file."""
    path = tmp_path_factory.mktemp("data") / "planted.csv"
    planted(texts=60, noise_words=30).table.frame.to_csv(path, index=False)
    return str(path)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Json:
    """Runs a command with --json; its last line on standard output."""

    def run(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1
        return json.loads(lines[-1])  # type: ignore[no-any-return]

    return run


def timeless(value: Any) -> Any:
    """The same without clocks and names of runs."""
    if isinstance(value, dict):
        left_out = ("seconds", "tokens_per_second", "run", "worth")  # what is worth it is told with its seconds
        return {key: timeless(item) for key, item in value.items() if key not in left_out}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def test_article(ask: Json) -> None:
    result = ask("article")
    assert result["best_mask"] == [0.1, 0.0, 0.1, 0.0]
    assert result["printed_in_article"] == [0.1, 0.0, 0.1, 0.0]
    assert len(result["history"]) == 10
    assert result["reason"]


def test_data(ask: Json, csv: str) -> None:
    result = ask("data", csv)
    assert result["rows"] == 60
    assert sum(result["classes"].values()) == 60
    assert result["dropped"] == {}
    assert {"encoding", "columns", "duplicates", "truncated", "seconds", "warnings"} <= set(result)


def test_data_with_columns_named(ask: Json, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b,c\n" + "".join(f"x,some words {i},{'pn'[i % 2]}\n" for i in range(20)))
    result = ask("data", str(path), "--text-column", "b", "--label-column", "c")
    assert result["classes"] == {"n": 10, "p": 10}


def test_data_of_a_sample_and_a_sample_of_its_rows(ask: Json) -> None:
    assert ask("data", "sample:planted", "--max-rows", "100")["rows"] == 100


def test_the_template_can_be_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "template.csv"
    assert main(["data", "--save-template", str(path), "--json"]) == 0
    assert path.read_bytes() == template_csv()
    assert len(read_path(path).frame) == 6
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"template": str(path)}


def test_strategies(ask: Json) -> None:
    strategies = ask("strategies")["strategies"]
    assert sorted(line["name"] for line in strategies) == sorted(REGISTRY)
    families = [REGISTRY[line["name"]].family for line in strategies]
    assert families == sorted(families, key=families.index), "those of a family stand together"
    assert all({"site", "refresh", "source", "parameters", "description"} <= set(line) for line in strategies)
    assert {line["name"]: set(line["needs"]) for line in strategies} == {name: needs(name) for name in REGISTRY}


def test_train_says_what_the_contract_asks(csv: str, runs_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", csv, "--arms", "none,article,repaired", *TINY, "--json"]) == 0
    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    result = json.loads(line)
    assert "epoch   2  repaired" in said.err
    assert result["dataset"]["rows"] == 60
    assert sum(result["dataset"]["classes"].values()) == 60
    assert result["dataset"]["dropped"] == {}
    assert [arm["name"] for arm in result["arms"]] == ["none", "article", "repaired"]
    for arm in result["arms"]:
        assert {"accuracy", "precision", "recall", "f1"} <= set(arm["test"])
        assert {
            "validation", "tokens_per_second", "seconds", "parameters", "mean_mask", "kept_fraction",
        } <= set(arm)  # fmt: skip
    assert [run.name for run in list_runs(runs_root)] == [result["run"]]
    assert list_runs(runs_root)[0].status().state == "finished"


def test_the_same_command_gives_the_same_numbers_and_another_seed_others(ask: Json, csv: str) -> None:
    command = ("train", csv, "--arms", "static,repaired", *TINY)
    once, again, other = ask(*command, "--seed", "0"), ask(*command), ask(*command, "--seed", "1")
    assert timeless(once) == timeless(again)
    assert timeless(once) != timeless(other)
    assert len({once["run"], again["run"], other["run"]}) == 3


def test_runs_are_listed_shown_and_exported(ask: Json, csv: str, tmp_path: Path) -> None:
    where = ("--runs-dir", str(tmp_path / "elsewhere"))
    assert ask("runs", *where)["runs"] == []
    name = ask("train", csv, "--arms", "none", *TINY, *where)["run"]
    (line,) = ask("runs", "list", *where)["runs"]
    assert (line["run"], line["state"], line["epoch"], line["epochs"]) == (name, "finished", 2, 2)
    shown = ask("runs", "show", name, *where)
    assert shown["result"]["arms"][0]["name"] == "none"
    assert shown["config"]["train"]["epochs"] == 2
    target = tmp_path / "run.zip"
    ask("runs", "export", name, "--to", str(target), *where)
    assert zipfile.is_zipfile(target)
    assert open_export(target).result() == shown["result"]
    assert ask("runs")["runs"] == []


@pytest.mark.parametrize(
    "command", [["article"], ["strategies"], ["runs"], ["data", "sample:fruit"], ["data", "sample:planted"]]
)
def test_every_command_can_be_read_by_people(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 0
    assert capsys.readouterr().out.strip()


def test_training_and_its_run_can_be_read_by_people(csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", csv, "--arms", "none", *TINY]) == 0
    table = capsys.readouterr().out
    assert "accuracy" in table
    name = table.split()[1].rstrip(":")
    assert main(["runs", "show", name]) == 0
    assert name in capsys.readouterr().out


NO_DEVICE = "mps" if not torch.backends.mps.is_available() else "cuda"
NOBODY = "20260101-000000-0123456789abcdef"
BAD: dict[str, list[str]] = {
    "no data": ["data"],
    "a missing file": ["data", "nowhere.csv"],
    "a missing file to train on": ["train", "nowhere.csv"],
    "a folder": ["data", "."],
    "an unknown sample": ["data", "sample:englisch"],
    "an unknown column": ["data", "CSV", "--text-column", "words"],
    "the same column twice": ["data", "CSV", "--text-column", "text", "--label-column", "text"],
    "an unknown encoding": ["data", "CSV", "--encoding", "utf-99"],
    "a negative seed": ["data", "CSV", "--seed", "-1"],
    "no rows": ["data", "CSV", "--max-rows", "0"],
    "an unknown arm": ["train", "CSV", "--arms", "none,stattic"],
    "no arm": ["train", "CSV", "--arms", ","],
    "an arm twice": ["train", "CSV", "--arms", "none,none"],
    "no epochs": ["train", "CSV", "--epochs", "0"],
    "a step out of range": ["train", "CSV", "--step-size", "1.5"],
    "a step that is no number": ["train", "CSV", "--step-size", "nan"],
    "a threshold out of range": ["train", "CSV", "--keep-threshold", "-0.1"],
    "a seed out of range": ["train", "CSV", "--seed", "-1"],
    "a device that is not there": ["train", "CSV", "--device", NO_DEVICE],
    "an unknown run to resume": ["train", "--resume", NOBODY],
    "an unknown run to show": ["runs", "show", NOBODY],
    "a path for a run": ["runs", "show", "../secrets"],
    "no run named": ["runs", "show"],
    "a template that cannot be written": ["data", "--save-template", "nowhere/template.csv"],
    "runs where a file stands": ["train", "CSV", "--runs-dir", "CSV"],
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(
    case: str, csv: str, runs_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [csv if word == "CSV" else word for word in BAD[case]]
    assert main([*command, "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (sentence,) = [line for line in said.err.splitlines() if not line.startswith("!")]
    assert sentence.startswith("dynmask: ")
    assert "Traceback" not in said.err
    assert list_runs(runs_root) == []


def test_exporting_to_nowhere_is_one_sentence(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--runs-dir", str(finished_run.path.parent)]
    for to in ([], ["--to", str(tmp_path / "nowhere" / "run.zip")]):
        assert main(["runs", "export", finished_run.name, *to, *where]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_finished_run_and_one_under_way_cannot_be_resumed(
    finished_run: Run, settings: Any, dataset: Any, runs_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--resume", finished_run.name, "--runs-dir", str(finished_run.path.parent)]) == 2
    assert "nothing to resume" in capsys.readouterr().err
    busy = Run.create(runs_root, settings(), dataset)
    busy.write_status(Status("training"))
    assert main(["train", "--resume", busy.name]) == 2
    assert "under way" in capsys.readouterr().err
    assert busy.status().state == "training"


@pytest.mark.parametrize("command", [["train", "x.csv", "--device", "tpu"], ["nonsense"], []])
def test_options_that_do_not_exist_exit_with_2(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def module(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dynmask_core", *arguments]


def test_the_package_is_a_command_too() -> None:
    done = subprocess.run(module("--version"), capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, f"dynmask {__version__}\n")


def test_ctrl_c_exits_130_and_the_run_can_be_resumed(
    csv: str, runs_root: Path, ask: Json, hears_ctrl_c: Callable[[], None]
) -> None:
    options = ("--arms", "none", "--model", "tiny", "--epochs", "20", "--device", "cpu")
    environment = {**os.environ, "DYNMASK_RUNS": str(runs_root)}
    process = subprocess.Popen(
        module("train", csv, *options, "--json"), cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hears_ctrl_c,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch   2"):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    (run,) = list_runs(runs_root)
    assert run.status().state == "interrupted"
    assert 1 <= run.status().epoch < 20
    run.renew_lease()
    os.utime(run.path / "lease", (0, 0))  # somebody watched it in a browser, long ago
    resumed = ask("train", "--resume", run.name)
    assert (resumed["run"], resumed["state"]) == (run.name, "finished")
    assert timeless(resumed) == timeless(ask("train", csv, *options))
