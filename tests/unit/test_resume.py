"""A run that was stopped and resumed equals one that never was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.events import ArmEpoch, EpochEnd, Event, Probe, Started, Step
from dynmask_core.jobs import execute
from dynmask_core.runs import Run, RunWriter
from dynmask_core.training.fit import fit

Settings = Callable[..., ExperimentConfig]
EPOCHS = 3
PROBES = (Probe("ba bo bu", 0), Probe("la le", 1))


def snapshots(events: Iterator[Event]) -> dict[int, dict[str, np.ndarray]]:
    """The states at each epoch's end, copied: they are views."""
    return {
        event.epoch: {name: array.copy() for name, array in event.state.items()}
        for event in events
        if isinstance(event, EpochEnd)
    }


def numbers(run: Run) -> dict[str, Any]:
    """All that a run folder says, clocks left out."""
    clock = ("seconds", "tokens_per_second", "elapsed")

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: timeless(item) for key, item in value.items() if key not in clock}
        return [timeless(item) for item in value] if isinstance(value, list) else value

    arms = run.config().arms
    return {
        "result": timeless(run.result()),
        "events": timeless([event for event in run.events() if event["type"] != "started"]),
        "weights": {
            arm: {k: v.tobytes() for k, v in load_file(run.path / "weights" / f"{arm}.safetensors").items()}
            for arm in arms
        },
        "snapshots": {
            epoch: {name: array.tobytes() for name, array in run.snapshot(epoch).arrays.items()}
            for epoch in run.epochs()
        },
        "probes": run.probes(),
    }


def killed(run: Run, dataset: Dataset, when: Callable[[Event], bool]) -> None:
    """Trains into the folder until `when`, then drops everything, as a killed process would."""
    writer = RunWriter(run)
    events = fit(
        run.config(), dataset, controls=run.controls, probes=lambda: writer.probes(PROBES),
        resume=writer.resume_state(),
    )  # fmt: skip
    for event in events:
        writer.write(event)
        if when(event):
            events.close()  # type: ignore[attr-defined]
            return
    raise AssertionError("it finished before it was killed")


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, settings: Settings, dataset: Dataset) -> Run:
    """A run that nobody disturbed."""
    run = Run.create(tmp_path_factory.mktemp("straight"), settings("none", "article", "repaired", epochs=3), dataset)
    writer = RunWriter(run)
    for event in fit(run.config(), dataset, probes=lambda: writer.probes(PROBES)):
        writer.write(event)
    return run


@pytest.fixture(scope="module")
def recorded(
    settings: Settings, dataset: Dataset, plain: Callable[[Any], Any]
) -> tuple[ExperimentConfig, list[Any], dict[int, tuple[dict[str, np.ndarray], int]]]:
    """(settings, all events in comparable form, {epoch: (state at its end, number of events until then)})."""
    config = settings("none", "static", "article", "repaired", epochs=EPOCHS)
    said, states = [], {}
    for event in fit(config, dataset, probes=lambda: PROBES):
        if not isinstance(event, Step):
            said.append(plain(event))
        if isinstance(event, EpochEnd):
            states[event.epoch] = ({name: array.copy() for name, array in event.state.items()}, len(said))
    return config, said, states


@pytest.mark.parametrize("epoch", range(EPOCHS))
def test_resuming_from_any_epoch_gives_the_numbers_of_never_having_stopped(
    epoch: int, recorded: Any, dataset: Dataset, plain: Callable[[Any], Any]
) -> None:
    config, said, states = recorded
    state, until_then = states[epoch]
    events = fit(config, dataset, probes=lambda: PROBES, resume=state)
    started, *rest = [plain(event) for event in events if not isinstance(event, Step)]
    assert started[0] == "Started"
    assert rest == said[until_then:]


def test_a_state_survives_resuming_untouched(settings: Settings, dataset: Dataset) -> None:
    config = settings("none", "repaired")
    state = snapshots(fit(config, dataset))[1]
    before = {name: array.tobytes() for name, array in state.items()}
    list(fit(config, dataset, resume=state))
    assert {name: array.tobytes() for name, array in state.items()} == before


def test_changed_controls_stay_in_force_after_resuming(
    settings: Settings, dataset: Dataset, plain: Callable[[Any], Any]
) -> None:
    config = settings("repaired", epochs=3)
    changed = Controls(step_size=0.3, evidence_threshold=0.0, keep_threshold=0.2)
    state, rest = {}, []
    for event in fit(config, dataset, controls=lambda: changed):
        if isinstance(event, EpochEnd) and event.epoch == 1:
            state = {name: array.copy() for name, array in event.state.items()}
            rest.clear()
        elif not isinstance(event, Step):
            rest.append(plain(event))
    resumed = [plain(event) for event in fit(config, dataset, resume=state) if not isinstance(event, Step)]
    assert resumed[1:] == rest


def test_resuming_after_the_last_epoch_only_finishes(
    settings: Settings, dataset: Dataset, plain: Callable[[Any], Any]
) -> None:
    config = settings("repaired")
    events = list(fit(config, dataset))
    state = snapshots(fit(config, dataset))[2]
    again = list(fit(config, dataset, resume=state))
    assert [type(event).__name__ for event in again] == ["Started", "Finished"]
    assert plain(again[-1]) == plain(events[-1])


KILLS: dict[str, Callable[[Event], bool]] = {
    "before the first epoch's record": lambda e: isinstance(e, Started),
    "in the first epoch": lambda e: isinstance(e, ArmEpoch),
    "at a step of the second epoch": lambda e: isinstance(e, Step) and e.epoch == 2 and e.arm == "article",
    "between two arms": lambda e: isinstance(e, ArmEpoch) and e.epoch == 2 and e.arm == "none",
    "at the end of an epoch": lambda e: isinstance(e, EpochEnd) and e.epoch == 2,
}


@pytest.mark.parametrize("when", KILLS)
def test_a_killed_run_goes_on_from_its_folder_as_if_nothing_had_been(
    when: str, tmp_path: Path, straight: Run, dataset: Dataset
) -> None:
    run = Run.create(tmp_path, straight.config(), dataset)
    killed(run, dataset, KILLS[when])
    writer = RunWriter(run)
    loaded = run.dataset()  # the source may be gone: the folder alone must do
    for event in fit(
        run.config(), loaded, controls=run.controls, probes=lambda: writer.probes(PROBES), resume=writer.resume_state()
    ):
        writer.write(event)
    assert run.status().state == "finished"
    assert numbers(run) == numbers(straight)


def test_a_run_killed_twice_says_each_epoch_once(tmp_path: Path, straight: Run, dataset: Dataset) -> None:
    run = Run.create(tmp_path, straight.config(), dataset)
    killed(run, dataset, lambda e: isinstance(e, ArmEpoch) and e.epoch == 2 and e.arm == "article")
    killed(run, dataset, lambda e: isinstance(e, ArmEpoch) and e.epoch == 2 and e.arm == "article")
    assert execute(run.path) == "finished"
    said = [(event["arm"], event["epoch"]) for event in run.events() if event["type"] == "arm_epoch"]
    assert said == [(arm, epoch) for epoch in (1, 2, 3) for arm in ("none", "article", "repaired")]
    assert numbers(run) == numbers(straight)


def test_ctrl_c_keeps_the_run_and_it_can_be_finished(tmp_path: Path, settings: Settings, dataset: Dataset) -> None:
    config = settings("none", "repaired")
    run, other = Run.create(tmp_path / "a", config, dataset), Run.create(tmp_path / "b", config, dataset)

    def interrupt(event: Event) -> None:
        if isinstance(event, ArmEpoch) and event.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(run.path, interrupt)
    assert run.status().state == "interrupted"
    assert run.status().epoch == 1
    assert execute(run.path) == "finished"
    assert execute(other.path) == "finished"
    assert numbers(run) == numbers(other)
    assert run.status().elapsed > 0


def test_an_epoch_whose_line_was_lost_is_in_the_log_of_the_resumed_run(
    tmp_path: Path, settings: Settings, dataset: Dataset
) -> None:
    """Killed after the checkpoint and before the line in the log that belongs to it."""
    run = Run.create(tmp_path, settings("none", "article", "repaired", epochs=3), dataset)
    killed(run, dataset, lambda event: isinstance(event, EpochEnd) and event.epoch == 2)
    log = run.path / "events.jsonl"
    *lines, lost = log.read_text().splitlines(keepends=True)
    assert '"epoch_end"' in lost
    log.write_text("".join(lines))
    killed(run, dataset, lambda event: isinstance(event, EpochEnd) and event.epoch == 3)
    ends = [event["epoch"] for event in run.events() if event["type"] == "epoch_end"]
    assert ends == [0, 1, 2, 3]
