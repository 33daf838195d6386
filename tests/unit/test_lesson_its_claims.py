"""The lesson about the article's claims: every measured number stands in the documents, the others are worked out."""

from __future__ import annotations

import numpy as np
import pytest
from told_figures import documents, figures, of_every_language, prose, rows_without_a_source

from dynmask_core.config import Controls, MaskConfig
from dynmask_core.data import build
from dynmask_core.data.encode import encode
from dynmask_core.data.samples import load_sample
from dynmask_core.evaluate.statistics import ALPHA, least_seeds, smallest_adjusted_p, smallest_p
from dynmask_core.inputs import statistics
from dynmask_core.learn.catalogue import find
from dynmask_core.learn.markup import plain
from dynmask_core.learn.pages import rules
from dynmask_core.masks import REGISTRY, Setting
from dynmask_core.masks.library.article import positive_class
from dynmask_core.masks.word_table import WordMask
from dynmask_core.messages import LANGUAGES

NAME = "its-claims"
PAGES = ("results", "compare", "removal", "guess-words", "pictures", "sound", "mark", "continue")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_measured_numbers_stand_in_the_documents_and_the_others_are_worked_out(lang: str) -> None:
    measured, told = set(figures(documents(*PAGES))), set(figures(prose(NAME, lang)))
    worked_out = {f"{smallest_p(6):.3f}", f"{smallest_p(5):.4f}", f"{10 / 210:.3f}", f"{80.6 - 76.6:.1f}", "1.59"}
    worked_out |= {f"{100 - 97.0:.1f}", f"{smallest_p(4)}"}
    chosen = {"0.03", "0.22", f"{ALPHA}", "0.1", "0.5", "0.08", "0.001", "0.003", "0.0005", "0.05", "0.048"}
    assert told - measured <= worked_out | chosen
    assert len(told & measured) > 40
    assert smallest_adjusted_p(6, 2) == smallest_p(5) == 0.0625 > ALPHA


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_say_what_the_documents_say(lang: str) -> None:
    assert rows_without_a_source(prose(NAME, lang), documents(*PAGES), but=frozenset({"0.05"})) == []


def test_the_same_numbers_are_told_in_every_language() -> None:
    first, *others = of_every_language(NAME)
    assert all(other == first for other in others)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_right_numbers_are_worked_out(lang: str) -> None:
    numbers = [question for question in find(NAME).lessons[lang].questions if question.kind == "number"]
    wanted = [smallest_p(6), 80.6 - 76.6, 100 / 1.59, 10 / 210, (9 * 0.1 - 0.1) / 10, 100 / 10]
    wanted += [89.9 - 76.5, 95.4 - 86.2, 1200 * (1 - 0.97)]
    assert len(numbers) == len(wanted)
    for question, value in zip(numbers, wanted, strict=True):
        assert question.judge(round(value, 6)).right, plain(question.text)
        assert not question.judge(value * 1.3 + 1).right


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_comparison_asks_for_as_many_seeds_as_can_decide_and_one_question(lang: str) -> None:
    panels = [step.panel for step in find(NAME).lessons[lang].steps if step.panel and step.panel.page == "compare"]
    assert len(panels) == 5
    for panel in panels:
        said = dict(panel.parameters)
        assert int(said["compare_seeds"]) >= least_seeds(1)
        assert "arm3" not in said
        assert not rules()["compare"]["compare_seeds"](str(least_seeds(1) - 1))


def test_with_four_classes_most_words_sink_under_the_articles_rule() -> None:
    known = statistics(encode(build(load_sample("english_news"))[0], 30_000))
    assert len(known.classes) == 4
    strategy = REGISTRY["article"](Setting(mask=MaskConfig()))
    assert isinstance(strategy, WordMask)
    strategy.fit(known)
    shares = []
    for epoch in range(1, 9):
        strategy.on_epoch(epoch, Controls())
        shares.append(float((strategy.word_mask()[known.specials :] < Controls().keep_threshold).mean()))
    assert shares == sorted(shares)
    assert shares[-1] > 0.5
    assert known.classes[positive_class(known.classes)] == known.classes[-1]


def test_the_articles_mask_asks_nothing_of_a_model() -> None:
    """It is the same whatever the loss: the strategy has neither gradient nor parameters to learn."""
    for name, learns in (("article", False), ("repaired", False), ("static", False), ("gradient", True)):
        assert (REGISTRY[name].source == "gradient") is learns
    assert np.isclose(smallest_p(6), 2 / 64)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_run_of_guessing_is_too_short_for_ten_masks_to_repeat(lang: str) -> None:
    (panel,) = [step.panel for step in find(NAME).lessons[lang].steps if step.panel and step.panel.page == "mlm"]
    said = dict(panel.parameters)
    assert said["refresh"] == "static,static:10,dynamic"
    assert int(said["mlm_epochs"]) == 8 < 10
