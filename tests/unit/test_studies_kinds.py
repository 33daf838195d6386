"""Laws for every kind of study: what it does unasked can show something, everywhere the same, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from study_results import A, B, result

from dynmask_core.blocks import Beside, Block, Choice, Figure, Finding, Folded, Paragraph, Section, Table
from dynmask_core.cli.main import parser
from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.evaluate.statistics import ALPHA, holm, least_seeds, paired
from dynmask_core.messages import LANGUAGES, Sentence, Sentences, told
from dynmask_core.report import figures
from dynmask_core.report.letters import in_letters
from dynmask_core.report.plain import written
from dynmask_core.studies import KINDS, StudyConfig
from dynmask_core.studies.results import Result
from dynmask_core.studies.study import key_of

WHAT: dict[str, dict[str, Any]] = {
    "compare": {},
    "sweep": {"axes": (("dropout", (0.1, 0.2)),)},
    "curve": {"sizes": (50, 100)},
}
"""The least that each kind must be told."""


def usual(kind: str) -> StudyConfig:
    """What its command does unasked, with the least that it must be told."""
    own = KINDS[kind]
    return StudyConfig(kind, ExperimentConfig(arms=own.start.arms), own.seeds, **WHAT[kind])


def made(config: StudyConfig) -> list[Result]:
    """A result for every arm of every run; later arms are better in every seed."""
    return [
        result(arm, job.seed, 0.5 + place / 10 + job.seed / 100, cell=job.cell, size=job.size, right=[True, False])
        for job in config.jobs()
        for place, arm in enumerate(config.base.arms)
    ]


def inside(blocks: Sequence[Block]) -> Iterator[Block]:
    """All blocks, those within others, too."""
    for block in blocks:
        yield block
        if isinstance(block, Beside | Folded):
            yield from inside(block.blocks)
        elif isinstance(block, Choice):
            for _, own in block.options:
                yield from inside(own)


def said(kind: str, found: list[Result], *, final: bool) -> tuple[list[Block], list[Section]]:
    own, config = KINDS[kind], usual(kind)
    shown = own.analyse(found, config)
    return own.findings(shown, config, final=final), own.sections(shown, config, final=final)


def looks(kind: str, found: list[Result], *, final: bool) -> set[str]:
    findings, _ = said(kind, found, final=final)
    return {block.look for block in findings if isinstance(block, Finding)}


def test_every_kind_is_tried_here() -> None:
    assert set(KINDS) == set(WHAT)
    assert all(own.name == name for name, own in KINDS.items())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_done_unasked_can_declare_something(kind: str) -> None:
    own = KINDS[kind]
    assert own.doubt(own.seeds, len(own.start.arms)) is None
    if not own.one_arm:
        assert own.doubt(own.seeds, 4) is None  # as many arms as there can be
        assert "better" in looks(kind, made(usual(kind)), final=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_does_unasked_what_its_kind_says(kind: str) -> None:
    arguments = parser().parse_args([kind, "sample:fruit"])
    assert (arguments.seeds, arguments.start) == (KINDS[kind].seeds, KINDS[kind].start)


@pytest.mark.parametrize("arms", [2, 3, 4])
@pytest.mark.parametrize("seeds", range(2, 12))
def test_a_study_is_doubted_where_even_seeds_that_all_agree_declare_nothing(seeds: int, arms: int) -> None:
    agreed = paired(np.linspace(0.6, 0.7, seeds), np.linspace(0.5, 0.55, seeds)).p_value
    corrected = min(holm([agreed] + [1.0] * (arms - 2)))
    for own in KINDS.values():
        doubt = own.doubt(seeds, arms)
        assert (doubt is not None) == (not own.one_arm and corrected > ALPHA)
        if doubt is not None:
            assert float(doubt.params["p"]) == pytest.approx(corrected, rel=0.01)
            assert doubt.params["least"] == least_seeds(arms - 1) > seeds
            assert own.doubt(least_seeds(arms - 1), arms) is None
            assert all(told(doubt, lang) for lang in LANGUAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_all_that_a_kind_says_can_be_said_in_every_language(kind: str, lang: str) -> None:
    findings, sections = said(kind, made(usual(kind)), final=True)
    assert findings
    assert sections
    blocks = [*inside(findings), *(block for section in sections for block in inside(section.blocks))]
    assert all(told(section.title, lang) for section in sections)
    for block in blocks:
        if isinstance(block, Paragraph | Finding):
            assert told(block.words, lang)
        elif isinstance(block, Table):
            assert len({column.name for column in block.columns}) == len(block.columns)
            for row in block.rows:
                assert all(written(c, own.form, lang) for c, own in zip(row, block.columns, strict=True))
        elif isinstance(block, Figure):
            assert figures.alt(figures.draw(block, lang))
            assert block.key
            if block.draw != "cost":
                assert in_letters(block, lang)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_judged_while_somebody_works_on_it(kind: str) -> None:
    found = made(usual(kind))
    assert not looks(kind, found, final=False) & {"better", "worse", "undetected", "too_few"}
    _, sections = said(kind, found, final=False)
    tables = [block for section in sections for block in inside(section.blocks) if isinstance(block, Table)]
    assert not {column.name for table in tables for column in table.columns} & {"p", "adjusted", "decision"}


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_is_done_that_is_said_and_no_more(kind: str) -> None:
    assert looks(kind, [], final=True) == {"note"}
    assert said(kind, [], final=True)[1] == []


def test_a_sentence_within_a_sentence_is_in_the_same_language() -> None:
    inner = Sentence("figure.seed", {})
    outer = Sentence("study_report.chosen.test_once", {"test": inner, "seeds": 1, "texts": Sentences(("a", "b"), "-")})
    for lang, word in (("en", "seed"), ("zh", "种子")):
        assert word in told(outer, lang)
        assert "a-b" in told(outer, lang)


def test_cells_of_a_map_are_drawn_for_every_arm_of_a_sweep() -> None:
    config = StudyConfig("sweep", ExperimentConfig(arms=("none", "topk")), 1, (("dropout", (0.1, 0.2)),))
    found = [result(arm, 0, cell=cell) for arm in ("none", "topk") for cell in (A, B)]
    sections = KINDS["sweep"].sections(KINDS["sweep"].analyse(found, config), config, final=True)
    assert len(sections) == 3  # one per arm, and all cells


# Recorded once: studies begun with an earlier version are gone on with only while these stay.
DIGESTS = {
    "compare": ("fd29bd3b286f", "4b9bd71450e095ef", "8bae9edb10ab"),
    "sweep": ("e1d8bb954107", "6e429d8eac4a90e4", "135f2d00aaca"),
    "curve": ("b80e42523e81", "2056a902cc23c231", "4c3088c8ba99"),
}


@pytest.mark.parametrize("kind", DIGESTS)
def test_equal_settings_on_equal_texts_have_the_keys_they_always_had(kind: str) -> None:
    texts = ["good film", "bad film", "fine words", "poor words"]
    spans = [np.zeros((2, 2), dtype=np.int32)] * 4
    dataset = Dataset("made", texts, np.array([0, 1, 0, 1]), ("no", "yes"), np.zeros(4, dtype=np.int8), spans)
    base = ExperimentConfig(arms=("none", "repaired"))
    config = {
        "compare": StudyConfig(base=base, seeds=10),
        "sweep": StudyConfig("sweep", base, 2, (("step_size", (0.1, 0.2)), ("preset", ("tiny", "small")))),
        "curve": StudyConfig("curve", base, 6, sizes=(50, 100), test_on="sample:fruit"),
    }[kind]
    assert (config.digest(), key_of(config, dataset), config.jobs()[0].digest) == DIGESTS[kind]
