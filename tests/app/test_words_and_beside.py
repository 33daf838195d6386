"""Two views of a run: the masks of its words over the epochs, and another run laid beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.analysis.overlay import overlay
from dynmask_core.analysis.trajectories import trajectories
from dynmask_core.config import Controls
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs import Run, files
from dynmask_core.ui.components.remembered import Memory
from dynmask_core.ui.question import mine

Visit = Callable[..., AppTest]
FIRST, SECOND = "20260501-093000-0123456789abcdef", "20260501-094500-fedcba9876543210"


@pytest.fixture
def run(finished_run: Run, runs_root: Path) -> Run:
    shutil.copytree(finished_run.path, runs_root / FIRST)
    return Run(runs_root / FIRST)


@pytest.fixture
def other(finished_run: Run, runs_root: Path) -> Run:
    """A copy that says it was trained with another θ; some of its answers are other ones."""
    shutil.copytree(finished_run.path, runs_root / SECOND)
    found = Run(runs_root / SECOND)
    settings = files.read_json(found.path / "config.json")
    settings["controls"]["keep_threshold"] = 0.3
    files.write_json(found.path / "config.json", settings)
    answered = found.predictions()
    assert answered is not None
    answered["repaired"] = answered["repaired"].copy()
    answered["repaired"][:2] = 1 - answered["repaired"][:2]
    files.write_arrays(found.path / "predictions.npz", answered)
    return found


def lines(app: AppTest) -> list[str]:
    """All that is said, one sentence each."""
    said = [*app.get("text"), *app.caption, *app.info, *app.warning]
    return [line for one in said for line in one.value.replace("\\", "").splitlines()]


def table(app: AppTest, column: str) -> Any:
    return next(one.value for one in app.dataframe if column in one.value.columns)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_stand_in_a_table_with_their_paths(run: Run, visit: Visit, lang: str) -> None:
    app = visit(f"/train?run={FIRST}&view=words&lang={lang}")
    assert not app.exception
    assert text("paths.title", lang) in [heading.value for heading in app.subheader]
    found, shown = trajectories(run), table(app, "crossed")
    assert 0 < len(shown) <= len(found)
    for word, path, start, now in zip(shown["word"], shown["path"], shown["start"], shown["now"], strict=True):
        expected = found.paths[found.words.index(word)].astype(float)
        np.testing.assert_allclose(path, expected)
        assert (start, now) == (expected[0], expected[-1])


def test_a_word_that_is_searched_for_comes_first_whatever_the_filters_say(run: Run, visit: Visit) -> None:
    app = visit(f"/train?run={FIRST}&view=words&lang=en")
    rare = trajectories(run).words[-1]  # by falling frequency
    app.selectbox(key="paths_band").select("many").run()
    assert not app.exception
    app.text_input(key="paths_search").set_value(f"{rare}, zyzzyva").run()
    assert not app.exception
    assert table(app, "crossed")["word"].iloc[0] == rare
    assert any("zyzzyva" in line for line in lines(app))


def test_words_are_filtered_by_class_and_arm(run: Run, visit: Visit) -> None:
    app = visit(f"/train?run={FIRST}&view=words&lang=en")
    cls = app.selectbox(key="paths_class").options[1]
    app.selectbox(key="paths_class").select(cls).run()
    assert set(table(app, "crossed")["typical"]) == {cls}
    app.selectbox(key="paths_arm").select("static").run()
    assert not app.exception
    assert any("no word has moved" in line for line in lines(app))


def test_changes_and_crossings_are_told(settings: Any, dataset: Any, runs_root: Path, visit: Visit) -> None:
    run = Run.create(runs_root, settings("static", "window:2", "none", epochs=2), dataset)

    def raise_theta(event: Any) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            run.set_controls(Controls(keep_threshold=0.8))

    execute(run.path, raise_theta)
    app = visit(f"/train?run={run.name}&view=words&lang=en")
    assert not app.exception
    said = lines(app)
    assert "From epoch 2 on θ is 0.8 (before: 0.1)." in said
    assert any(line.startswith("θ went up to 0.8 in epoch 2, above the mask of “") for line in said)
    assert any("No mask of words: window:2, none." in line for line in said)


def test_a_run_without_masks_of_words_says_where_to_look(
    settings: Any, dataset: Any, runs_root: Path, visit: Visit
) -> None:
    run = Run.create(runs_root, settings("none", "window:2", epochs=1), dataset)
    execute(run.path)
    app = visit(f"/train?run={run.name}&view=words&lang=en")
    assert not app.exception
    assert any("“Watch”" in line for line in lines(app))
    assert not any("crossed" in one.value.columns for one in app.dataframe)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_run_of_the_address_is_laid_beside(run: Run, other: Run, visit: Visit, lang: str) -> None:
    app = visit(f"/train?run={FIRST}&view=beside&beside={SECOND}&lang={lang}")
    assert not app.exception
    assert app.query_params["beside"] == SECOND
    found = overlay(run, other)
    counts = table(app, "only_own")
    for pair, (_, row) in zip(found.pairs, counts.iterrows(), strict=True):
        assert {name: row[name] for name in pair.counts} == pair.counts
    assert len(table(app, "right")) == len(found.pairs[1].disagree) == 2
    theta = text("setting.theta", lang)
    assert text("overlay.differs", lang, setting=theta, own="0.1", other="0.3") in lines(app)
    if lang != "en":
        return  # AppTest names the options of select boxes outside the session, in English
    app.selectbox(key="overlay_pair").select(0).run()
    assert not app.exception
    assert not any("right" in one.value.columns for one in app.dataframe)  # the same answers to every text


def test_only_runs_that_this_session_has_opened_are_listed(run: Run, other: Run, visit: Visit) -> None:
    app = visit(f"/train?run={FIRST}&view=beside&lang=en")
    assert not app.exception
    assert not any("state" in one.value.columns for one in app.dataframe)
    assert SECOND not in str([element.proto for element in app.main])
    app.text_input(key="beside_pasted").set_value(f"https://host/train?run={SECOND}&lang=zh").run()
    assert not app.exception
    assert app.query_params["beside"] == SECOND
    listed = table(app, "state")
    assert list(listed["when"]) == ["2026-05-01 09:45"]
    result = other.result()
    assert result is not None
    assert listed["scores"].iloc[0].split(" · ") == [f"{arm['test']['accuracy']:.1%}" for arm in result["arms"]]
    app.button(key="forget_runs").click().run()
    assert not app.exception
    assert "beside" not in app.query_params
    assert not any("state" in one.value.columns for one in app.dataframe)


class Browser:
    """Stands in for the storage that the tabs of a browser share, as the component in the browser keeps it."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.cleared = 0

    def remembered(self, names: Sequence[str], *, cleared: int | None, key: str) -> Memory:
        if cleared is not None and cleared > self.cleared:
            self.names, self.cleared = list(names), cleared
        elif cleared is None or cleared == self.cleared:
            self.names = list(dict.fromkeys([*names, *self.names]))
        return Memory(self.names, self.cleared)


def test_what_one_tab_forgets_no_other_tab_brings_back(
    run: Run, other: Run, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser()
    monkeypatch.setattr(mine, "remembered", browser.remembered)
    one, two = (visit(f"/train?run={name}&view=beside&lang=en") for name in (FIRST, SECOND))
    one.run()
    assert set(browser.names) == {FIRST, SECOND}
    assert list(table(one, "state")["when"]) == ["2026-05-01 09:45"]
    one.button(key="forget_runs").click().run()
    assert browser.names == []
    for tab in (two, one, two):
        tab.run()
        assert not tab.exception
    assert browser.names == []
    assert not any("state" in found.value.columns for tab in (one, two) for found in tab.dataframe)
    visit(f"/train?run={SECOND}&view=beside&lang=en")
    assert browser.names == [SECOND]


@pytest.mark.parametrize(("pasted", "problem"), [("nonsense", "unknown"), (FIRST, "same_run"), (SECOND, "unknown")])
def test_what_is_pasted_is_checked(run: Run, visit: Visit, pasted: str, problem: str) -> None:
    app = visit(f"/train?run={FIRST}&view=beside&lang=en")
    app.text_input(key="beside_pasted").set_value(pasted).run()
    assert not app.exception
    assert [one.value for one in app.warning] == [text(f"overlay.{problem}")]
    assert "beside" not in app.query_params


@pytest.mark.parametrize("name", [SECOND, "../../etc"])
def test_an_address_with_an_unknown_run_beside_is_refused_and_told(run: Run, visit: Visit, name: str) -> None:
    app = visit(f"/train?run={FIRST}&view=beside&beside={name}&lang=en")
    assert not app.exception
    assert "beside" not in app.query_params
    assert any(r"beside\=" in warning.value for warning in app.warning)


def test_the_run_beside_stays_in_the_address_of_every_view(run: Run, other: Run, visit: Visit) -> None:
    app = visit(f"/train?run={FIRST}&view=words&beside={SECOND}&lang=en")
    assert not app.exception
    assert app.query_params["beside"] == SECOND
    assert not app.warning


def test_the_address_of_the_next_run_does_not_name_the_one_beside_the_last(
    run: Run, other: Run, runs_root: Path, visit: Visit
) -> None:
    third = SECOND.replace("0945", "1000")
    shutil.copytree(run.path, runs_root / third)
    app = visit(f"/train?run={FIRST}&view=beside&beside={SECOND}&lang=en")
    app.query_params["run"] = third
    app.run()
    assert not app.exception
    assert "beside" not in app.query_params
    assert len(table(app, "state")) == 2


def test_the_test_of_a_stopped_run_is_looked_at_only_when_asked(
    settings: Any, dataset: Any, runs_root: Path, run: Run, visit: Visit
) -> None:
    early = Run.create(runs_root, settings(epochs=3), dataset)
    execute(
        early.path, lambda event: early.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None
    )
    app = visit(f"/train?run={FIRST}&view=beside&beside={early.name}&lang=en")
    assert not app.exception
    assert text("overlay.not_yet") in lines(app)
    assert not (early.path / "early.json").exists()
    app.button(key="overlay_now").click().run()
    assert not app.exception
    assert any("1 epochs only" in line for line in lines(app))
    assert len(table(app, "only_own")) == 2
    app.run()
    assert len(table(app, "only_own")) == 2
