"""Trains what the catalogue shows of the samples and writes the pictures: `python -m dynmask_core.ui.pictures`.

Run it when masks, training, samples, or the first sentence of a sample have changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from dynmask_core.analysis.preview import ROWS, Preview, preview
from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset, list_samples
from dynmask_core.data.media import MEDIA, TEXT
from dynmask_core.data.samples import PREFIX
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY
from dynmask_core.training.probes import choose_probes
from dynmask_core.ui.catalogue import unfit
from dynmask_core.ui.choose.texts import texts_of
from dynmask_core.ui.one_sample import OFFERED
from dynmask_core.ui.pictures import FOLDER, file_of, write


def samples() -> Iterator[tuple[str, Dataset, list[str]]]:
    """Name, data, and the sentences whose pictures are shipped: those that a visitor can choose without typing."""
    for sample in list_samples(*MEDIA):
        config = DataConfig(PREFIX + sample.name, max_rows=ROWS)
        _, dataset, _ = texts_of(None, config, 0, "labelled")
        offered = 1 if dataset.medium == TEXT else OFFERED
        yield sample.name, dataset, [probe.text for probe in choose_probes(dataset, 0, offered)]


def main() -> None:
    written = set()
    for name, dataset, sentences in samples():
        arms = [arm for arm in REGISTRY if unfit(arm, dataset.medium) is None]
        made: dict[str, dict[str, Preview]] = {sentence: {} for sentence in sentences}
        for arm in arms:
            try:
                for sentence in sentences:
                    made[sentence][arm] = preview(arm, dataset, sentence)
            except InputError as error:
                print(f"{name}: {arm}: {error.sentence('en')}", file=sys.stderr)
        for sentence, pictures in made.items():
            file = file_of(dataset, sentence)
            write(file, pictures)
            written.add(file)
        print(f"{name}: {len(arms)} masks, {len(sentences)} sentences", flush=True)
    for old in set(FOLDER.glob("*.gz")) - written:
        old.unlink()


if __name__ == "__main__":
    main()
