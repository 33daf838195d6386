"""The masks of words over the epochs: what crossed θ and when, which words are shown, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis.changes import changes
from dynmask_core.analysis.trajectories import (
    Crossing,
    Trajectories,
    bundles,
    density,
    find,
    of_snapshots,
    select,
    told_crossings,
    told_overall,
    trajectories,
)
from dynmask_core.analysis.typical import Typical, typical_words
from dynmask_core.cli import main
from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data.tokenize import SPECIAL_TOKENS, Vocabulary, words_at
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.messages import told
from dynmask_core.runs import Run
from dynmask_core.runs.snapshot import Snapshot

WORDS = ("the", "not", "good", "bad", "very")
COUNTS = (50, 9, 8, 8, 2)


def made(
    paths: Sequence[Sequence[float]],
    thresholds: Sequence[float],
    arm: str = "repaired",
    typical: Typical | None = None,
    kind: type = np.float32,
) -> Trajectories:
    """WORDS with these masks, a row per word and a column per epoch from 0 on."""
    size = len(paths)
    vocabulary = Vocabulary((*SPECIAL_TOKENS, *WORDS[:size]), np.array([0] * len(SPECIAL_TOKENS) + [*COUNTS[:size]]))
    snapshots = {
        epoch: Snapshot(
            {
                "keep_threshold": np.array(theta, dtype=np.float32),
                f"words/{arm}": np.array([0.5] * len(SPECIAL_TOKENS) + [path[epoch] for path in paths], dtype=kind),
            }
        )
        for epoch, theta in enumerate(thresholds)
    }
    return of_snapshots(ExperimentConfig(arms=(arm,)), None, vocabulary, snapshots, [], typical)


def test_a_crossing_is_judged_with_the_threshold_of_its_epoch() -> None:
    found = made(
        [[0.5, 0.4, 0.3, 0.3], [0.5, 0.6, 0.7, 0.8], [0.5, 0.5, 0.5, 0.5], [0.2, 0.3, 0.4, 0.1]],
        [0.35, 0.35, 0.35, 0.6],
    )
    assert found.crossings(0) == [Crossing(2, "fell", 0.3, 0.35)]
    assert found.crossings(1) == []
    assert found.crossings(2) == [Crossing(3, "raised", 0.5, 0.6)]
    assert found.crossings(3) == [Crossing(2, "rose", 0.4, 0.35), Crossing(3, "fell", 0.1, 0.6)]


def test_a_lowered_threshold_brings_words_back() -> None:
    assert made([[0.3, 0.3, 0.3]], [0.5, 0.5, 0.2]).crossings(0) == [Crossing(2, "lowered", 0.3, 0.2)]


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_word_exactly_at_the_threshold_is_kept_in_whatever_precision_it_was_recorded(kind: type) -> None:
    found = made([[0.5, 0.1, 0.0]], [0.1, 0.1, 0.1], kind=kind)
    assert found.kept[0].tolist() == [True, True, False]
    assert [one.epoch for one in found.crossings(0)] == [2]


def test_a_word_just_below_the_threshold_is_removed_as_by_the_model() -> None:
    below = float(np.nextafter(np.float32(0.4), np.float32(0)))
    assert np.float16(below) == np.float16(0.4)  # in half precision it would have been at θ
    assert made([[0.5, below]], [0.4, 0.4]).kept[0].tolist() == [True, False]


@pytest.mark.parametrize("arm", ["hardkuma", "repaired+static"])
def test_nothing_crosses_where_theta_does_not_decide_alone(arm: str) -> None:
    found = made([[0.5, 0.0]], [0.3, 0.3], arm=arm)
    assert found.crossings(0) == []
    assert found.to_json(0)["kept"] is None
    assert any("θ" in told(sentence) and "no crossings" in told(sentence) for sentence in told_overall(found))


def test_the_sentences_name_words_epoch_and_threshold() -> None:
    found = made([[0.6, 0.6], [0.6, 0.4], [0.6, 0.4], [0.6, 0.7]], [0.5, 0.5])
    sentences = told_crossings(found, bundles(found, range(4)))
    assert [told(sentence) for sentence in sentences] == ["“not”, “good” fell below θ 0.5 in epoch 1 (words: 2)."]
    assert "第 1 轮" in told(sentences[0], "zh")
    said = " ".join(told(sentence) for sentence in told_overall(found))
    assert "3 of 4 words have left their start" in said
    assert "2 of 4 words now, 0 before" in said


def test_a_mask_that_never_moves_is_told_to_be_fixed_and_shows_frequent_words() -> None:
    found = made([[0.5, 0.5]] * 5, [0.1, 0.1])
    assert "no word has moved" in told(told_overall(found)[0])
    assert select(found) == [0, 1, 2, 3]  # seen three times or more


def test_risers_and_fallers_take_turns_and_those_searched_for_come_first() -> None:
    found = made([[0.5, 0.5], [0.5, 0.9], [0.5, 0.7], [0.5, 0.1], [0.5, 1.0]], [0.1, 0.1])
    assert select(found) == [1, 3, 2, 0]
    assert select(found, band="all") == [4, 3, 1, 2, 0]
    assert select(found, pinned=[0]) == [0, 1, 3, 2]
    assert select(found, band="once") == [4]


def test_a_word_that_left_and_came_back_counts_as_moved() -> None:
    found = made([[0.5, 0.5, 0.5], [0.5, 0.9, 0.5]], [0.1] * 3)
    assert found.moved.tolist() == pytest.approx([0.0, 0.4], abs=1e-3)
    assert select(found)[0] == 1


def test_words_of_one_class_are_chosen_by_it() -> None:
    typical = Typical(("bad", "good"), np.array([-1, 0, 1, 0, 1]), np.zeros(5, dtype=np.float32))
    found = made([[0.5, 0.5]] * 5, [0.1, 0.1], typical=typical)
    assert select(found, cls="bad", band="all") == [1, 3]
    with pytest.raises(InputError, match="class"):
        select(found, cls="neutral")
    with pytest.raises(InputError, match="band"):
        select(found, band="never")


def test_words_with_the_same_path_share_a_line() -> None:
    found = made([[0.5, 0.6], [0.5, 0.4], [0.5, 0.6]], [0.1, 0.1])
    assert bundles(found, [2, 1, 0]) == [[2, 0], [1]]


def test_a_word_is_found_by_its_name_else_by_a_part() -> None:
    found = made([[0.5]] * 5, [0.1])
    assert find(found, " NOT ") == [1]
    assert find(found, "oo") == [2]
    assert find(found, "xyz") == find(found, " ") == []


def test_the_density_counts_every_word_at_every_epoch() -> None:
    found = made([[0.5, 1.0], [0.5, 0.0], [0.0, 1.0]], [0.1, 0.1])
    assert density(found, 2).tolist() == [[1, 2, 0], [1, 0, 2]]


def test_changes_of_the_live_settings_are_told_with_what_was_before() -> None:
    def event(epoch: int, **controls: float) -> dict[str, Any]:
        start = {"step_size": 0.1, "evidence_threshold": 1.5, "keep_threshold": 0.1}
        return {"type": "controls_changed", "epoch": epoch, "controls": start | controls}

    events = [{"type": "epoch_end", "epoch": 1}, event(2, keep_threshold=0.5), event(4, step_size=0.2)]
    found = changes(events, Controls())
    assert [(one.epoch, one.name, one.before, one.now) for one in found] == [
        (2, "keep_threshold", 0.1, 0.5), (4, "step_size", 0.1, 0.2), (4, "keep_threshold", 0.5, 0.1),
    ]  # fmt: skip
    assert found[0].short == "θ 0.5"
    assert told(found[0].told()) == "From epoch 2 on θ is 0.5 (before: 0.1)."


def test_the_paths_are_those_of_the_snapshots(finished_run: Run) -> None:
    found = trajectories(finished_run)
    vocabulary = finished_run.vocabulary()
    assert vocabulary is not None
    assert (found.arm, found.epochs) == ("repaired", (0, 1, 2, 3))
    for e, epoch in enumerate(found.epochs):
        mask = finished_run.snapshot(epoch).word_mask("repaired")
        assert mask is not None
        np.testing.assert_array_equal(found.paths[:, e], mask[len(SPECIAL_TOKENS) :])
    assert found.words == vocabulary.words[len(SPECIAL_TOKENS) :]
    assert (trajectories(finished_run, "static").moved == 0).all()


def test_typical_words_stand_more_often_in_their_class(finished_run: Run) -> None:
    """Against plain counting."""
    typical, found, data = typical_words(finished_run), trajectories(finished_run), finished_run.dataset()
    assert typical is not None
    assert (typical.which >= 0).any()
    tokens: list[list[str]] = [[] for _ in data.classes]
    for row in data.rows("train"):
        tokens[data.labels[row]] += words_at(data.texts[row], data.spans[row])
    for index in np.flatnonzero(typical.which >= 0):
        rates = [own.count(found.words[index]) / len(own) for own in tokens]
        assert int(np.argmax(rates)) == typical.which[index]


def test_an_exported_run_has_paths_but_no_classes_of_words(finished_run: Run, tmp_path: Path) -> None:
    from dynmask_core.runs.store import export_run, open_export

    export_run(finished_run, tmp_path / "run.zip")
    found = trajectories(open_export(tmp_path / "run.zip"))
    assert found.typical is None
    np.testing.assert_array_equal(found.paths, trajectories(finished_run).paths)


def test_a_change_while_the_run_trains_moves_the_threshold_and_is_told(
    settings: Any, dataset: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run.create(tmp_path, settings("window:2", "static", epochs=2), dataset)

    def raise_theta(event: Any) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            run.set_controls(Controls(keep_threshold=0.8))

    execute(run.path, raise_theta)
    command = ["ask", run.name, "--what", "trajectories", "--runs-dir", str(tmp_path)]
    assert main([*command, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["arm"] == "static"
    assert result["thresholds"] == [0.1, 0.1, 0.8]
    assert [(one["epoch"], one["name"]) for one in result["changes"]] == [(2, "keep_threshold")]
    assert {one["kind"] for word in result["words"] for one in word["crossings"]} == {"raised"}
    assert main([*command, "--arm", "window:2"]) == 2
    assert "static" in capsys.readouterr().err


def test_the_command_puts_the_words_asked_for_first(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    words = trajectories(finished_run).words
    command = ["ask", finished_run.name, "--what", "trajectories", "--runs-dir", str(finished_run.path.parent)]
    assert main([*command, "--word", words[7], words[3], "--top", "4", "--band", "all", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [one["word"] for one in result["words"]][:2] == [words[7], words[3]]
    assert len(result["words"]) == 4
    assert result["found"] == result["vocabulary"] == len(words)
    assert main(command) == 0
    assert words[0] in capsys.readouterr().out


@pytest.mark.parametrize(
    "more", [["--word", "zyzzyva"], ["--typical", "x"], ["--band", "x"], ["--top", "0"], ["--arm", "none"]]
)
def test_bad_wishes_for_words_get_one_sentence(
    finished_run: Run, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    place = ["--runs-dir", str(finished_run.path.parent)]
    assert main(["ask", finished_run.name, "--what", "trajectories", *place, *more]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
