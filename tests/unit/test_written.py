"""What arms write for test pairs, in the report of a run: right and wrong as the scores count them."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from dynmask_core.analysis.written import written_tests
from dynmask_core.config import ContinueSettings, DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data.load import load_sequences
from dynmask_core.data.pairs import beginning
from dynmask_core.errors import InputError
from dynmask_core.inputs import fit_to
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.report import run_report
from dynmask_core.runs import Run

ARMS = ("none", "dropout:0.2")


def learned(folder: Path, data: DataConfig, epochs: int = 3) -> Run:
    training = TrainConfig(epochs=epochs, batch_size=8, learning_rate=5e-3, device="cpu")
    config = ExperimentConfig(
        data, ModelConfig(16, 2, 1), train=training, arms=ARMS, task=ContinueSettings(), input="pairs"
    )
    dataset = load_sequences(data, 0)[0]
    run = Run.create(folder, fit_to(config, dataset, given={"arms", "epochs"}), dataset)
    assert execute(run.path) == "finished"
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Letters and what they become, which is learned at once, but for a few that say nothing."""
    folder = tmp_path_factory.mktemp("written")
    lines = [f"{'abcdef'[n % 6]} {n % 5},{'uvwxyz'[n % 6] if n % 7 else n % 3}" for n in range(240)]
    file = folder / "pairs.csv"
    file.write_text("\n".join(["source,target", *lines]) + "\n", encoding="utf-8")
    return learned(folder, DataConfig(str(file)), epochs=12)


def test_as_many_are_right_as_the_scores_say(run: Run) -> None:
    found, result = written_tests(run), run.result()
    assert result is not None
    assert found.wanted is not None
    assert 0 < len(found.sources) == len(run.dataset().rows("test"))
    for arm in result["arms"]:
        share = sum(found.right[arm["name"]]) / len(found.sources)
        assert share == pytest.approx(arm["test"]["exact"])
        assert 0 < share < 1, "the test needs right and wrong ones"
    assert not all(own[found.order[0]] for own in found.right.values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_formats_show_what_was_wanted_and_written(run: Run, lang: str) -> None:
    found = written_tests(run)
    first = found.order[0]
    assert found.wanted is not None
    for arm, own in found.written.items():
        told = f"{'✓' if found.right[arm][first] else '✗'} {own[first]}".strip()
        for ending in (".html", ".md"):
            page = run_report(run, ending, lang)
            assert text("written.title", lang) in page
            assert told in html.unescape(page)
            assert found.sources[first] in page


@pytest.mark.parametrize(
    ("whole", "begun"),
    [
        ("One two  three four five.", "One two  three four"),
        ("春天的花园里开满了花。", "春天的花"),
        ("two words", "two words"),
        ("", ""),
    ],
)
def test_the_beginning_of_a_text_is_four_words_in_any_script(whole: str, begun: str) -> None:
    assert beginning(whole, DataConfig()) == begun


def test_prose_is_gone_on_with_and_nothing_of_it_is_right_or_wrong(tmp_path: Path) -> None:
    run = learned(tmp_path, DataConfig("sample:english_prose", max_rows=60), epochs=1)
    found = written_tests(run)
    assert found.wanted is None
    assert all(len(source.split()) <= 4 for source in found.sources)
    page = run_report(run, ".md", "en")
    assert text("written.read.prose", "en") in page
    assert "✗" not in page


def test_a_run_that_writes_nothing_has_no_such_section(finished_run: Run) -> None:
    with pytest.raises(InputError, match="write"):
        written_tests(finished_run)
    assert text("written.title", "en") not in run_report(finished_run, ".md", "en")
