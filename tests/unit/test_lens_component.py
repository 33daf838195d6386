"""What the lens sends to the browser."""

from __future__ import annotations

import json
import math

import numpy as np

from dynmask_core.analysis.lens import LensRow
from dynmask_core.messages import catalogue
from dynmask_core.ui.components.lens import STRING_KEYS, LensData, pack
from dynmask_core.ui.web import script


def row() -> LensRow:
    three = np.array([0.5, -0.25, 1 / 3], dtype=np.float32)
    bias = np.array([0, -math.inf, 0], dtype=np.float32)
    return LensRow(
        "causal", 4, 1, 0, 2, ("[CLS]", "好", "<b>"), three, np.array([False, True, False]), three, three, bias,
        three + bias, three, np.ones((3, 2), dtype=np.float32), three, three, three[:2], 0.5, 1.0,
    )  # fmt: skip


def test_what_is_sent_is_the_row_with_null_for_minus_infinity() -> None:
    strings = {key: catalogue("zh")[key] for key in STRING_KEYS}
    sent = pack(LensData([row(), row()], ["#000000", "#ffffff"], key=1), lang="zh", strings=strings)
    size = int.from_bytes(sent[:4], "little")
    header = json.loads(sent[4 : 4 + size])
    assert len(sent) == 4 + size
    assert (header["words"], header["query"], header["key"]) == (["[CLS]", "好", "<b>"], 2, 1)
    assert header["textLang"] == "zh"
    arm = header["arms"][1]
    assert arm["bias"] == [0, None, 0]
    assert arm["removed"] == [False, True, False]
    assert arm["weight"] == [0.5, -0.25, 0.33333]
    assert arm["value"] == [[1, 1]] * 3
    assert (arm["epoch"], arm["gate"], arm["alpha"], arm["color"]) == (4, 0.5, 1.0, "#ffffff")


def test_all_parts_of_the_script_are_joined() -> None:
    joined = script("lens")
    assert "import " not in joined
    assert "function sharesOf" in joined
