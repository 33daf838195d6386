"""The two choices of data: labelled texts to train on, and texts to guess words in."""

from __future__ import annotations

from dynmask_core.config import GUESS_TOKENS
from dynmask_core.data import Report, list_samples
from dynmask_core.data.corpus import CorpusReport
from dynmask_core.data.samples import PREFIX, list_corpora
from dynmask_core.ui.choose.chooser import Chooser
from dynmask_core.ui.i18n import t

LABELLED: Chooser[Report] = Chooser(
    "data",
    "own",
    "data.choose",
    list_samples,
    first={"en": "english_sentiment", "zh": "chinese_sentiment"},
    labelled=True,
)
CORPUS: Chooser[CorpusReport] = Chooser(
    "corpus",
    "own_corpus",
    "mlm.corpus",
    list_corpora,
    first={"en": "english_prose", "zh": "chinese_prose"},
    labelled=False,
    max_tokens=GUESS_TOKENS,
    borrowed=LABELLED,
)


def source_title(source: str) -> str:
    """The displayed name of the source of a run's texts: a sample's title, or the reader's file name."""
    return t(f"sample.{source.removeprefix(PREFIX)}") if source.startswith(PREFIX) else source
