"""A mask of one's own in a model, as an arm, and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from dynmask_core.analysis.composed import compose
from dynmask_core.cli import main
from dynmask_core.config import ModelConfig
from dynmask_core.data.tokenize import CLS, PAD, SPECIAL_TOKENS
from dynmask_core.errors import InputError
from dynmask_core.masks import CorpusStatistics, MaskContext, Setting, brief, build, canonical, painted, parse, separate
from dynmask_core.masks.library.custom import START
from dynmask_core.studies import settings as study_settings

WORDS = (*SPECIAL_TOKENS, ".", "a", "b", "c", "d")
DOT = 4


def batch(*texts: list[int]) -> MaskContext:
    width = max(map(len, texts)) + 1
    ids = torch.tensor([[CLS, *text] + [PAD] * (width - 1 - len(text)) for text in texts])
    return MaskContext(ids, ids != PAD, ids < len(SPECIAL_TOKENS), torch.arange(len(texts)), 1, 0, "test")


def open_edges(arm: str, context: MaskContext, seed: int = 0, pooling: Any = "mean") -> np.ndarray:
    """bool [B, T, T]."""
    strategy = build(arm, Setting(model=ModelConfig(dim=16, heads=2, layers=2, pooling=pooling), seed=seed))
    nobody = np.zeros(0, dtype=np.int64)
    strategy.fit(CorpusStatistics(WORDS, len(SPECIAL_TOKENS), nobody, nobody, nobody, ("a", "b")))
    bias = strategy.plan(context).attention_bias
    assert bias is not None
    B, T = context.attention_mask.shape
    assert ((bias == 0) | (bias == -torch.inf)).all()
    return np.asarray((bias == 0).expand(B, 1, T, T)[:, 0])


TEXTS = [[5, DOT, 6, 7, DOT, 8], [5, 6]]


@pytest.mark.parametrize(
    "text", ["window(1)|global(0)&~sentence", "sentence", "causal&(q-k<3)", "random(0.4)", "strided(3)|dilated(1,2)"]
)
def test_the_model_gets_the_matrix_that_the_page_draws(text: str) -> None:
    found = open_edges(f"custom:{text}", batch(*TEXTS), seed=3)
    for i, ids in enumerate(TEXTS):
        words, size = [WORDS[one] for one in ids], len(ids) + 1
        drawn = compose(text, words, size, seed=3)
        expected = drawn.edges | np.diag(drawn.alone)
        np.testing.assert_array_equal(found[i, :size, :size], expected)
        assert drawn.kept == pytest.approx(expected.mean())


def test_a_token_without_any_edge_in_its_text_looks_at_itself() -> None:
    found = open_edges("custom:(k==q+2)", batch([5, 6, 7, 8], [5]))
    ahead = np.eye(5, k=2, dtype=bool)
    np.testing.assert_array_equal(found[0], ahead | np.diag([False, False, False, True, True]))
    # In the second text the edges lead to padding.
    np.testing.assert_array_equal(found[1, :2], ahead[:2] | np.eye(5, dtype=bool)[:2])
    assert np.array_equal(open_edges("custom:none", batch([5, 6]))[0], np.eye(3, dtype=bool))
    assert compose("none", ["a"], 4).to_json()["alone"] == [0, 1, 2, 3]


def test_the_classifier_that_reads_cls_gets_the_expression_as_it_is() -> None:
    context = batch([5, 6, 7, 8])
    read = open_edges("custom:window(1)", context, pooling="cls")
    np.testing.assert_array_equal(read, open_edges("custom:window(1)", context))


@pytest.mark.parametrize(
    ("written", "short"),
    [
        (f"custom:{START}", "custom"),
        ("custom: window(4) | global(0)", "custom:window(4)|global(0)"),
        ("custom:q - k <= 4", "custom:(q-k<=4)"),
        ("custom:q==k", "custom:(q==k)"),
        ("custom:expression=k % 2 == 0", "custom:(k%2==0)"),
        ("custom:(q+1==k):draw=2", "custom:(q+1==k):draw=2"),
        ("repaired + custom:global(0, 3)|(q+4<k)+dropout:0.2", "repaired+custom:global(0,3)|(q+4<k)+dropout:0.2"),
    ],
)
def test_an_arm_with_an_expression_has_one_short_name(written: str, short: str) -> None:
    assert canonical(written) == canonical(short) == short


def test_a_list_of_arms_is_cut_outside_parentheses_only() -> None:
    assert separate("none,custom:global(0,3)|(q<k), repaired", ",") == ["none", "custom:global(0,3)|(q<k)", " repaired"]
    assert separate("a(,b", ",") == ["a(", "b"]
    assert separate(")a,b(", ",") == [")a", "b("]
    assert separate("", ",") == [""]


def test_in_a_heading_a_painting_is_short_and_told_from_others() -> None:
    rng = np.random.default_rng(0)
    arms = [f'repaired+custom:painted("{painted.write(rng.random((40, 40)) < 0.5)}")&causal' for _ in range(20)]
    assert len({brief(arm) for arm in arms}) == 20
    assert all(len(brief(arm)) < 50 for arm in arms)
    assert brief(arms[0]).startswith('repaired+custom:painted("')
    assert brief(arms[0]).endswith('…")&causal')
    for arm in ("none", "window:4", 'custom:painted("AYAAAA")'):
        assert brief(arm) == arm


def test_of_a_long_expression_both_ends_are_shown() -> None:
    near, far = (f"custom:{'|'.join(f'window({i})' for i in range(start, 40))}&causal" for start in (1, 2))
    assert brief(near).startswith("custom:window(1)|window(2)")
    assert brief(near).endswith("&causal")
    assert len(brief(near)) <= 48
    assert brief(near) != brief(far)
    assert brief(f"repaired+{near}") == f"repaired+{brief(near)}"


def test_what_is_wrong_with_an_expression_is_said_in_its_own_words() -> None:
    for arm in ("custom:wndow(3)", "none+custom:expression=wndow(3)"):
        with pytest.raises(InputError, match="wndow") as raised:
            parse(arm)
        assert raised.value.code == "mask_name"


def test_a_sweep_varies_expressions(settings: Callable[..., Any]) -> None:
    config = settings("none", "custom:window(1)")
    values = separate("window(2),global(0,2)|self", ",")
    read = study_settings.read(config, "custom.expression", values)
    assert read == ("window(2)", "global(0,2)|self")
    assert study_settings.with_setting(config, "custom.expression", read[1]).arms == ("none", "custom:global(0,2)|self")
    with pytest.raises(InputError, match="wndow"):
        study_settings.read(config, "custom.expression", ["wndow"])


def test_the_command_line_trains_it(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    arms = "none,custom:global(0,2) | (q + 2 == k) & ~sentence"
    words = ["train", "sample:fruit", "--arms", arms, "--model", "tiny", "--epochs", "1", "--json"]
    assert main([*words, "--runs-dir", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [arm["name"] for arm in said["arms"]] == ["none", "custom:global(0,2)|(q+2==k)&~sentence"]
    assert main(["train", "sample:fruit", "--arms", "none,custom:window(", "--runs-dir", str(tmp_path)]) == 2
    assert "breaks off" in capsys.readouterr().err


def test_the_command_line_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategies", "--mask", "causal & window(1)", "--text", "A b. C", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["arm"] == "custom:causal&window(1)"
    assert said["words"] == ["[CLS]", "a", "b", ".", "c"]
    assert said["rows"] == ["10000", "11000", "01100", "00110", "00011"]
    assert said["kept"] == 9 / 25
    assert main(["strategies", "--mask", "causal & window(1)", "--text", "A b. C"]) == 0
    assert "36 %" in capsys.readouterr().out
    assert main(["strategies", "--mask", "wndow"]) == 2
