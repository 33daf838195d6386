"""How deep in the model a weight lies: what is frozen, and how fast the rest learns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torch import nn

from dynmask_core.model import Backbone

_BLOCK = re.compile(r"encoder\.blocks\.(\d+)\.")


def depth(name: str, layers: int) -> int:
    """The number of the block that a weight belongs to; −1 for the embedding, that of the last block for what follows
    it."""
    if name.startswith("embedding."):
        return -1
    block = _BLOCK.match(name)
    return int(block[1]) if block else layers - 1


def freeze(model: Backbone, trained_blocks: int | None) -> None:
    """See TrainConfig.trained_blocks. What follows the last block always learns."""
    layers = model.config.layers
    if trained_blocks is None:
        return
    for name, weight in model.named_parameters():
        before = name.startswith(("embedding.", "encoder.blocks."))
        weight.requires_grad_(not before or depth(name, layers) >= max(layers - trained_blocks, 0))


def by_rate(model: Backbone, decay: float) -> Iterator[tuple[float, list[nn.Parameter]]]:
    """The weights that learn, in groups, each with its learning rate in multiples of the last block's: that of a block
    is `decay` times that of the next one (layer-wise decay: Howard & Ruder 2018, ULMFiT; Clark et al. 2020)."""
    layers = model.config.layers
    groups: dict[float, list[nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            groups.setdefault(decay ** (layers - 1 - depth(name, layers)), []).append(weight)
    yield from groups.items()
