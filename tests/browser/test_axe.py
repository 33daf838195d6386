"""axe-core looks at every page and every view of a run: nothing serious, and headings in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers import click_button, keyed, open_page, open_view, player, start_training, wait_for_epoch, wait_until_drawn
from playwright.sync_api import Page, expect
from small_media import few_pictures, few_sounds

from dynmask_core.config import ContinueSettings, DataConfig, ExperimentConfig, GuessSettings, MarkSettings
from dynmask_core.data import build, planted
from dynmask_core.data.load import load_corpus, load_marked, load_sequences
from dynmask_core.inputs import fit_to
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs import Run
from dynmask_core.studies import Study, StudyConfig
from dynmask_core.tasks.restore import guess_or_restore
from dynmask_core.ui.guess.views import PICTURES as RESTORE_VIEWS
from dynmask_core.ui.guess.views import VIEWS as GUESS_VIEWS
from dynmask_core.ui.tasks.views import VIEWS as TASK_VIEWS
from dynmask_core.ui.watch.views import VIEWS

SEEN = ("serious", "critical")
ORDER = ("heading-order", "page-has-heading-one", "empty-heading")
"""Rules that axe calls moderate or minor, and that these pages keep all the same."""
WIDE = {"width": 1440, "height": 900, "color_scheme": "light"}
TELEPHONE = {"width": 390, "height": 844, "color_scheme": "dark"}


@dataclass(frozen=True)
class Made:
    """Names of what the pages are opened on: a run, a run of guessing hidden words, a study, runs on media."""

    run: str
    guess: str
    study: str
    media: tuple[str, ...]
    restore: str
    mark: str
    write: str


@pytest.fixture(scope="module")
def made(server: Any, settings: Callable[..., ExperimentConfig]) -> Made:
    """All of it as small as can be, and trained to the end."""
    dataset, report = build(planted(texts=80, noise_words=60).table)
    small = replace(settings("none", "repaired", epochs=1), data=DataConfig("sample:planted", max_tokens=64))
    run = Run.create(server.runs, small, dataset)
    guess = Run.create(server.runs, replace(small, arms=("static", "dynamic"), task=GuessSettings()), dataset)
    study = Study.create(server.runs, StudyConfig(base=small, seeds=6), dataset, report)
    for one in (run, guess, *(study.prepare(job, dataset) for job in study.jobs)):
        assert execute(one.path) == "finished"
    media = []
    for dataset, arm in ((few_pictures(), "dropout"), (few_sounds(), "specaugment")):
        config = fit_to(replace(small, arms=("none", arm)), dataset)
        media.append(Run.create(server.runs, config, dataset))
        assert execute(media[-1].path) == "finished"
    others = made_of_other_tasks(server.runs, small)
    return Made(run.name, guess.name, study.name, tuple(one.name for one in media), *others)


def made_of_other_tasks(runs: Path, small: ExperimentConfig) -> list[str]:
    """Runs that restore pictures, mark words, and write: their names."""
    seed, few = small.train.seed, {"max_rows": 60, "max_tokens": 64}
    digits, _ = load_corpus(DataConfig("sample:digits", **few), "", seed)
    hides = replace(small, data=DataConfig("sample:digits", **few), arms=("static", "dynamic"), task=GuessSettings())
    tags, _ = load_marked(DataConfig("sample:tags_en", **few), seed)
    marks = replace(small, data=DataConfig("sample:tags_en", **few), arms=("none", "dropout"), task=MarkSettings())
    dates, _ = load_sequences(DataConfig("sample:dates", **few), seed)
    writes = replace(small, data=DataConfig("sample:dates", **few), arms=("none",), task=ContinueSettings())
    given = ("arms", "epochs", "batch_size")
    experiments = (
        (guess_or_restore(hides, digits, given), digits),
        (fit_to(marks, tags, given=given), tags),
        (fit_to(replace(writes, input="pairs"), dates, given=given), dates),
    )
    made = [Run.create(runs, config, data) for config, data in experiments]
    assert [execute(run.path) for run in made] == ["finished"] * 3
    return [run.name for run in made]


def states(page: Page, server: Any, made: Made, lang: str) -> Iterator[str]:
    """Brings the page into one state after the other; says which."""

    def visit(path: str) -> str:
        open_page(page, server.url, f"{path}{'&' if '?' in path else '?'}lang={lang}")
        return path

    address = visit("/")
    expect(player(page)).to_be_visible()
    yield address
    address = visit("/data")
    expect(keyed(page, "report")).to_be_visible()
    yield address
    address = visit("/masks?data=fruit&family=feature&site=corruption&edges=window(2)")
    # The first picture waits for a process that loads what it needs.
    expect(keyed(page, "card_informed").locator(".mk-drawn")).to_be_visible(timeout=90_000)
    page.locator(".mk details").first.locator("summary").click()
    expect(keyed(page, "composer_paint")).to_be_visible()
    yield address
    yield visit("/mlm")
    yield visit("/mlm?corpus=digits")
    yield visit("/tasks?marked=tags_en")
    yield visit("/tasks?task=continue")
    yield visit("/compare")
    # A seed of its own: an equal run would be shown instead of trained.
    yield visit(f"/train?data=english_sentiment&model=tiny&epochs=60&seed={list(LANGUAGES).index(lang) + 10}")
    start_training(page)
    wait_for_epoch(page, 1)
    yield "while it trains"
    click_button(page, "do_stop")
    address = visit(f"/compare?study={made.study}")
    expect(keyed(page, "study_run")).to_be_visible()
    yield address
    for path, key, views in (
        (f"/train?run={made.run}", "view", VIEWS),
        (f"/mlm?run={made.guess}", "mlm_view", GUESS_VIEWS),
        (f"/mlm?run={made.restore}", "mlm_view", RESTORE_VIEWS),
        (f"/tasks?run={made.mark}", "task_view", TASK_VIEWS["mark"]),
        (f"/tasks?run={made.write}&draw=drawn", "task_view", TASK_VIEWS["continue"]),
    ):
        visit(path)
        for name in views:
            open_view(page, text(f"views.{name}", lang), key)
            yield f"{path}&{key}={name}"
    for name in made.media:
        address = visit(f"/train?run={name}")
        expect(player(page)).to_be_visible()
        yield address


def found_on(page: Page, where: str) -> list[str]:
    """What axe objects to on the page as it is now."""
    wait_until_drawn(page)
    return [
        f"{where}: {one['impact']} {one['id']}: {node['html'][:200]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in SEEN or one["id"] in ORDER
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("lang", "screen"), [("en", WIDE), ("zh", TELEPHONE)])
def test_axe_finds_nothing_serious_on_any_page(
    server: Any,
    until_up: Callable[[Any], None],
    new_page: Callable[..., Page],
    made: Made,
    lang: str,
    screen: dict[str, Any],
) -> None:
    page = new_page(**screen)
    assert [said for where in states(page, server, made, lang) for said in found_on(page, where)] == []
