"""The mask lens on the page: at every kept epoch, for typed sentences, for runs that go on, stopped, or are old."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.events import EpochEnd, Event
from dynmask_core.jobs import execute
from dynmask_core.messages import text
from dynmask_core.runs import Run
from dynmask_core.ui.components.lens import LensData
from dynmask_core.ui.question import lens as section

Visit = Callable[..., AppTest]
SENTENCE = "pear plum apple cherry fig"
QUICK = "/train?data=fruit&model=tiny&epochs=2&baseline=none&dynamic=causal"


@dataclass(frozen=True)
class Picked:
    epoch: int
    layer: int
    head: int | None
    query: int
    key: int | None


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[LensData]:
    """What the page has given to the component, the newest last."""
    given: list[LensData] = []
    monkeypatch.setattr(section, "mask_lens", lambda data, **others: given.append(data))
    return given


def trained(visit: Visit, line: Any, address: str = QUICK) -> AppTest:
    app = visit(address)
    app.button(key="do_start").click().run()
    line.train()
    app.run()
    return app.text_input(key="own_probe").set_value(SENTENCE).run()


def opened(app: AppTest) -> AppTest:
    app.button(key="lens_open").click().run()
    assert not app.exception
    return app


def test_the_lens_opens_on_the_last_epoch_when_asked(visit: Visit, line: Any, drawn: list[LensData]) -> None:
    app = trained(visit, line)
    assert not drawn
    opened(app)
    assert "lens_open" not in {button.key for button in app.button}
    assert app.selectbox(key="lens_epoch").options == ["0", "1", "2", "best epoch"]
    rows = drawn[-1].rows
    assert [(row.arm, row.epoch) for row in rows] == [("none", 2), ("causal", 2)]
    assert app.selectbox(key="lens_query").options[rows[0].query] == f"{rows[0].query} · {rows[0].words[rows[0].query]}"
    assert rows[0].words == ("[CLS]", *SENTENCE.split())
    assert text("lens.look.forbidden") in [said.value for said in app.get("text")]
    assert text("player.attention_caution") in [said.value for said in app.caption]


def test_the_select_boxes_choose_epoch_layer_head_and_word(visit: Visit, line: Any, drawn: list[LensData]) -> None:
    app = opened(trained(visit, line))
    for key, value in (("epoch", 0), ("layer", 0), ("head", 1), ("query", 2)):
        app.selectbox(key=f"lens_{key}").set_value(value).run()
    row = drawn[-1].rows[1]
    assert not app.exception
    assert (row.epoch, row.layer, row.head, row.query) == (0, 0, 1, 2)


def test_another_sentence_starts_where_the_arms_differ_most(visit: Visit, line: Any, drawn: list[LensData]) -> None:
    app = opened(trained(visit, line))
    app.selectbox(key="lens_query").set_value(5).run()
    app.text_input(key="own_probe").set_value("我喜欢 red apples").run()
    assert not app.exception
    rows = drawn[-1].rows
    assert "apples" in rows[0].words
    assert 0 < rows[0].query < len(rows[0].words) - 1
    assert abs(rows[0].weight - rows[1].weight).sum() > 0


def test_a_pick_in_the_player_turns_the_lens_once(
    visit: Visit, line: Any, drawn: list[LensData], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = trained(visit, line)
    pick = Picked(epoch=1, layer=0, head=1, query=3, key=2)
    draw = section.draw
    taking = lambda view, status: (section.take(view, SENTENCE, pick), draw(view, SENTENCE))  # noqa: E731
    monkeypatch.setattr("dynmask_core.ui.watch.views.VIEWS", {"watch": (taking,)})
    app.run()
    assert not app.exception
    row = drawn[-1].rows[0]
    assert (row.epoch, row.layer, row.head, row.query, drawn[-1].key) == (1, 0, 1, 3, 2)
    app.selectbox(key="lens_query").set_value(1).run()
    assert drawn[-1].rows[0].query == 1


def test_a_run_that_goes_on_is_asked_at_its_epochs_so_far(visit: Visit, line: Any, drawn: list[LensData]) -> None:
    app = visit(QUICK.replace("epochs=2", "epochs=4"))
    app.button(key="do_start").click().run()
    run: Run = line.submitted[0]

    def stop(event: Event) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            run.command("stop")

    execute(run.path, stop)
    for state in ("training", "stopped"):
        run.write_status(replace(run.status(), state=state))  # type: ignore[arg-type]
        app.run()
        if state == "training":
            opened(app)
        assert not app.exception
        assert app.selectbox(key="lens_epoch").options == ["0", "1", "best epoch"]
        assert [row.epoch for row in drawn[-1].rows] == [1, 1]


def test_of_an_old_run_only_the_best_epochs_can_be_asked(visit: Visit, line: Any, drawn: list[LensData]) -> None:
    app = trained(visit, line)
    run: Run = line.submitted[0]
    shutil.rmtree(run.path / "kept")
    opened(app.run())
    assert text("lens.only_best") in [said.value for said in app.caption]
    assert app.selectbox(key="lens_epoch").options == [text("lens.best")]
    result = run.result()
    assert result is not None
    assert [row.epoch for row in drawn[-1].rows] == [arm["best_epoch"] for arm in result["arms"]]


def test_removed_heads_and_words_are_told(visit: Visit, line: Any, drawn: list[LensData]) -> None:
    app = trained(visit, line, "/train?data=fruit&model=tiny&epochs=1&baseline=none&dynamic=heads:0.0")
    opened(app)
    app.selectbox(key="lens_head").set_value(0).run()
    assert drawn[-1].rows[1].gate == 0
    assert text("lens.look.heads") in [said.value for said in app.get("text")]
    app = trained(visit, line, "/train?data=fruit&model=tiny&epochs=1&theta=1&initial=uniform&dynamic=static")
    opened(app)
    gone = next(place for place, left in enumerate(drawn[-1].rows[-1].removed) if left)
    app.selectbox(key="lens_query").set_value(gone).run()
    assert text("lens.look.removed") in [said.value for said in app.get("text")]
    assert text("lens.gone", arms="static") in [said.value for said in app.get("text")]
