"""A label that no test text has is said by the command and the report, and does not pull the averages down."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from study_results import result

from dynmask_core.blocks import Finding
from dynmask_core.cli import main
from dynmask_core.data import planted
from dynmask_core.evaluate.verdict import of_run
from dynmask_core.messages import told
from dynmask_core.report.about import every_run
from dynmask_core.runs import find_run

TINY = ("--model", "tiny", "--epochs", "1", "--device", "cpu")


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three labels; those of the test texts are only the first two."""
    frame = planted(texts=90, noise_words=20).table.frame
    parts = np.array((["train"] * 3 + ["test"] * 2 + ["dev"]) * 15)
    frame["split"] = parts
    frame.loc[np.flatnonzero(parts == "train")[:20], "label"] = "rare"
    path = tmp_path_factory.mktemp("absent") / "lacks.csv"
    frame.to_csv(path, index=False)
    return str(path)


def test_train_names_it_and_averages_over_the_others(
    csv: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", csv, *TINY, "--arms", "none,static", "--split-column", "split", "--runs-dir", str(tmp_path)]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    for arm in found["arms"]:
        test = arm["test"]
        assert test["absent"] == [2]
        assert [one["support"] > 0 for one in test["per_class"]] == [True, True, False]
        for name in ("precision", "recall", "f1"):
            assert test[name] == pytest.approx(np.mean([one[name] for one in test["per_class"][:2]]))
    assert found["verdicts"][0].startswith("No test text has the label rare:")
    assert len(found["verdicts"]) == 2
    assert main(["train", csv, *TINY, "--arms", "none", "--split-column", "split", "--runs-dir", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "No test text has the label rare" in shown
    assert "cannot be told from chance" in shown


def test_a_run_of_an_older_version_opens_and_names_it_too(
    csv: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", csv, *TINY, "--arms", "none", "--split-column", "split", "--runs-dir", str(tmp_path)]
    assert main([*command, "--json"]) == 0
    name = json.loads(capsys.readouterr().out.splitlines()[-1])["run"]
    file = find_run(tmp_path, name).path / "result.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    for part in ("test", "validation"):
        del stored["arms"][0][part]["absent"]
    file.write_text(json.dumps(stored), encoding="utf-8")
    assert main(["runs", "show", name, "--runs-dir", str(tmp_path)]) == 0
    (old,) = [arm["test"] for arm in find_run(tmp_path, name).result()["arms"]]  # type: ignore[index]
    first, *_ = of_run([{"name": "none", "test": old}], ["a", "b", "rare"])
    assert "the label rare:" in told(first)


@pytest.mark.parametrize(("lang", "said"), [("en", "(rare): 1 of 2."), ("zh", "（rare）")])
def test_the_report_names_it_above_the_scores_of_every_run(lang: str, said: str) -> None:
    lacks, whole = replace(result("none", 0), absent=("rare",)), result("none", 1)
    first, *_ = every_run([lacks, whole]).blocks
    assert isinstance(first, Finding)
    assert said in told(first.words, lang)
    assert not any(isinstance(block, Finding) for block in every_run([whole]).blocks)
