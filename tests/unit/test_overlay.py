"""Two runs laid over each other: which settings differ, and what their answers and masks can and cannot tell."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis.errors import answers
from dynmask_core.analysis.masks_apart import masks_apart
from dynmask_core.analysis.overlay import Overlay, Pair, curve, name_in, overlay, paired_arms
from dynmask_core.analysis.settings import Apart, settings_apart, told_settings
from dynmask_core.cli import main
from dynmask_core.config import PRESETS, Controls, ExperimentConfig, GuessSettings, TrainConfig
from dynmask_core.data import Dataset, build, planted
from dynmask_core.data.split import PARTS
from dynmask_core.errors import InputError
from dynmask_core.evaluate.statistics import holm
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, told
from dynmask_core.runs import Run

NAME = "20260501-093000-0123456789abcdef"


@pytest.fixture(scope="module")
def other_run(finished_run: Run, settings: Any, dataset: Dataset) -> Run:
    """The same as `finished_run` but for θ and one more arm."""
    config = settings("static", "repaired", "none", epochs=3, controls=Controls(keep_threshold=0.6))
    run = Run.create(finished_run.path.parent, config, dataset)
    assert execute(run.path) == "finished"
    return run


def create(finished_run: Run, dataset: Dataset, **changes: Any) -> Run:
    """A run like `finished_run` but for these settings, not trained."""
    return Run.create(finished_run.path.parent, replace(finished_run.config(), **changes), dataset)


def test_the_same_settings_are_told_to_be_the_same(finished_run: Run, dataset: Dataset) -> None:
    apart = settings_apart(finished_run, create(finished_run, dataset))
    assert apart == []
    assert "No setting differs" in told(told_settings(apart)[0])


def test_one_setting_can_be_blamed_and_another_arm_is_no_cause(finished_run: Run, other_run: Run) -> None:
    apart = {one.name: one for one in settings_apart(finished_run, other_run)}
    assert set(apart) == {"controls.keep_threshold", "arms"}
    said = [told(sentence) for sentence in told_settings([*apart.values()])]
    assert said[0] == "Keep threshold θ: 0.1 here, 0.6 there."
    assert "Nothing else differs" in said[1]
    assert "same arms" in said[2]


def test_several_settings_and_the_seed_cannot_be_told_apart(finished_run: Run, dataset: Dataset) -> None:
    train = TrainConfig(epochs=3, batch_size=8, device="cpu", seed=1)
    said = told_settings(settings_apart(finished_run, create(finished_run, dataset, train=train)))
    assert "seed differs, and 1 more" in told(said[0])
    said = told_settings(
        settings_apart(finished_run, create(finished_run, dataset, train=replace(train, batch_size=16)))
    )
    assert "Only the seed differs" in told(said[0])
    train = replace(train, seed=0, epochs=4)
    said = told_settings(settings_apart(finished_run, create(finished_run, dataset, train=train)))
    assert "2 settings differ" in told(said[0])


def test_a_preset_is_one_setting_by_its_name(finished_run: Run, dataset: Dataset) -> None:
    small = create(finished_run, dataset, model=PRESETS["small"])
    tiny = create(finished_run, dataset, model=PRESETS["tiny"])
    assert settings_apart(small, tiny) == [Apart("model", "small", "tiny")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_setting_can_be_told(lang: str) -> None:
    def flat(values: dict[str, Any]) -> list[tuple[str, Any]]:
        return [
            (f"{name}.{field}" if field else name, one)
            for name, value in values.items()
            for field, one in (value.items() if isinstance(value, dict) else [("", value)])
        ]

    for name, value in [*flat(ExperimentConfig().to_json()), ("model", "small"), ("live", ())]:
        assert told(Apart(name, value, value).told(), lang)


def test_what_was_changed_while_it_trained_is_a_difference(finished_run: Run, dataset: Dataset) -> None:
    run = create(finished_run, dataset, train=TrainConfig(epochs=3, batch_size=16, device="cpu"))

    def change(event: Any) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            run.set_controls(Controls(step_size=0.2, keep_threshold=0.3))

    execute(run.path, change)
    (live,) = settings_apart(finished_run, run)
    assert told(live.shown(live.own)) == "not changed"
    assert told(live.shown(live.other)) == "2: α 0.2, θ 0.3"
    assert [one["name"] for one in live.to_json()["other"]] == ["step_size", "keep_threshold"]


def test_arms_are_paired_by_name_then_by_place() -> None:
    assert paired_arms(("static", "repaired"), ("repaired", "none", "static")) == [
        ("static", "static"), ("repaired", "repaired"),
    ]  # fmt: skip
    assert paired_arms(("static", "repaired"), ("static", "keyword", "none")) == [("static", "static")]
    assert paired_arms(("none", "window:4"), ("window:2", "window:4", "none")) == [
        ("none", "none"), ("window:4", "window:4"),
    ]  # fmt: skip
    assert paired_arms(("window:2+dropout", "window:2"), ("window:8", "window+dropout")) == [
        ("window:2+dropout", "window+dropout"), ("window:2", "window:8"),
    ]  # fmt: skip
    assert paired_arms(("repaired",), ("repaired+dropout", "none")) == [("repaired", "repaired+dropout")]
    assert paired_arms(("static",), ("none",)) == []


def exact(only_one: int, only_other: int) -> float:
    """McNemar's exact p-value, written out."""
    n, k = only_one + only_other, min(only_one, only_other)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


def test_the_counts_are_those_of_the_answers(finished_run: Run, other_run: Run) -> None:
    """Against counting text by text."""
    found, one, two = overlay(finished_run, other_run), answers(finished_run), answers(other_run)
    assert found.texts == "same"
    assert [(pair.own, pair.other) for pair in found.pairs] == [("static", "static"), ("repaired", "repaired")]
    p_values = []
    for a, pair in enumerate(found.pairs):
        counted = {"both": 0, "only_own": 0, "only_other": 0, "neither": 0}
        differ = set()
        for i, truth in enumerate(one.truth):
            own, other = one.predicted[a, i], two.predicted[a, i]
            right = {(True, True): "both", (True, False): "only_own", (False, True): "only_other"}
            counted[right.get((bool(own == truth), bool(other == truth)), "neither")] += 1
            differ |= {i} if own != other else set()
        assert pair.counts == counted
        assert set(pair.disagree) == differ
        assert pair.accuracy[0] == pytest.approx(float((one.predicted[a] == one.truth).mean()))
        p_values.append(exact(counted["only_own"], counted["only_other"]))
    assert [pair.p_value for pair in found.pairs] == pytest.approx(holm(p_values))


def test_a_run_beside_itself_answers_alike(finished_run: Run) -> None:
    found = overlay(finished_run, finished_run)
    assert not any(pair.disagree for pair in found.pairs)
    assert [pair.p_value for pair in found.pairs] == [1.0, 1.0]
    masks = masks_apart(finished_run, finished_run, ("repaired", "repaired"))
    assert masks is not None
    assert masks.known > 0
    assert masks.words == ()


def pair(own: list[bool], other: list[bool], p_value: float) -> Pair:
    said = [tuple("yes" if right else "no" for right in each) for each in (own, other)]
    right = [np.array(each, dtype=bool) for each in (own, other)]
    accuracy = (float(np.mean(own)), float(np.mean(other)))
    return Pair("a", "a", accuracy, accuracy, right[0], right[1], said[0], said[1], p_value)


@pytest.mark.parametrize(
    ("own", "other", "p_value", "decision"),
    [
        ([True] * 30, [False] * 30, 0.001, "ahead"),
        ([False] * 30, [True] * 30, 0.001, "behind"),
        ([True] * 30, [True] * 27 + [False] * 3, 0.25, "undetected"),
        ([True] * 30, [True] * 30, 1.0, "equal"),
        ([True] * 5, [False] * 5, 0.06, "few"),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_decision_is_said_in_words(
    own: list[bool], other: list[bool], p_value: float, decision: str, lang: str
) -> None:
    one = pair(own, other, p_value)
    assert one.decision == decision
    truth = ("yes",) * len(own)
    found = Overlay("same", (len(own), len(own)), (one,), truth, truth, (3, 3), (False, False))
    (sentence,) = found.told()
    assert sentence.key == f"overlay.{decision}"
    assert told(sentence, lang)
    assert f"{one.accuracy[0]:.1%}" in told(sentence, lang)


def test_other_texts_are_not_compared_text_by_text() -> None:
    empty = np.zeros(0, dtype=bool)
    one = Pair("a", "b", (0.8, 0.7), (0.8, 0.7), empty, empty, (), ())
    found = Overlay("split", (100, 100), (one,), (), (), (3, 2), (False, True))
    early, why, apart = (told(sentence) for sentence in found.told())
    assert "2 epochs" in early
    assert "cannot be compared text by text" in why
    # 1.96 · √(0.8·0.2/100 + 0.7·0.3/100) = 0.119
    assert "+10.0 points" in apart
    assert "under 11.9 points" in apart
    assert "decision" not in found.to_json(5)["pairs"][0]
    other = replace(found, texts="data", early=(False, False)).told()
    assert [sentence.key for sentence in other] == ["overlay.other_data"]


def test_whether_the_texts_are_the_same_is_seen_in_the_texts(finished_run: Run, dataset: Dataset) -> None:
    moved = dataset.split.copy()
    test = PARTS.index("test")
    moved[dataset.rows("test")[0]], moved[dataset.rows("train")[0]] = PARTS.index("train"), test
    fewer = dataset.split.copy()
    fewer[dataset.rows("train")[0]] = -1
    others = {
        "split": replace(dataset, split=moved),
        "data": build(planted(texts=80, noise_words=50).table)[0],
        # Fewer texts to learn from are no other test.
        "same": replace(
            dataset, split=np.where(np.arange(len(dataset)) == dataset.rows("train")[0], -1, dataset.split)
        ),
    }
    for kind, data in others.items():
        run = create(finished_run, data, train=TrainConfig(epochs=1, batch_size=16, device="cpu"), arms=("none",))
        execute(run.path)
        assert overlay(finished_run, run).texts == kind


def test_masks_apart_list_words_that_only_one_run_keeps(finished_run: Run, other_run: Run) -> None:
    found = masks_apart(finished_run, other_run, ("static", "static"))
    assert found is not None
    assert found.words
    for one in found.words:
        # The same seed gives static masks the same values: θ alone tells them apart.
        assert one.own == one.other
        assert (one.own_kept, one.other_kept) == (True, False)
        assert 0.1 <= one.own < 0.6
    assert [one.count for one in found.words] == sorted((one.count for one in found.words), reverse=True)
    assert f"{len(found.words)} are kept by one run" in told(found.told())
    assert masks_apart(finished_run, other_run, ("static", "none")) is None


def test_a_curve_has_every_epoch(finished_run: Run) -> None:
    points = curve(finished_run, "repaired", "accuracy")
    assert [epoch for epoch, _ in points] == [1, 2, 3]
    assert all(0 <= value <= 1 for _, value in points)


@pytest.mark.parametrize(
    ("pasted", "name"),
    [
        (NAME, NAME),
        (f"  https://host/train?lang=zh&run={NAME}&view=beside ", NAME),
        (f"/train?run={NAME}#x", NAME),
        ("", None),
        (NAME[:-1], None),
        (f"{NAME}0", None),
        ("../../etc/passwd", None),
    ],
)
def test_a_name_is_found_in_what_is_pasted(pasted: str, name: str | None) -> None:
    assert name_in(pasted) == name


def test_the_command_says_what_the_page_shows(
    finished_run: Run, other_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--runs-dir", str(finished_run.path.parent)]
    command = ["ask", finished_run.name, "--what", "overlay", *place]
    assert main([*command, "--beside", f"http://x/train?run={other_run.name}", "--top", "2", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["beside"] == other_run.name
    assert {one["name"] for one in result["settings"]} == {"controls.keep_threshold", "arms"}
    assert [one["own"] for one in result["pairs"]] == ["static", "repaired"]
    assert all(len(one["texts"]) == min(one["disagree"], 2) for one in result["pairs"])
    assert len(result["curves"][0]["loss"]["other"]) == 3
    assert {one["arms"]["own"] for one in result["masks"]} == {"static", "repaired"}
    assert main([*command, "--beside", other_run.name]) == 0
    assert result["said"][0] in capsys.readouterr().out
    for beside in ([], ["--beside", finished_run.name], ["--beside", NAME]):
        assert main([*command, *beside]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_run_without_classes_is_refused(finished_run: Run, dataset: Dataset) -> None:
    guessing = create(finished_run, dataset, arms=("dynamic",), task=GuessSettings())
    with pytest.raises(InputError, match="classes"):
        overlay(finished_run, guessing)
