"""Predictions for new texts, taken home as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis.predict import Predictions, lines_of, predict, read_texts
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import main
from dynmask_core.data import Dataset
from dynmask_core.data.spreadsheet import harmless
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.runs import Run


def table(found: Predictions) -> list[list[str]]:
    return list(csv.reader(io.StringIO(found.csv().decode("utf-8-sig"))))


def command(run: Run, *arguments: str) -> list[str]:
    return ["predict", run.name, "--runs-dir", str(run.path.parent), *arguments]


def test_every_text_gets_the_likeliest_class_of_each_arm(finished_run: Run) -> None:
    texts = ["ba bo", "", "keyword ba", "\u200b"]
    found = predict(finished_run, texts)
    for arm in ("static", "repaired"):
        subject = Subject.open(finished_run, arm)
        given = subject.probabilities(texts)
        assert [found.predicted[arm][i] for i in (0, 2)] == [subject.classes[given[i].argmax()] for i in (0, 2)]
        np.testing.assert_array_equal(found.probability[arm][[0, 2]], given.max(-1)[[0, 2]])
        assert found.predicted[arm][1] == ""
        assert np.isnan(found.probability[arm][1])
    assert (found.early, found.epoch) == (False, 3)


def test_rows_keep_their_order_and_empty_texts_stay_as_rows(finished_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("number,text\n1,ba bo\n2,\n3,bo ba\n")
    found = predict(finished_run, read_texts(finished_run, str(path))[0], ("repaired",))
    rows = table(found)
    assert rows[0] == ["text", "predicted_repaired", "probability_repaired"]
    assert [row[0] for row in rows[1:]] == ["ba bo", "", "bo ba"]
    assert rows[2] == ["", "", ""]
    assert 0.5 <= float(rows[1][2]) <= 1
    assert found.empty == 1


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-1", "@here", "\tx", "\rx", "  =cmd", "＝1", "\n=1"])
def test_cells_that_a_spreadsheet_would_run_are_defused(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "good", "a=b", "'=1", "1-1", "好", '"=1"'])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_the_file_opens_in_a_spreadsheet_in_any_script() -> None:
    texts = ('=HYPERLINK("http://x","y")', 'quoted "text", with\na break', "很好，喜欢")
    found = Predictions(texts, {"a": ["-", "好", ""]}, {"a": np.array([0.5, 1, np.nan], dtype=np.float32)}, False, 1)
    assert found.csv().startswith(b"\xef\xbb\xbf")
    assert table(found)[1:] == [
        [f"'{texts[0]}", "'-", "0.5"],
        [texts[1], "好", "1"],
        [texts[2], "", ""],
    ]


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [("one, two\nthree\n", ["one, two", "three"]), ("\n a \r\n\r\nb\n\n", ["a", "", "b"])],
)
def test_a_pasted_list_has_a_text_per_line(pasted: str, expected: Sequence[str]) -> None:
    assert lines_of(pasted) == expected


def test_nothing_to_predict_is_bad_input(finished_run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        lines_of(" \n ")
    path = tmp_path / "empty.csv"
    path.write_text("text,id\n,1\n,2\n")
    with pytest.raises(InputError, match="no text"):
        read_texts(finished_run, str(path), "text")
    with pytest.raises(InputError, match="other"):
        predict(finished_run, ["a"], ("other",))


def test_the_command_writes_a_file_and_says_how_many_rows(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, to = tmp_path / "list.txt", tmp_path / "out.csv"
    source.write_text("ba bo, and more\nbo ba\n")
    assert main([*command(finished_run, str(source)), "--to", str(to), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["rows"], result["to"], result["early"]) == (2, str(to), False)
    rows = list(csv.reader(io.StringIO(to.read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows] == ["text", "ba bo, and more", "bo ba"]
    assert len(rows[0]) == 5


def test_without_a_file_the_answers_are_in_the_output(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "list.txt"
    source.write_text("ba bo\n")
    assert main([*command(finished_run, str(source)), "--arm", "static", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)["answers"]
    assert set(answer) == {"text", "predicted_static", "probability_static"}
    assert main([*command(finished_run, str(source)), "--arm", "static"]) == 0
    assert answer["predicted_static"] in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--text-column", "x"], ["--arm", "x"]])
def test_a_bad_wish_gets_one_sentence(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    source = tmp_path / "list.csv"
    source.write_text("text,id\nba bo,1\n")
    assert main([*command(finished_run, str(source)), *wrong]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_stopped_run_predicts_and_is_scored_as_early(
    settings: Any, dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dynmask_core.cli.train import summary

    run = Run.create(tmp_path, settings(epochs=3), dataset)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None)
    source = tmp_path / "list.txt"
    source.write_text("ba bo\n")
    assert main([*command(run, str(source)), "--json"]) == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert (result["early"], result["epoch"]) == (True, 1)
    assert "early" in said.err
    told = summary(run, {})
    assert (told["state"], told["early"], told["epoch"]) == ("stopped", True, 1)
    assert [arm["name"] for arm in told["arms"]] == ["static", "repaired"]
    assert told["reference"]
    assert "early" not in summary_of_finished(run)


def summary_of_finished(run: Run) -> dict[str, Any]:
    from dynmask_core.cli.train import summary

    run.command("run")
    execute(run.path)
    return summary(run, {})


@pytest.mark.parametrize("options", [{}, {"columns": ("document",)}, {"delimiter": "\t"}])
def test_a_table_that_is_called_txt_is_a_table(finished_run: Run, tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "new.txt"
    path.write_text("id\tdocument\tlabel\n" + "".join(f"{i}\tba bo, {i} bo\t{i % 2}\n" for i in range(9)))
    texts, column, _, _ = read_texts(finished_run, str(path), **options)
    assert (column, texts[:2], len(texts)) == ("document", ["ba bo, 0 bo", "ba bo, 1 bo"], 9)


@pytest.mark.parametrize("line", ["__label__good ba bo", "good\tba bo", '{"text": "ba bo", "label": "good"}'])
def test_lines_with_a_label_in_them_are_read_without_it(finished_run: Run, tmp_path: Path, line: str) -> None:
    path = tmp_path / "new.txt"
    path.write_text("".join(line.replace("bo", f"bo {i}") + "\n" for i in range(9)))
    texts, _, _, _ = read_texts(finished_run, str(path))
    assert len(texts) == 9
    assert all(text.startswith("ba bo") for text in texts)


def test_a_folder_is_no_file_to_write_to(finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "list.txt"
    source.write_text("ba bo\n")
    assert main([*command(finished_run, str(source)), "--to", str(tmp_path)]) == 2
    assert f"{tmp_path} is a folder" in capsys.readouterr().err


def test_lines_with_a_comma_each_are_lines(finished_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("".join(f"text number {i} was fine, {'thanks' if i % 2 else 'really'}\n" for i in range(40)))
    texts, _, doubts, _ = read_texts(finished_run, str(path))
    assert (len(texts), texts[0], doubts) == (40, "text number 0 was fine, really", ())


def test_what_was_guessed_about_the_file_is_said(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "new.csv"
    source.write_bytes(("Kürzel;Gesagtes\n" + "ba;ba bo ba süß\nbo;ba ba bo öde\n" * 9).encode("cp1252"))
    assert main([*command(finished_run, str(source)), "--json"]) == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert result["text_column"] == "Gesagtes"
    assert any("cp1252" in warning for warning in result["warnings"])
    assert any("Gesagtes" in warning for warning in result["warnings"])
    assert all(f"! {warning}" in said.err for warning in result["warnings"])


def test_a_text_keeps_its_number_whatever_rows_are_empty(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random masks depend on it."""
    asked: list[list[int]] = []
    real = Subject.probabilities_of

    def spy(self: Subject, units: Sequence[np.ndarray], rows: np.ndarray, epoch: int) -> np.ndarray:
        asked.append(rows.tolist())
        return real(self, units, rows, epoch)

    monkeypatch.setattr(Subject, "probabilities_of", spy)
    predict(finished_run, ["", "good", "", "bad"], finished_run.config().arms[:1])
    assert asked == [[-2, -4]]
