"""What papers report about masks for masked language models, and what this project measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """plain, changed: scores in points, higher is better. `published.KEY` in the locales says what was changed."""

    key: str
    source: str
    task: str
    plain: float
    changed: float


PUBLISHED = (
    Published("refresh", "Liu et al. 2019 (RoBERTa), Table 1", "SQuAD 2.0, F1", 78.3, 78.7),
    Published("refresh", "Liu et al. 2019 (RoBERTa), Table 1", "MNLI-m", 84.3, 84.0),
    Published("refresh", "Liu et al. 2019 (RoBERTa), Table 1", "SST-2", 92.5, 92.9),
    Published("rate", "Wettig et al. 2023, Should You Mask 15%?", "MNLI-m", 84.2, 84.5),
)
"""refresh: static and dynamic, medians of five seeds; "static" has ten masks over forty epochs. rate: 15 % and 40 %."""


@dataclass(frozen=True)
class Measured:
    """refresh: "" for a model without pre-training. lowest, last: validation loss in nats per hidden word, lowest and
    in the last epoch. accuracy: in points, after learning the labels."""

    refresh: str
    lowest: float | None
    last: float | None
    accuracy: float


MEASURED = (
    Measured("", None, None, 65.8),
    Measured("static", 5.85, 6.44, 63.9),
    Measured("static:10", 5.48, 5.48, 66.2),
    Measured("dynamic", 5.47, 5.47, 66.6),
)
"""Losses: `dynmask mlm wikitext2_valid.txt --eval wikitext2_test.txt`, averages of seeds 0 to 2. Accuracy:
`dynmask compare sst2.csv --recipe pretraining --train-rows 500`, averages of ten seeds."""
