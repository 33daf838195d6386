"""A word list: listed words are kept, the others are dimmed."""

from __future__ import annotations

import numpy as np

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import CorpusStatistics
from dynmask_core.masks.word_table import WordMask

SENTIMENT = (
    "good|great|best|better|nice|love|loved|like|enjoy|enjoyed|happy|wonderful|excellent|perfect|fun|funny|beautiful"
    "|bad|worst|worse|poor|hate|hated|boring|dull|awful|terrible|horrible|sad|disappointing|disappointed|broken|slow"
    "|not|no|never|nothing|without|hardly|very|too"
    "|好|很好|喜欢|满意|推荐|值得|精彩|开心|舒服|好看|好吃|漂亮|方便|新鲜"
    "|坏|差|难吃|难看|糟糕|失望|后悔|讨厌|无聊|生气|麻烦|太差|垃圾|不|没|没有|不是|很|太"
)


@register
class LexiconMask(WordMask):
    """m = 1 for the listed words, joined by "|", and `rest` for all others, including words never seen.

    A person chooses the words, not statistics. The default list has sentiment words and words that reverse or
    strengthen them, in English and Chinese; another topic needs its own list.
    """

    name = "lexicon"
    family = "feature"
    refresh = "dataset"
    source = "feature"
    formula = r"m_w = 1 \text{ if } w \in L \text{ else } r"
    parameters = (Param("words", SENTIMENT), Param("rest", 0.3))
    uses = ("keep_threshold", "gate_mode")

    def fit(self, corpus: CorpusStatistics) -> None:
        listed = {word.strip().lower() for word in str(self.values["words"]).split("|")}
        found = [word in listed for word in corpus.words]
        self.mask = np.where(found, 1.0, float(self.values["rest"])).astype(np.float32)
