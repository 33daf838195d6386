"""Words removed or restored by hand, heads switched off, and what the arms answer then."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dynmask_core.analysis.act import Acted, ArmAnswer, act, open_arms
from dynmask_core.analysis.forced import Forced, answers, passed
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import main
from dynmask_core.config import Controls, GuessSettings
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import Finished, Started
from dynmask_core.masks.library.ltp import SCALE
from dynmask_core.runs import Run
from dynmask_core.training.fit import fit


@pytest.fixture(scope="module")
def opened(settings: Any, dataset: Dataset) -> Callable[..., Subject]:
    """opened("none"): a trained model of the arm, each trained once."""
    known: dict[tuple[str, float], Subject] = {}

    def get(arm: str, keep_threshold: float = 0.1) -> Subject:
        if (arm, keep_threshold) not in known:
            config = settings(arm, epochs=2, controls=Controls(keep_threshold=keep_threshold))
            for event in fit(config, dataset):
                if isinstance(event, Started):
                    vocabulary = event.vocabulary
                elif isinstance(event, Finished):
                    known[arm, keep_threshold] = Subject.of_weights(
                        arm, config, vocabulary, dataset.classes, event.weights[arm]
                    )
        return known[arm, keep_threshold]

    return get


@pytest.fixture(scope="module")
def text(dataset: Dataset) -> str:
    return " ".join(dataset.texts[0].split()[:8])


def only(subject: Subject, text: str, forced: Forced | None = None) -> ArmAnswer:
    return act([subject], text, forced).arms[0]


def forced(removed: Any = (), restored: Any = (), heads: Any = ()) -> Forced:
    return Forced(frozenset(removed), frozenset(restored), frozenset(heads))


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_nothing_forced_is_the_answer_of_the_trained_model(opened: Any, text: str) -> None:
    for arm in ("none", "repaired", "topk:0.5"):
        subject = opened(arm)
        found = only(subject, text)
        close(found.before, subject.probabilities([text])[0])
        close(found.after, found.before)


def test_a_removed_word_is_as_absent_as_one_that_was_never_written(
    opened: Any, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = opened("none")
    # Without positions nothing but the words themselves tells the two sentences apart.
    monkeypatch.setattr(subject.model.embedding.position, "data", torch.zeros_like(subject.model.embedding.position))
    words = text.split()
    shorter = " ".join(word for place, word in enumerate(words, 1) if place not in (2, 5))
    found = only(subject, text, forced([2, 5]))
    close(found.after, subject.probabilities([shorter])[0])
    assert np.abs(np.subtract(found.after, found.before)).max() > 1e-4
    assert found.counts == tuple(place not in (2, 5) for place in range(1, len(words) + 1))


def test_a_word_that_the_mask_removed_counts_again_when_it_is_restored(opened: Any, text: str) -> None:
    subject = opened("static", 0.5)
    own = only(subject, text)
    out = [place for place, left in enumerate(own.left_at, 1) if left == 0]
    assert 0 < len(out) < len(own.mask)
    assert [place for place, counts in enumerate(own.counts, 1) if not counts] == out
    assert all(own.word_drops[place - 1] is None for place in out)
    found = only(subject, text, forced(restored=out))
    assert all(found.counts)
    assert found.left_at == own.left_at
    # The same as the mask open for these words: their gate is 1.
    mask = subject.strategy.parts[0]
    ids = subject.reader.read(text)
    before = mask.mask.copy()
    try:
        mask.mask[ids[out]] = 1.0
        close(found.after, subject.probabilities([text])[0])
    finally:
        mask.mask[:] = before
    assert np.abs(np.subtract(found.after, own.before)).max() > 1e-5


@pytest.mark.parametrize("arm", ["topk:0.3", "topk:0.3:pool=kept", "ltp:soft=0"])
def test_a_restored_word_stays_where_the_mask_removes_words_between_blocks(opened: Any, text: str, arm: str) -> None:
    subject = opened(arm)
    if arm.startswith("ltp"):
        # An even share of the attention: words below it leave.
        subject.strategy.parts[0].learn("threshold", np.full(2, 1 / SCALE))
    own = only(subject, text)
    out = [place for place, left in enumerate(own.left_at, 1) if left == 1]
    assert out
    found = only(subject, text, forced(restored=out[:1]))
    assert found.counts[out[0] - 1]
    assert not own.counts[out[0] - 1]
    all_in = only(subject, text, forced(restored=range(1, len(own.mask) + 1)))
    assert all(all_in.counts)
    # With every word restored nothing leaves: the arm answers as its weights do without the mask.
    bare = Subject(arm, subject.model, type(subject.strategy)([]), subject.reader, subject.answers, subject.device)
    bare.classes = subject.classes
    close(all_in.after, bare.probabilities([text])[0])


def test_a_word_restored_between_blocks_is_the_same_in_a_traced_pass_and_in_one_that_cuts(
    opened: Any, text: str
) -> None:
    subject = opened("topk:0.3:pool=kept")
    hands = forced([1], [3, 4])
    units = subject.reader.read(text)
    traced = subject.answers(passed(subject, [units], [hands], trace=True).output).numpy()
    close(answers(subject, [(units, hands)]), traced)


def test_a_head_that_is_off_adds_nothing_as_if_its_output_weights_were_zero(opened: Any, text: str) -> None:
    subject = opened("none")
    found = only(subject, text, forced(heads=[(0, 1)]))
    out = subject.model.encoder.blocks[0].attention.out.weight
    kept, size = out.detach().clone(), out.shape[1] // 2
    try:
        out[:, size : 2 * size] = 0
        close(found.after, subject.probabilities([text])[0])
    finally:
        out[:] = kept
    assert np.abs(np.subtract(found.after, found.before)).max() > 1e-6
    assert found.head_drops[0][1] is None
    assert found.head_drops[0][0] is not None


def test_the_drop_of_a_word_is_what_the_predicted_class_loses_without_it(opened: Any, text: str) -> None:
    subject = opened("repaired")
    hands = forced([2])
    now = only(subject, text, hands)
    for place, drop in enumerate(now.word_drops, 1):
        if place == 2:
            assert drop is None
            continue
        without = only(subject, text, hands.without_word(place))
        assert drop == pytest.approx(max(now.after) - without.after[now.predicted], abs=1e-5)
    close(now.head_drops[1][0], max(now.after) - only(subject, text, forced([2], heads=[(1, 0)])).after[now.predicted])


def test_variants_of_a_long_text_are_read_in_parts_with_the_same_answers(
    opened: Any, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = only(opened("repaired"), text)
    monkeypatch.setattr("dynmask_core.analysis.forced.UNITS_AT_ONCE", 20)
    close(only(opened("repaired"), text).word_drops, whole.word_drops)


def test_a_mask_on_edges_or_of_training_alone_is_said_to_be_one(opened: Any, text: str) -> None:
    edges, absent, plain = (only(opened(arm), text) for arm in ("window:2", "dropout", "none"))
    assert (edges.edges, edges.absent) == (True, False)
    assert (absent.edges, absent.absent) == (False, True)
    assert (plain.edges, plain.absent) == (False, False)


def test_words_that_no_position_is_left_for_are_counted(opened: Any) -> None:
    found = act([opened("none")], "ba " * 70, each=False)
    assert (len(found.words), found.unread) == (64, 6)
    assert found.arms[0].word_drops == ()


@pytest.mark.parametrize(
    ("hands", "named"),
    [
        (forced([0]), "remove is 0"),
        (forced([9]), "remove is 9"),
        (forced(restored=[-1]), "restore is -1"),
        (forced(heads=[(2, 0)]), "heads_off is 2.0"),
        (forced([3], [3]), "Word 3"),
    ],
)
def test_words_and_heads_that_are_not_there_are_bad_input(opened: Any, text: str, hands: Forced, named: str) -> None:
    with pytest.raises(InputError, match=named):
        act([opened("none")], text, hands)


def test_a_sentence_without_words_is_bad_input(opened: Any) -> None:
    with pytest.raises(InputError, match="no word"):
        act([opened("none")], " ")


def test_a_run_that_learned_no_classes_is_refused(settings: Any, dataset: Dataset, runs_root: Any) -> None:
    guessing = Run.create(runs_root, replace(settings("dynamic"), task=GuessSettings()), dataset)
    with pytest.raises(InputError, match="classes"):
        open_arms(guessing)


@pytest.fixture
def ask(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def run(*arguments: str) -> dict[str, Any]:
        place = ["--runs-dir", str(finished_run.path.parent)]
        assert main(["ask", finished_run.name, "--what", "act", *place, *arguments, "--json"]) == 0
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


def test_the_command_says_what_the_analysis_finds(ask: Any, finished_run: Run, text: str) -> None:
    told = ask("--text", text, "--remove", "2,5", "--heads-off", "0.1,1.0")
    found = act(open_arms(finished_run), text, forced([2, 5], heads=[(0, 1), (1, 0)]))
    assert (told["epoch"], told["early"], told["run"]) == (3, False, finished_run.name)
    assert told["arms"][1] == json.loads(json.dumps(found.to_json()["arms"][1]))
    assert told["heads_off"] == ["0.1", "1.0"]
    assert isinstance(found, Acted)
    assert [arm["arm"] for arm in ask("--text", text, "--arm", "static")["arms"]] == ["static"]


def test_the_command_compares_with_another_sentence(
    ask: Any, finished_run: Run, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = " ".join(reversed(text.split()[:2])) + " " + " ".join(text.split()[2:])
    told = ask("--text", text, "--against", other)["against"]
    assert len(told["said"]) == 2
    assert told["spans"]
    place = ["--runs-dir", str(finished_run.path.parent)]
    assert main(["ask", finished_run.name, "--what", "act", *place, "--text", text, "--against", other]) == 0
    printed = capsys.readouterr().out
    assert all(sentence in printed for sentence in told["said"])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--text"),
        (["--text", "ba", "--remove", "x"], "remove"),
        (["--text", "ba", "--heads-off", "1"], "heads_off"),
    ],
)
def test_a_bad_option_is_said_in_one_sentence(
    finished_run: Run, arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--runs-dir", str(finished_run.path.parent)]
    assert main(["ask", finished_run.name, "--what", "act", *place, *arguments]) == 2
    assert named in capsys.readouterr().err
