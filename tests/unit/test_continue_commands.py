"""From the command line: going on is trained, asked word by word, and used on a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis.continued import Continued, continued
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import main
from dynmask_core.runs import Run, default_root, find_run

LETTERS = "abcdefgh"


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    words = [" ".join(LETTERS[i] for i in rng.integers(len(LETTERS), size=3)) for _ in range(60)]
    lines = ["english,german", *(f"{word},{word[::-1]}" for word in words)]
    (tmp_path / "pairs.csv").write_text("\n".join(lines), encoding="utf-8")
    return str(tmp_path / "pairs.csv")


@pytest.fixture
def prose(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    lines = [" ".join(LETTERS[i] * 2 for i in rng.integers(len(LETTERS), size=7)) for _ in range(60)]
    more = [f"the {LETTERS[i % 8] * 3} sat on the {LETTERS[i % 5] * 4} again" for i in range(60)]
    (tmp_path / "prose.txt").write_text("\n".join(lines + more), encoding="utf-8")
    return str(tmp_path / "prose.txt")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def trained(capsys: pytest.CaptureFixture[str], data: str, *more: str) -> tuple[Run, dict[str, Any]]:
    found = said(capsys, "continue", data, "--epochs", "1", "--model", "tiny", *more)
    return find_run(default_root(), found["run"]), found


def asked(run: Run, source: str) -> Continued:
    return continued(run, Subject.open(run, "none"), source)


def test_pairs_are_learned_asked_and_written(pairs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, found = trained(capsys, pairs, "--arms", "none,dropout:0.2", "--generate", "a b c")
    assert found["corpus"]["source_column"] == "english"
    for arm in found["arms"]:
        assert {"loss", "accuracy", "perplexity", "exact", "character_f"} <= set(arm["test"])
        assert len(arm["history"]["exact"]) == 1
    assert [arm["name"] for arm in found["generated"][0]["arms"]] == ["none", "dropout:0.2"]
    assert "\t" in run.probes()[0].text

    (tmp_path / "new.txt").write_text("a b c\nd e f\n", encoding="utf-8")
    table = said(capsys, "predict", run.name, str(tmp_path / "new.txt"), "--arm", "none")
    one = asked(run, "a b c")
    assert table["answers"][0]["predicted_none"] == one.text == found["generated"][0]["arms"][0]["text"]

    told = said(capsys, "ask", run.name, "--what", "continue", "--text", "a b c", "--arm", "none")
    assert told["rows"] == [json.loads(json.dumps(one.to_json()))]
    assert main(["ask", run.name, "--what", "continue"]) == 0
    assert "looked at" in capsys.readouterr().out


@pytest.mark.parametrize("way", ["left", "unmask"])
def test_words_come_one_by_one_with_the_attention_they_came_from(
    way: str, pairs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = trained(capsys, pairs, "--arms", "none", "--way", way)
    found = asked(run, "a b c")
    assert found.units[: found.given] == ("[CLS]", "a", "b", "c", "⇒")
    assert {word.place for word in found.words} == set(range(found.given, len(found.units)))
    for word in found.words:
        assert found.units[word.place] == word.text
        assert word.attention.shape == (1, 2, len(found.units))
        assert (word.attention.sum(-1) <= 1.0001).all()
        assert word.alternatives[0] == (word.text, pytest.approx(word.probability))
        if way == "left":
            np.testing.assert_allclose(word.attention.sum(-1), 1, atol=1e-5)
            assert (word.attention[..., word.place :] == 0).all()
    steps = [word.step for word in found.words]
    assert steps == sorted(set(steps))
    hidden = [found.at(step).count("[MASK]") for step in (-1, *steps)]
    assert hidden == list(range(len(found.words), -1, -1))


def test_prose_goes_on_from_a_beginning(prose: str, capsys: pytest.CaptureFixture[str]) -> None:
    run, found = trained(capsys, prose, "--mask", "causal", "--generate", "the aaa", "--top-k", "3")
    scores = found["arms"][0]["validation"]
    assert scores["perplexity"] == pytest.approx(np.exp(scores["loss"]))
    assert "exact" not in scores
    assert asked(run, "the aaa sat").units[:4] == ("[CLS]", "the", "aaa", "sat")


def test_a_run_of_classes_does_not_write(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(finished_run.path.parent)
    assert main(["ask", finished_run.name, "--what", "continue", "--runs-dir", folder]) == 2
    assert "do not write" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--mask", "full", "--arms", "topk"], ["--temperature", "-1"]])
def test_what_cannot_be_is_one_sentence(wrong: list[str], pairs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["continue", pairs, "--epochs", "1", "--model", "tiny", *wrong]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len([line for line in said if not line.startswith("! ")]) == 1
