"""Ready-made experiments are what they say, from the command line too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dynmask_core.cli.main import main
from dynmask_core.config import PRESETS
from dynmask_core.masks import canonical
from dynmask_core.messages import LANGUAGES, gloss
from dynmask_core.recipes import RECIPES


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_can_be_cooked(name: str) -> None:
    recipe = RECIPES[name]
    assert [canonical(arm) for arm in recipe.arms] == list(recipe.arms)
    assert 2 <= len(set(recipe.arms)) <= 4
    assert recipe.model in PRESETS
    for lang in LANGUAGES:
        assert all(gloss(f"recipe.{name}", lang))


def test_the_command_line_cooks_and_seasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--runs-dir", str(tmp_path), "--json"]
    assert main(["train", "sample:negation", "--max-rows", "80", "--recipe", "saving", "--epochs", "1", *where]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    none, topk = result["arms"]
    assert [none["name"], topk["name"]] == list(RECIPES["saving"].arms)
    assert len(none["kept_per_layer"]) == PRESETS["medium"].layers
    assert none["kept_per_layer"] == [1, 1, 1, 1]
    assert topk["kept_per_layer"][0] == 1
    assert topk["kept_per_layer"][1] < 0.5
    assert topk["training_flops"] < 0.6 * none["training_flops"]
