"""One arm of an experiment: a model, its optimizer, its mask strategy, and the best epoch so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ExperimentConfig, TrainConfig
from dynmask_core.data.encode import EncodedCorpus, by_length, pad
from dynmask_core.data.tokenize import PAD, SPECIAL_TOKENS, UNK
from dynmask_core.keys import seed_of
from dynmask_core.masks import CorpusStatistics, MaskContext, MaskPlan, Setting, Split, build
from dynmask_core.model import Output, TextClassifier

EVALUATION_BATCH = 256
MAX_GRADIENT_NORM = 1.0
WARM_UP = 0.1
"""Share of all steps over which the learning rate rises to its peak; from there it falls linearly to FLOOR of it."""
FLOOR = 0.02
GATE_RATE = 10.0
"""The learning rate of what a mask learns, in multiples of the model's."""

State = dict[str, np.ndarray]


def learning_rate(step: int, total: int, config: TrainConfig) -> float:
    """The rate of step 0…total−1: a function of the step alone, so that a resumed run follows the same curve."""
    rising = (step + 1) / max(WARM_UP * total, 1)
    return config.learning_rate * min(1.0, rising) * max(FLOOR, 1 - step / total)


def statistics(corpus: EncodedCorpus) -> CorpusStatistics:
    """What strategies may know: the training texts alone."""
    rows = corpus.rows("train")
    bodies = [corpus.ids[row][1:] for row in rows]
    lengths = [len(body) for body in bodies]
    return CorpusStatistics(
        words=corpus.vocabulary.words,
        specials=len(SPECIAL_TOKENS),
        tokens=np.concatenate(bodies),
        lengths=np.array(lengths, dtype=np.int64),
        labels=corpus.labels[rows],
        classes=corpus.classes,
    )


@dataclass(frozen=True)
class Prediction:
    """rows: int [B] indices into the texts asked for. log_probabilities: float32 [B, C].

    mean_mask: float32 [B], over a text's words. kept: int64 [L, B] and heads: see Output.
    """

    rows: np.ndarray
    log_probabilities: np.ndarray
    mean_mask: np.ndarray
    kept: np.ndarray
    heads: tuple[int, ...]


class Arm:
    """Everything of one arm. All arms of a seed start from the same weights and draw the same dropout."""

    def __init__(
        self, name: str, config: ExperimentConfig, vocabulary: int, classes: int, device: torch.device, total_steps: int
    ) -> None:
        self.name = name
        self.config = config
        self.device = device
        self.total_steps = total_steps
        torch.manual_seed(seed_of(config.train.seed, "weights"))
        positions = config.data.max_tokens + 1
        self.model = TextClassifier(vocabulary, classes, config.model, positions).to(device)
        # Evaluated and kept in place of the raw weights: single epochs of small data jump by points.
        self.averaged = TextClassifier(vocabulary, classes, config.model, positions).to(device)
        self.averaged.load_state_dict(self.model.state_dict())
        self.averaged.eval().requires_grad_(False)
        train = config.train
        self.strategy = build(name, Setting({}, config.mask, config.model, train.seed, train.epochs, str(device)))
        self.step = 0
        self.seconds = 0.0
        self.tokens = 0
        self.flops = 0.0
        self.best_epoch = 0
        self.best_score = (-1.0, 0.0)
        self.best: State = {}

    def prepare(self, known: CorpusStatistics) -> None:
        """Makes the arm ready to train: the strategy meets the training texts, the optimizer all that learns."""
        self.strategy.fit(known)
        train = self.config.train
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        vectors = [p for p in self.model.parameters() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": train.weight_decay, "scale": 1.0},
            {"params": vectors, "weight_decay": 0.0, "scale": 1.0},
        ]
        if self.strategy.trainable:
            # Gates have far to go in few steps, and nothing should pull them back to one half.
            learned = list(self.strategy.trainable.values())
            groups.append({"params": learned, "weight_decay": 0.0, "scale": GATE_RATE})
        fused = self.device.type != "mps"
        self.optimizer = torch.optim.AdamW(groups, lr=train.learning_rate, betas=(0.9, 0.98), fused=fused)

    @property
    def parameters(self) -> int:
        """Learned numbers, those of the mask included."""
        return sum(p.numel() for p in [*self.model.parameters(), *self.strategy.trainable.values()])

    def batch(self, sequences: Sequence[np.ndarray], rows: np.ndarray, split: Split, epoch: int) -> MaskContext:
        """Pads id sequences and describes them to the strategy, labels left out."""
        ids = torch.from_numpy(pad(sequences)).to(self.device)
        return MaskContext(
            ids=ids,
            valid=ids != PAD,
            special=(ids < len(SPECIAL_TOKENS)) & (ids != UNK),  # an unknown word is a word
            sample=torch.from_numpy(rows),
            epoch=epoch,
            step=self.step,
            total_steps=self.total_steps,
            split=split,
        )

    def forward(self, model: TextClassifier, context: MaskContext, plan: MaskPlan, *, trace: bool = False) -> Output:
        """One pass of `model` under the plan and, where the strategy acts between blocks, its layer plans."""
        return model(  # type: ignore[no-any-return]
            context.ids,
            context.valid,
            plan,
            batch=context,
            layer_plan=self.strategy.layer_plan if self.strategy.layered else None,
            weigh="attention" in self.strategy.needs,
            trace=trace,
        )

    def train_step(self, context: MaskContext, labels: Tensor) -> tuple[Tensor, Tensor, Output]:
        """One update. Returns (loss, number right, the pass) on the device, so that nothing waits for them."""
        rate = learning_rate(self.step, self.total_steps, self.config.train)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        plan = self.strategy.plan(context)
        output = self.forward(self.model, context, plan)
        loss = F.cross_entropy(output.logits, labels)
        self.optimizer.zero_grad(set_to_none=True)
        (loss if output.aux_loss is None else loss + output.aux_loss).backward()  # type: ignore[no-untyped-call]
        # Not every plan uses every weight. All arms must sum their gradients in the same order, or their last bits
        # differ.
        for weight in self.model.parameters():
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        self.strategy.feedback(context)
        nn.utils.clip_grad_norm_(self.model.parameters(), MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.step += 1
        # A young average would remember the random start: let it follow closely at first.
        decay = min(self.config.train.average, self.step / (self.step + 9))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), 1 - decay)
            right = (output.logits.argmax(-1) == labels).sum()
        return loss.detach(), right, output

    def predict(self, ids: Sequence[np.ndarray], split: Split, epoch: int) -> Iterator[Prediction]:
        """Predictions for all `ids` ([CLS] first), in batches of like length."""
        lengths = np.array([len(sequence) for sequence in ids])
        for rows in by_length(lengths, EVALUATION_BATCH):
            context = self.batch([ids[row] for row in rows], rows, split, epoch)
            with torch.inference_mode():
                plan = self.strategy.plan(context)
                output = self.forward(self.averaged, context, plan)
                words = context.words
                gate = words.float() if plan.token_gate is None else plan.token_gate * words
                yield Prediction(
                    rows,
                    output.logits.float().log_softmax(-1).cpu().numpy(),
                    (gate.sum(-1) / words.sum(-1).clamp_min(1)).cpu().numpy(),
                    output.kept.cpu().numpy(),
                    output.heads,
                )

    def kept_lengths(self, ids: Sequence[np.ndarray], rows: np.ndarray, epoch: int) -> np.ndarray:
        """int64 [N]: tokens that each training text will enter the first block with; its length where nobody knows."""
        lengths = np.array([len(sequence) for sequence in ids])
        if not self.strategy.predictable:
            return lengths
        kept = lengths.copy()
        for chosen in by_length(lengths, 4 * EVALUATION_BATCH):
            context = self.batch([ids[i] for i in chosen], rows[chosen], "train", epoch)
            with torch.no_grad():
                keep = self.strategy.plan(context).keep
            if keep is not None:
                kept[chosen] = (keep & context.valid).sum(-1).cpu().numpy()
        return kept

    def remember_best(self, epoch: int, accuracy: float, loss: float) -> None:
        """Copies the averaged weights and the mask if this epoch is the best on validation (ties: lower loss)."""
        if (accuracy, -loss) > self.best_score:
            self.best_score = (accuracy, -loss)
            self.best_epoch = epoch
            self.best = {name: array.copy() for name, array in self.inference_state().items()}

    def inference_state(self) -> State:
        """What predicting needs: the averaged weights and the strategy's state, as views."""
        weights = {f"model.{name}": _view(tensor) for name, tensor in self.averaged.state_dict().items()}
        return weights | {f"mask.{name}": array for name, array in self.strategy.state_dict().items()}

    def load_inference_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.averaged.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in _part(state, "model.").items()})
        self.strategy.load_state_dict(_part(state, "mask."))

    def state(self) -> State:
        """All of this arm at the end of an epoch, for an exact resume."""
        state = {f"now.{name}": array for name, array in self.inference_state().items()}
        state |= {f"best.{name}": array for name, array in self.best.items()}
        state |= {f"raw.{name}": _view(tensor) for name, tensor in self.model.state_dict().items()}
        for index, slots in self.optimizer.state_dict()["state"].items():
            state |= {f"optimizer.{index}.{slot}": _view(tensor) for slot, tensor in slots.items()}
        counters = [self.step, self.seconds, self.tokens, self.flops, self.best_epoch, *self.best_score]
        return state | {"counters": np.array(counters, dtype=np.float64)}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.load_inference_state(_part(state, "now."))
        self.best = dict(_part(state, "best."))
        self.model.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in _part(state, "raw.").items()})
        slots: dict[int, dict[str, Tensor]] = {}
        for name, array in _part(state, "optimizer.").items():
            index, slot = name.split(".")
            slots.setdefault(int(index), {})[slot] = torch.from_numpy(array.copy())
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": slots, "param_groups": groups})
        step, self.seconds, tokens, self.flops, best_epoch, accuracy, loss = state["counters"].tolist()
        self.step, self.tokens, self.best_epoch = int(step), int(tokens), int(best_epoch)
        self.best_score = (accuracy, loss)


def _view(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def _part(state: Mapping[str, np.ndarray], prefix: str) -> State:
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
