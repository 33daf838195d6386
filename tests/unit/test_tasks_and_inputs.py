"""The contract of every task and every input. The tests are made from the registers: a new one is covered by being
registered, as two toys are here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from examples import encoder, example, watched
from toys import Alternate, Glyphs, registered

from dynmask_core import inputs, tasks
from dynmask_core.analysis.subject import Subject
from dynmask_core.attention_code import decode
from dynmask_core.config import TASK_SETTINGS, DataConfig, ExperimentConfig, GuessSettings, ModelConfig, TrainConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd, Event
from dynmask_core.inputs import INPUTS, fit_to, make_input
from dynmask_core.jobs import execute
from dynmask_core.masks import REGISTRY, MaskPlan
from dynmask_core.masks.compose import needs
from dynmask_core.runs import Run
from dynmask_core.tasks import TASKS, offered, task_of
from dynmask_core.training.fit import fit
from dynmask_core.training.learner import Learner
from dynmask_core.ui import arms
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.watch.which import labelled

EPOCHS = 3
PAIRS = [
    pytest.param(task, kind, id=f"{task}-{kind}")
    for task in (*TASKS, Alternate.name)
    for kind in (*INPUTS, Glyphs.name)
    if {**TASKS, Alternate.name: Alternate}[task].needs <= {**INPUTS, Glyphs.name: Glyphs}[kind].provides
]
EVERY = pytest.mark.parametrize(("task", "kind"), PAIRS)


@pytest.fixture(autouse=True)
def toys() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture(scope="module")
def data() -> Dataset:
    return example("text")


def config(task: str, kind: str, arms: tuple[str, ...] = (), max_tokens: int = 40, **training: Any) -> ExperimentConfig:
    torch.set_num_threads(1)
    settings = TASK_SETTINGS[task]()
    made = ExperimentConfig(
        DataConfig("planted", max_tokens=max_tokens),
        ModelConfig(dim=16, heads=2, layers=2),
        train=TrainConfig(**{"epochs": EPOCHS, "batch_size": 16, "device": "cpu", **training}),
        arms=arms or (("static", "dynamic") if isinstance(settings, GuessSettings) else ("none", "window:2")),
        task=settings,
        input=kind,
        encoder=encoder(kind),
    )
    return fit_to(made, example(kind, max_tokens, task))


@EVERY
def test_its_settings_survive_a_round_trip(task: str, kind: str) -> None:
    made = config(task, kind)
    assert ExperimentConfig.from_json(made.to_json()) == made
    assert type(make_input(made)) is INPUTS[kind]
    assert task_of(made) is TASKS[task]


@EVERY
def test_it_trains_and_resumes_bit_for_bit(task: str, kind: str, listen: Callable[[Any], list[Any]]) -> None:
    data, probes = example(kind, task=task), watched(kind)
    states: dict[int, dict[str, np.ndarray]] = {}

    def kept(events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, EpochEnd):
                states[event.epoch] = {name: array.copy() for name, array in event.state.items()}
            yield event

    whole = listen(kept(fit(config(task, kind), data, probes=lambda: probes)))
    again = listen(fit(config(task, kind), data, probes=lambda: probes, resume=states[1]))
    assert whole[-len(again) + 1 :] == again[1:]
    assert [event for event in whole if event[0] == "ArmEpoch"]
    for state in states.values():
        assert all(np.isfinite(array).all() for name, array in state.items() if not name.endswith("counters"))


@EVERY
@pytest.mark.parametrize("max_tokens", [40, 5])
def test_it_is_recorded_and_shown(task: str, kind: str, max_tokens: int, tmp_path: Path) -> None:
    run = Run.create(tmp_path, config(task, kind, max_tokens=max_tokens, epochs=1), example(kind, max_tokens, task))
    for probe in watched(kind):
        run.add_probe(probe.text)
    assert execute(run.path) == "finished"
    view = RunView(run).refresh()
    for probe in view.probes:
        shown = view.player(probe, running=False)
        units = len(shown.spans)
        assert units == min(len(make_input(view.config).show(probe.text).spans), max_tokens)
        assert shown.attention_recorded == [True, True]
        assert ((shown.masks >= 0) & (shown.masks <= 1)).all()
        rows = decode(shown.attention).sum(-1)[shown.keys > 0]
        np.testing.assert_allclose(rows, 1, atol=0.1)


@EVERY
def test_what_is_removed_is_cut_out_and_gives_the_numbers_of_masking(task: str, kind: str) -> None:
    data = example(kind, task=task)
    made = task_of(config(task, kind)).of(config(task, kind), data)
    masked = Learner(made.config.arms[-1], made, torch.device("cpu"), 10).averaged
    rows = made.corpus.rows("train")[:8]
    context = masked.batch([made.corpus.ids[row] for row in rows], rows, "train", 1, made.corpus.words_of(rows))
    plan = masked.strategy.plan(context)
    keep = torch.rand(context.maskable.shape, generator=torch.Generator().manual_seed(0)) < 0.5
    asked = torch.zeros_like(keep) if plan.labels is None else plan.labels >= 0
    plan = plan.combine(MaskPlan(keep=keep | asked | ~context.maskable))
    cut, in_place = masked.forward(context, plan), masked.forward(context, plan, trace=True)
    torch.testing.assert_close(cut.logits, in_place.logits, atol=1e-5, rtol=1e-5)
    assert torch.equal(cut.kept, in_place.kept)
    assert (cut.kept < context.attention_mask.sum(1)).any()


@EVERY
def test_a_trained_model_can_be_opened_and_asked(task: str, kind: str, tmp_path: Path) -> None:
    run = Run.create(tmp_path, config(task, kind, epochs=1), example(kind, task=task))
    execute(run.path)
    recorded = run.snapshot(1)
    for arm in run.config().arms:
        if task == GuessSettings.name:
            subject = Subject.open(run, arm, 1)
            assert len(subject.guesses("ba bo", [1])) == 1
            continue
        found = Subject.open(run, arm).records([run.probes()[0].text])[0]
        stored = recorded.probe(0, arm)
        assert stored is not None
        np.testing.assert_allclose(found.mask, stored.mask, atol=0.01)
        np.testing.assert_array_equal(found.attention, stored.attention)


@EVERY
def test_every_unit_that_is_read_is_shown(task: str, kind: str) -> None:
    data = example(kind)
    reader = make_input(config(task, kind))
    corpus = reader.encode(data)
    for row, units in enumerate(corpus.ids):
        text = reader.sample(data, row)
        shown = reader.show(text)
        assert len(shown.spans) == len(units) - 1
        assert all(shown.text[a:b] for a, b in shown.spans)
        assert len(reader.word_ids(text)) == len(units)
        np.testing.assert_array_equal(make_input(config(task, kind), corpus.vocabulary).read(text), units)


@EVERY
def test_only_strategies_that_find_what_they_need_are_offered(task: str, kind: str) -> None:
    given = config(task, kind)
    provided = task_of(given).provided(given)
    known = offered(given)
    assert known == [name for name in REGISTRY if REGISTRY[name].needs_of({}) <= provided]
    assert sorted(arms.names(given)) == sorted(known)
    assert {"none", "window", "dropout"} <= set(known)
    assert ("topk" in known) == ("attention" in provided)


def test_text_with_classes_is_offered_all_masks_and_units_without_a_vocabulary_none_that_read_words() -> None:
    assert offered(ExperimentConfig()) == [name for name in REGISTRY if not needs(name) & {"grid", "bands", "marks"}]
    glyphs = set(offered(config("classify", Glyphs.name)))
    assert glyphs == {name for name in REGISTRY if not needs(name) & {"words", "bands", "marks"}}
    assert not glyphs & {"static", "repaired", "keyword", "tokendrop"}


def test_an_unknown_task_or_input_is_bad_input(data: Dataset) -> None:
    with pytest.raises(InputError, match="smell"):
        next(iter(fit(config("classify", "smell"), data)))
    with pytest.raises(InputError, match="dream"):
        ExperimentConfig.from_json({"task": {"name": "dream"}})
    with pytest.raises(InputError, match="often"):
        ExperimentConfig.from_json({"task": {"name": "alternate", "often": 1}})


def test_the_task_goes_by_its_name_and_old_settings_are_read() -> None:
    assert config("alternate", "text").to_json()["task"] == {"name": "alternate", "every": 2}
    assert "task" not in config("classify", "text").to_json()
    old = ExperimentConfig.from_json({"arms": ["static"], "mlm": {"selection": "span", "rate": 0.3}})
    assert old.task == GuessSettings("span", 0.3)


@pytest.mark.parametrize("values", [{"task": "guess"}, {"task": {"name": []}}, {"mlm": 3}, {"input": []}], ids=str)
def test_settings_of_the_wrong_kind_are_bad_input(values: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ExperimentConfig.from_json(values)


def test_no_mlm_settings_are_those_of_classifying() -> None:
    assert ExperimentConfig.from_json({"mlm": None}) == ExperimentConfig()


def test_settings_without_a_name_of_their_own_take_the_place_of_no_others() -> None:
    class More(GuessSettings):
        pass

    assert TASK_SETTINGS[GuessSettings.name] is GuessSettings
    assert "" not in TASK_SETTINGS


def test_every_input_and_task_is_found_by_itself() -> None:
    for registered_ones, package in ((INPUTS, inputs), (TASKS, tasks)):
        files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
        assert {kind.__module__.rpartition(".")[2] for kind in registered_ones.values()} - {"toys"} <= files
        for name in files - {"__init__"}:
            assert f"{package.__name__}.{name}" in sys.modules


def test_a_task_refuses_masks_that_need_what_it_does_not_have(data: Dataset) -> None:
    with pytest.raises(InputError, match="repaired"):
        next(iter(fit(config("alternate", "text", ("none", "repaired")), data)))


def test_pretraining_reads_the_input_of_the_experiment(data: Dataset) -> None:
    class Other(INPUTS["text"]):  # type: ignore[misc]
        name = "other"

    INPUTS[Other.name] = Other
    try:
        made = config("classify", "other", ("none", "pretrained"))
        first = task_of(made).of(made, data).before("pretrained")
        assert first is not None
        assert type(first.reader) is Other
    finally:
        del INPUTS[Other.name]


def test_a_loss_that_is_no_number_leaves_a_model_until_there_is_a_better_one(data: Dataset) -> None:
    made = config("guess", "text", ("dynamic",))
    learner = Learner("dynamic", task_of(made).of(made, data), torch.device("cpu"), 10)
    learner.remember_best(1, (float("nan"), 0.0))
    assert learner.best_epoch == 1
    assert learner.best
    learner.remember_best(2, (-float("inf"), 0.0))
    assert learner.best_epoch == 2
    learner.remember_best(3, (-5.0, 0.0))
    learner.remember_best(4, (float("nan"), 0.0))
    assert learner.best_epoch == 3


def test_a_run_of_a_task_without_classes_is_listed_without_labels(data: Dataset, tmp_path: Path) -> None:
    run = Run.create(tmp_path, config("alternate", "text", epochs=1), data)
    execute(run.path)
    view = RunView(run).refresh()
    assert view.probes[0].label is not None
    assert labelled(view, 0) == f"1 · {view.probes[0].text}"
    assert view.player(view.probes[0], running=False).label is None


def test_the_toys_are_small(tmp_path: Path) -> None:
    lines = (Path(__file__).parent / "toys.py").read_text().splitlines()
    task = lines.index("class AlternateSettings(TaskSettings):"), lines.index("class GlyphEmbedding(Embedding):")
    assert task[1] - task[0] < 80
    assert lines.index("@contextmanager") - task[1] < 80
