"""What a replay says in words and tables, in one language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dynmask_core import __version__
from dynmask_core.analysis.standing import known
from dynmask_core.analysis.task_scores import NUMBERS, SHARES, TaskScores
from dynmask_core.analysis.worth import worth
from dynmask_core.data.samples import PREFIX
from dynmask_core.evaluate import METRICS
from dynmask_core.evaluate.verdict import of_run
from dynmask_core.messages import text, told
from dynmask_core.ui.replay.lenses import BEST, Lenses
from dynmask_core.ui.watch.run_view import RunView


def told_of(view: RunView, lang: str, seen: Lenses, limit: int, *, acts: bool) -> dict[str, Any]:
    """Plain texts: whoever puts them on a page escapes them. limit: of the page in bytes. acts: it has what-ifs."""
    stands = known(view.run)
    result = stands.result if stands else {"arms": []}
    of_task = TaskScores.of(result) if view.config.task.tested else None
    tested = bool(result["arms"]) and "test" in result["arms"][0] and of_task is None
    verdicts = [told(words, lang) for words in of_run(result["arms"], view.classes)] if tested else []
    accuracies = " · ".join(f"{arm['name']} {arm['test']['accuracy']:.1%}" for arm in result["arms"] if tested)
    shows = [told(words, lang) for words in of_task.shows()] if of_task else []
    early = ""
    if stands is not None and stands.early:
        early = text("score.early", lang, epoch=stands.epoch, epochs=view.config.train.epochs)
    return {
        "title": text("take.replay.title", lang, source=_source(view, lang), arms=" · ".join(view.arms)),
        "outcome": told(of_task.headline(), lang) if of_task else accuracies,
        "sure": " ".join(part for part in (*verdicts[-1:], *shows, early) if part),
        "look": text("take.replay.look", lang),
        "choose": text("take.replay.choose", lang),
        "caution": text("player.attention_caution", lang),
        "lens": _lens(seen, limit, lang) if seen.epochs else None,
        "act": _act(early, lang) if acts else None,
        "no_models": "" if acts or seen.epochs else text("take.replay.no_models", lang),
        "scores": _of_task(of_task, lang) if of_task else (_tested if tested else _validated)(result, lang),
        # The last one stands at the top already.
        "verdicts": [*verdicts[:-1], *(told(words, lang) for words in worth(result))] if tested else [],
        "settings": _settings(view, lang),
    }


def _lens(seen: Lenses, limit: int, lang: str) -> dict[str, str]:
    epochs = _in_words(seen.epochs)
    if seen.epochs == [BEST]:
        known = text("lens.only_best", lang)
    elif len(seen.epochs) == seen.kept:
        known = text("take.replay.lens_all", lang, epochs=epochs)
    else:
        size = f"{limit / 1e6:g}"
        known = text("take.replay.lens_some", lang, epochs=epochs, kept=seen.kept, size=size)
    return {"title": text("lens.title", lang), "read": text("lens.read", lang), "epochs": known}


def _in_words(epochs: Sequence[int | None]) -> str:
    """ "0–3, 7": neighbours as one range."""
    ranges: list[list[int]] = []
    for epoch in epochs:
        if epoch is None:
            continue
        if ranges and epoch == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], epoch]
        else:
            ranges.append([epoch])
    return ", ".join("–".join(map(str, one)) for one in ranges)


def _act(early: str, lang: str) -> dict[str, str]:
    recorded = text("take.replay.recorded", lang)
    return {
        "title": text("act.title", lang),
        "look": text("act.look", lang),
        "recorded": " ".join(part for part in (recorded, early) if part),
        "caution": text("act.caution", lang),
    }


def _source(view: RunView, lang: str) -> str:
    source = view.config.data.source
    return text(f"sample.{source.removeprefix(PREFIX)}", lang) if source.startswith(PREFIX) else source


def _tested(result: dict[str, Any], lang: str) -> dict[str, Any]:
    """The scores on the test texts, of the arms and of the references."""
    head = [text(f"score.{name}", lang) for name in ("arm", *METRICS, "best_epoch", "kept", "seconds")]
    rows = [
        [arm["name"], *_scores(arm), str(arm["best_epoch"]), f"{arm['kept_fraction']:.0%}", f"{arm['seconds']:.1f}"]
        for arm in result["arms"]
    ]
    for one in result.get("reference", []):  # older runs have none
        rows.append([text(f"reference.{one['name']}", lang), *_scores(one), "–", "–", f"{one['seconds']:.1f}"])
    return {"title": text("score.title", lang), "head": head, "rows": rows}


def _scores(one: dict[str, Any]) -> list[str]:
    return [f"{one['test'][name]:.1%}" for name in METRICS]


def _of_task(found: TaskScores, lang: str) -> dict[str, Any]:
    """The scores of a task that tells no classes apart."""
    shares, numbers = found.there(SHARES), found.there(NUMBERS)
    head = [text(f"score.{name}", lang) for name in ("arm", *shares, *numbers)]
    every = [(arm["name"], arm[found.part]) for arm in found.arms]
    every += [(text(f"reference.{one['name']}", lang), one[found.part]) for one in found.references]
    rows = [
        [name, *(f"{scores[key]:.1%}" if key in scores else "–" for key in shares)]
        + [f"{scores[key]:.2f}" if key in scores else "–" for key in numbers]
        for name, scores in every
    ]
    return {"title": text("score.title", lang), "head": head, "rows": rows}


def _validated(result: dict[str, Any], lang: str) -> dict[str, Any] | None:
    """The scores of a task without test texts; None before the end."""
    if not result["arms"]:
        return None
    head = [text("score.arm", lang), text("take.replay.loss", lang), text("score.accuracy", lang)]
    rows = [
        [arm["name"], f"{arm['validation']['loss']:.3f}", f"{arm['validation']['accuracy']:.1%}"]
        for arm in result["arms"]
    ]
    return {"title": text("take.replay.validation", lang), "head": head, "rows": rows}


def _settings(view: RunView, lang: str) -> dict[str, Any]:
    config, sizes = view.config, view.started["sizes"]
    model, train, controls = config.model, config.train, config.controls
    counts = " / ".join(str(sizes[part]) for part in ("train", "validation", "test"))
    size = text("take.replay.size", lang, layers=model.layers, heads=model.heads, dim=model.dim)
    rows = [
        (text("take.replay.run", lang), view.run.name),
        (text("take.replay.texts", lang), f"{_source(view, lang)} · {counts}"),
        (text("setting.model", lang), size),
        (text("setting.epochs", lang), str(train.epochs)),
        (text("setting.batch", lang), str(train.batch_size)),
        (text("setting.seed", lang), str(train.seed)),
        (text("setting.alpha", lang), f"{controls.step_size:g}"),
        (text("setting.tau", lang), f"{controls.evidence_threshold:g}"),
        (text("setting.theta", lang), f"{controls.keep_threshold:g}"),
    ]  # fmt: skip
    return {
        "title": text("take.replay.settings", lang),
        "rows": rows,
        "all": text("take.replay.all", lang, version=__version__),
        "json": json.dumps(config.to_json(), indent=2, ensure_ascii=False),
    }
