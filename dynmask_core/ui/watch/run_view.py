"""A run as the pages need it: reads its folder once, then only what is new."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from dynmask_core.analysis.changes import changes
from dynmask_core.colors import arm_color
from dynmask_core.config import MarkSettings
from dynmask_core.data.media import medium_of
from dynmask_core.data.tokenize import Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.events import Probe, ProbeRecord
from dynmask_core.inputs import MAX_MAP, Input, make_input
from dynmask_core.masks import brief
from dynmask_core.messages import LANGUAGES, told
from dynmask_core.runs import Run
from dynmask_core.runs.snapshot import Snapshot
from dynmask_core.ui.arm_names import in_words
from dynmask_core.ui.components.player import PlayerData, UnitMarks
from dynmask_core.ui.components.player.roles import roles, shows
from dynmask_core.ui.i18n import lang
from dynmask_core.ui.watch.bands import band_values
from dynmask_core.ui.watch.unit_marks import truth_of

T = TypeVar("T")
MOST_SENTENCES = 4
"""Of so many sentences of a run the last picture is kept: a long one takes some megabytes."""


class RunView:
    """Everything read from a run so far. Shared by all sessions that look at the same run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.config = run.config()
        self.arms = list(self.config.arms)
        self._snapshots: dict[int, Snapshot] = {}
        self._lock = threading.Lock()
        self._pictures: dict[str, tuple[tuple[Any, ...], PlayerData]] = {}
        self._truth: dict[str, list[int] | None] = {}
        self.epochs: list[int] = []
        self.events: list[dict[str, Any]] = []
        self.probes: list[Probe] = []
        self.result: dict[str, Any] | None = None
        """The final scores, see `Run.result`; a run that is finished does not change any more."""
        self.faults: dict[str, InputError] = {}
        """By what could not be read, the sentence that names its file; the rest is shown without it."""
        self.vocabulary: Vocabulary | None = self._read("vocabulary", run.vocabulary, None)

    def refresh(self) -> RunView:
        """Reads what has come since the last call."""
        with self._lock:
            epochs = self.run.epochs()
            for epoch in epochs:
                name = f"epoch {epoch}"
                if epoch not in self._snapshots and name not in self.faults:
                    snapshot = self._read(name, partial(self.run.snapshot, epoch), None)
                    if snapshot is not None:
                        self._snapshots[epoch] = snapshot
            self.epochs = [epoch for epoch in epochs if epoch in self._snapshots]
            self.events = self.run.events()
            if epochs:
                self._read("log", self.run.started, dict[str, Any]())
            self.probes = self._read("probes", self.run.probes, [])
            self.vocabulary = self._read("vocabulary", self.run.vocabulary, None)
            if self.result is None:
                self.result = self._read("result", self.run.result, None)
        return self

    def _read(self, name: str, read: Callable[[], T], otherwise: T) -> T:
        """What is read, or `otherwise` if its file is damaged."""
        try:
            found = read()
        except InputError as error:
            self.faults[name] = error
            return otherwise
        self.faults.pop(name, None)
        return found

    def require(self, *names: str) -> None:
        """Raises the InputError of what could not be read, if it is one of these."""
        for name in names:
            if name in self.faults:
                raise self.faults[name]

    @property
    def started(self) -> dict[str, Any]:
        """The "started" event, {} before there is one."""
        return next((event for event in self.events if event["type"] == "started"), {})

    @property
    def ready(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.epochs)

    @property
    def reader(self) -> Input:
        """Cuts a sentence into the units that the run's models read."""
        return make_input(self.config, self.vocabulary)

    @property
    def medium(self) -> str:
        """What the run's samples are, see `data.media`."""
        return medium_of([probe.text for probe in self.probes])

    @property
    def words(self) -> bool:
        """Whether units are words, the same in many samples."""
        return "words" in type(self.reader).provides

    @property
    def classes(self) -> list[str]:
        if "log" not in self.faults:
            return list(self.started.get("classes", []))
        # As many as the models' answers; they have names where the texts are.
        answers = next((p for s in self._snapshots.values() for p in s.answers()), np.zeros(0))
        names: list[str] = []
        if len(answers):
            names = self._read("texts", lambda: list(self.run.dataset().classes), names)
        return names if len(names) == len(answers) else [str(number + 1) for number in range(len(answers))]

    def arm_epochs(self) -> list[dict[str, Any]]:
        """The events at the end of each arm's epochs, in the order of arrival."""
        return [event for event in self.events if event["type"] == "arm_epoch"]

    def snapshots(self) -> dict[int, Snapshot]:
        """What was recorded, by epoch, ascending."""
        return {epoch: self._snapshots[epoch] for epoch in self.epochs}

    def player(
        self,
        probe: Probe,
        *,
        running: bool,
        autoplay: bool = False,
        final: dict[str, ProbeRecord] | None = None,
        language: str | None = None,
    ) -> PlayerData:
        """The player's data for one sentence; the same object as before if nothing has changed. final: records made
        after training, shown at the last epoch. language: of the marks, None for the reader's."""
        marks = self.marks(language or lang())
        if final is not None:
            return self._picture(probe, running, autoplay, marks, final, {})
        state = (probe, self.epochs, self.classes, running, autoplay, marks)
        known = self._pictures.pop(probe.text, None)
        if known is None or known[0] != state:
            packed = {} if known is None else known[1].packed
            known = (state, self._picture(probe, running, autoplay, marks, None, packed))
        self._pictures[probe.text] = known
        for text in list(self._pictures)[:-MOST_SENTENCES]:
            self._pictures.pop(text, None)
        return known[1]

    def _picture(
        self,
        probe: Probe,
        running: bool,
        autoplay: bool,
        marks: list[dict[str, Any]],
        final: dict[str, ProbeRecord] | None,
        packed: dict[tuple[int, int, bool, int], bytes],
    ) -> PlayerData:
        """packed: see PlayerData."""
        index = next((i for i, known in enumerate(self.probes) if known.text == probe.text), None)
        shown = self.reader.show(probe.text, self.reader.recorded)
        size = self._recorded_side(index, len(shown.spans) + 1, final)
        # One list for all: another reader's page may read new epochs meanwhile.
        recorded_epochs = self.epochs
        model, arms, epochs = self.config.model, len(self.arms), len(recorded_epochs)
        masks = np.full((arms, epochs, len(shown.spans)), np.nan, dtype=np.float32)
        probabilities = np.full((arms, epochs, len(self.classes)), np.nan, dtype=np.float32)
        attention = np.zeros((arms, epochs, model.layers, model.heads, size, size), dtype=np.uint8)
        keys = np.zeros(attention.shape[:-1], dtype=np.uint16)
        opened = np.zeros(attention.shape[:-2], dtype=np.float32)
        recorded = np.zeros(epochs, dtype=bool)
        bands: dict[tuple[int, int], np.ndarray] = {}
        codes, chances = np.full(masks.shape, -1, dtype=np.int16), np.zeros(masks.shape, dtype=np.float32)
        ids = self.reader.read(probe.text, self.reader.recorded)[1:]
        for e, epoch in enumerate(recorded_epochs):
            for a, arm in enumerate(self.arms):
                found = None if index is None else self._snapshots[epoch].probe(index, arm)
                if final is not None and e == epochs - 1:
                    found = final[arm]
                if found is not None:
                    recorded[e] = True
                    masks[a, e], probabilities[a, e] = found.mask, found.probabilities
                    attention[a, e] = found.attention[..., :size, :size]
                    keys[a, e], opened[a, e] = found.keys[..., :size], found.heads
                    if found.bands is not None:
                        bands[a, e] = found.bands
                    if found.marks is not None:
                        codes[a, e], chances[a, e] = found.marks.argmax(-1), found.marks.max(-1)
                else:
                    masks[a, e] = self._word_values(arm, epoch, ids)
        return PlayerData(
            text=shown.text,
            spans=shown.spans,
            arms=[
                {
                    "name": brief(arm),
                    "called": {lang: in_words(self.config, arm, lang) for lang in LANGUAGES},
                    "color": arm_color(i),
                    "roles": roles(self.config, arm),
                    "shows": shows(self.config, arm),
                    **({"bands": True} if any(at[0] == i for at in bands) else {}),
                }
                for i, arm in enumerate(self.arms)
            ],
            epochs=recorded_epochs,
            classes=self.classes,
            label=probe.label if self.classes else None,
            masks=masks,
            thresholds=[self._snapshots[epoch].keep_threshold for epoch in recorded_epochs],
            probabilities=probabilities,
            attention=attention,
            keys=keys,
            heads=opened,
            attention_recorded=recorded.tolist(),
            running=running,
            autoplay=autoplay,
            planned=self.config.train.epochs,
            marks=marks,
            packed=packed,
            picture=shown.picture,
            unit_marks=self._unit_marks(codes, chances, probe.text),
            bands=band_values(masks, bands),
        )

    def _unit_marks(self, codes: np.ndarray, chances: np.ndarray, sample: str) -> UnitMarks | None:
        task = self.config.task
        if not isinstance(task, MarkSettings):
            return None
        if sample not in self._truth:
            self._truth[sample] = truth_of(self.run, self.reader, sample, codes.shape[-1])
        return UnitMarks(list(task.marks), task.outside, codes, chances, self._truth[sample])

    def marks(self, language: str) -> list[dict[str, Any]]:
        """What the reader changed while it trained, and the best epochs: {"epoch", "text", "kind"}, one for each epoch
        and kind ("change", or "best" with the names of the arms)."""
        said: dict[tuple[int, str], list[str]] = {}
        for change in changes(self.events, self.config.controls):
            said.setdefault((change.epoch, "change"), []).append(told(change.told(), language))
        for arm in (self.result or {"arms": []})["arms"]:
            said.setdefault((arm["best_epoch"], "best"), []).append(brief(arm["name"]))
        return [
            {"epoch": epoch, "text": (", " if kind == "best" else " ").join(lines), "kind": kind}
            for (epoch, kind), lines in said.items()
        ]

    def _recorded_side(self, index: int | None, positions: int, final: dict[str, ProbeRecord] | None) -> int:
        """S: of how many of a sentence's positions the attention was recorded."""
        sides = [] if final is None else [int(record.attention.shape[-1]) for record in final.values()]
        if index is not None:
            # A resumed run of an older version has recorded fewer at first.
            sides += [side for epoch in self.epochs for side in self._snapshots[epoch].sides(index)]
        return min([positions, MAX_MAP, *sides])

    def _word_values(self, arm: str, epoch: int, ids: np.ndarray) -> np.ndarray | float:
        """Masks of a sentence that was not recorded: known if they belong to words (or without a mask), else NaN."""
        if arm == "none":
            return 1.0
        words = self._snapshots[epoch].word_mask(arm)
        return float("nan") if words is None else words[ids].astype(np.float32)


@st.cache_resource(show_spinner=False, max_entries=16)
def view_of(_run: Run, name: str) -> RunView:
    """One RunView per run name on this server."""
    return RunView(_run)
