"""What papers report of masks for masked language models, to compare with one's own numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """plain, changed: scores in points, more is better. What was changed stands in the locales as `published.KEY`."""

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
"""Static and dynamic: medians of five seeds; "static" has ten patterns over forty epochs. Rate: 15 % and 40 %."""


@dataclass(frozen=True)
class Measured:
    """refresh: "" for a model that starts from nothing. lowest, last: validation loss in nats. accuracy: in points."""

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
"""`dynmask mlm wikitext2_valid.txt --eval wikitext2_test.txt`, seeds 0 to 2; and
`dynmask compare sst2.csv --recipe pretraining --train-rows 500`."""
