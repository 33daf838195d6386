"""The contract of strategies on inputs that are no texts: every strategy on every one that meets its needs."""

from __future__ import annotations

import functools

import pytest
import torch
from examples import EXAMPLES, example

from dynmask_core.config import ClassifySettings, Controls, DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.inputs import fit_to, make_input
from dynmask_core.keys import generator
from dynmask_core.masks import REGISTRY
from dynmask_core.masks.compose import missing
from dynmask_core.tasks import task_of
from dynmask_core.tasks.classify import Classify
from dynmask_core.training.learner import Learner

CONTROLS = Controls(step_size=0.3, evidence_threshold=0.5)
PROVIDED = {kind: task_of(ExperimentConfig(input=kind)).provided(ExperimentConfig(input=kind)) for kind in EXAMPLES}
EVERY = pytest.mark.parametrize(
    ("written", "kind"),
    [
        pytest.param(written, kind, id=f"{written}-{kind}")
        for kind in EXAMPLES
        for written in (*sorted(REGISTRY), "topk:fuse=yes", "placegate:epoch", "window:1", "dropout:refresh=dataset")
        if not missing(written, PROVIDED[kind])
    ],
)


def task(kind: str, written: str) -> Classify:
    torch.set_num_threads(1)
    base = ExperimentConfig(
        DataConfig("example", max_tokens=16),
        ModelConfig(16, 2, 2),
        controls=CONTROLS,
        train=TrainConfig(epochs=3, batch_size=8, device="cpu"),
        arms=(written,),
        task=ClassifySettings(),
        input=kind,
    )
    return Classify(fit_to(base, example(kind, 16)), encoded(kind))


@functools.cache
def encoded(kind: str) -> EncodedCorpus:
    data = example(kind, 16)
    return make_input(fit_to(ExperimentConfig(DataConfig("example", max_tokens=16)), data)).encode(data)


@functools.cache
def arm(kind: str, written: str) -> Learner:
    """A learner after two training steps of its second epoch."""
    made = Learner(written, task(kind, written), torch.device("cpu"), 10)
    corpus = made.task.corpus
    rows = generator(0, "rows").permutation(corpus.rows("train"))[:16]
    for epoch in (1, 2):
        made.strategy.on_epoch(epoch, CONTROLS)
        for chosen in (rows[:8], rows[8:]):
            context = made.averaged.batch([corpus.ids[row] for row in chosen], chosen, "train", epoch)
            loss = made.train_step(context.with_labels(torch.from_numpy(corpus.labels[chosen]))).loss.mean
            assert loss.isfinite()
    return made


@EVERY
def test_its_laws_hold_there_too(written: str, kind: str) -> None:
    made = arm(kind, written)
    corpus = made.task.corpus
    rows = corpus.rows("train")[:4]
    units = [corpus.ids[row][: len(corpus.ids[row]) - 3 * i] for i, row in enumerate(rows)]
    for split in ("train", "test", "probe"):
        context = made.averaged.batch(units, rows, split, 2)  # type: ignore[arg-type]
        with torch.no_grad():
            plan, again = made.strategy.plan(context), made.strategy.plan(context)
            cut = made.averaged.forward(context, plan)
            in_place = made.averaged.forward(context, again, trace=True)
            lone = made.averaged.batch(units[1:2], rows[1:2], split, 2)  # type: ignore[arg-type]
            alone = made.averaged.forward(lone, made.strategy.plan(lone))
        outside = ~context.maskable
        assert plan.keep is None or plan.keep[outside].all()
        assert plan.token_gate is None or (plan.token_gate[outside] == 1).all()
        assert in_place.trace is not None
        for gate in (
            *in_place.trace.gates,
            *in_place.trace.heads,
            *([plan.token_gate] if plan.token_gate is not None else []),
        ):
            assert ((gate >= 0) & (gate <= 1)).all()
        # Equal keys, units cut out or masked in place, alone or among others: the same numbers.
        torch.testing.assert_close(cut.logits, in_place.logits, atol=1e-5, rtol=1e-5)
        assert torch.equal(cut.kept, in_place.kept)
        torch.testing.assert_close(cut.logits[1:2], alone.logits, atol=1e-5, rtol=1e-5)
        assert cut.logits.isfinite().all()


@EVERY
def test_a_saved_mask_goes_on_as_if_nothing_had_happened(written: str, kind: str) -> None:
    made = arm(kind, written)
    corpus = made.task.corpus
    fresh = Learner(written, made.task, torch.device("cpu"), 10)
    fresh.averaged.step = made.averaged.step
    fresh.averaged.load_state({name: array.copy() for name, array in made.averaged.state().items()})
    rows = corpus.rows("test")[:4]
    for split in ("test", "probe"):
        contexts = [one.averaged.batch([corpus.ids[row] for row in rows], rows, split, 2) for one in (made, fresh)]  # type: ignore[arg-type]
        logits = [
            one.averaged.forward(context, one.averaged.strategy.plan(context)).logits
            for one, context in zip((made, fresh), contexts, strict=True)
        ]
        torch.testing.assert_close(logits[0], logits[1], atol=1e-6, rtol=0)
