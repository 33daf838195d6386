"""Ready lessons name what is on the screen with the words that stand there, in every language."""

from __future__ import annotations

import re

import pytest

from dynmask_core.learn.catalogue import ready, source
from dynmask_core.messages import LANGUAGES, catalogue

CONTROLS: dict[str, tuple[str, ...]] = {
    "beyond-words": (
        "train.start",
        "views.write",
        "views.scores",
        "tasks.sight",
    ),
    "how-sure": (
        "train.start",
        "setting.seed",
        "views.scores",
        "study_report.column.improvement",
        "study.seeds",
        "nav.compare",
        "setting.dynamic",
    ),
    "its-claims": (
        "train.start",
        "views.words",
        "views.scores",
        "paths.filter",
        "paths.class",
        "paths.arm",
        "cost.title",
        "cost.flops",
        "cost.seconds",
    ),
    "one-network-many-tasks": (
        "masks.sentence",
        "composer.places",
        "composer.expression",
        "paint.none",
        "paint.all",
        "paint.undo",
        "paint.turn",
        "train.start",
        "views.scores",
        "setting.seed",
        "setting.more",
    ),
    "static-and-dynamic": (
        "mlm.refresh",
        "train.start",
        "page.epoch",
        "mlm.ever",
        "views.scores",
        "mlm.gap",
        "views.after",
        "mlm.rate",
        "mlm.corpus",
        "setting.epochs",
        "setting.model",
        "setting.more",
        "mlm.own",
    ),
    "the-article": (
        "train.start",
        "train.step",
        "train.resume",
        "views.words",
        "views.scores",
        "paths.arm",
        "paths.filter",
        "paths.band",
        "paths.band.all",
        "setting.alpha",
        "setting.tau",
        "setting.idle",
        "setting.model",
        "setting.more",
        "setting.rule",
        "setting.rule.fixed",
    ),
    "what-is-a-mask": (
        "train.start",
        "lens.open",
        "lens.col_mask",
        "composer.places",
        "composer.expression",
        "setting.more",
        "setting.gate",
        "masks.sentence",
        "probe.own",
    ),
    "what-masks-explain": (
        "train.start",
        "lens.open",
        "lens.col_share",
        "lens.col_part",
        "act.each",
        "faith.ask",
        "faith.table",
    ),
    "where-masks-act": (
        "masks.site",
        "train.start",
        "lens.open",
        "lens.col_mask",
        "lens.col_part",
        "lens.col_share",
        "setting.gate",
        "setting.more",
        "views.scores",
        "cost.flops",
        "cost.seconds",
        "cost.layers",
        "setting.theta",
    ),
}
"""By lesson, the sentences of controls and views that it names in bold."""
TITLES: dict[str, tuple[str, ...]] = {
    "how-sure": ("study_report.differences",),
    "static-and-dynamic": (
        "measured.title",
        "published.title",
        "player.role_once",
    ),
    "what-masks-explain": (
        "act.title",
        "faith.title",
    ),
    "where-masks-act": ("cost.title",),
}
"""Those of sections and remarks, which it quotes."""
CHOICES: dict[str, tuple[str, ...]] = {
    "static-and-dynamic": (
        "mlm.selection.bernoulli",
        "mlm.selection.exact",
    ),
}
"""Those of choices, of which it gives the name before the colon."""
CASES = [(one.name, lang) for one in ready() for lang in LANGUAGES]


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_a_lesson_names_controls_as_the_screen_does(name: str, lang: str) -> None:
    text, words = source(name, lang), catalogue(lang)
    bold = [words[key] for key in CONTROLS[name]]
    bold += [re.split("[:：]", words[key])[0] for key in CHOICES.get(name, ())]
    assert [one for one in bold if f"**{one}**" not in text] == []
    assert [words[key] for key in TITLES.get(name, ()) if words[key] not in text] == []
