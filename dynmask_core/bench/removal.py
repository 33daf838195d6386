"""How much faster a training step is if half of the tokens or heads are removed; multiplying by zero saves nothing."""

from __future__ import annotations

from dataclasses import replace

from dynmask_core.bench.steps import Stepper
from dynmask_core.bench.timing import Row, speed_up, take_turns
from dynmask_core.config import MaskConfig, ModelConfig

MODEL = ModelConfig(dim=64, heads=4, layers=4)
DENSE = "dense"


def run(rounds: int = 30) -> list[Row]:
    """Width 64, 4 layers, 32 texts of 128 tokens, half kept. The note gives the speed-up by counted arithmetic."""
    zero = MaskConfig(gate_mode="multiply")
    contestants = {
        DENSE: Stepper("none", MODEL),
        "tokens removed before block 0": Stepper("tokendrop:0.5:by=random", MODEL),
        "tokens removed after block 0": Stepper("tokendrop:0.5:by=random:from_layer=1", MODEL),
        "heads removed": Stepper("heads:*.0|*.1", MODEL),
        "multiplied by zero": Stepper("dropout:0.5:how=blend", MODEL, mask=zero),
    }
    seconds = take_turns(contestants, rounds)
    dense = contestants[DENSE].usage.flops_per_token
    rows = []
    for name, stepper in contestants.items():
        if name != DENSE:
            ideal = dense / stepper.usage.flops_per_token
            row = speed_up(seconds, name, DENSE)
            rows.append(replace(row, note=f"counted {ideal:.2f}, {row.ratio / ideal:.0%} of it reached"))
    return rows
