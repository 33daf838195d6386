"""The live curves of a run."""

from __future__ import annotations

from collections.abc import Sequence

from dynmask_core.colors import arm_color
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.components.curves import Line, curves
from dynmask_core.ui.i18n import lang, t
from dynmask_core.ui.watch.run_view import RunView


def live_curve(
    view: RunView, metric: str, key: str, parts: Sequence[str] = ("validation", "train"), *, title: str = ""
) -> None:
    """A score of every arm over epochs: validation solid, training dashed. For a narrow column.

    metric: "loss" (nats), or a score from 0 to 1 whose name and description the catalogue has as `chart.NAME`. parts:
    those in which it is counted. title: the NAME, if the metric means something else in this task.
    """
    said = view.arm_epochs()
    lines = [
        Line(
            name=f"{named(view.config, arm, lang())} · {t(f'chart.{part}')}",
            color=arm_color(index),
            dashed=part == "train",
            points=[(event["epoch"], event[part][metric]) for event in said if event["arm"] == arm],
        )
        for index, arm in enumerate(view.arms)
        for part in parts
    ]
    strings = {name: t(f"chart.{name}") for name in ("epoch", "reset")}
    strings |= {"note": t("chart.note" if len(parts) > 1 else "chart.note.validation")}
    strings |= {"title": t(f"chart.{title or metric}"), "alt": t(f"chart.{title or metric}.alt")}
    curves(
        lines, run=view.run.name, epochs=view.config.train.epochs, strings=strings, key=key, small=True,
        percent=metric != "loss",
    )  # fmt: skip
