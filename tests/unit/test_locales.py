"""Both languages are complete, and every sentence that the code asks for exists."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from dynmask_core import messages
from dynmask_core.config import TASK_SETTINGS
from dynmask_core.data import list_samples
from dynmask_core.data.media import MEDIA
from dynmask_core.data.samples import Sample, list_corpora, list_pairs
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY
from dynmask_core.masks.base import Need

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")


def sources() -> list[Path]:
    found = [*(ROOT / "dynmask_core").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    return [path for path in found if path.is_file()]


def placeholders(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function or method so named."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    yield path, node


def literal(node: ast.expr) -> list[str]:
    """The strings that an argument can be, where they stand in the source."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literal(node.body) + literal(node.orelse)
    return []


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_language_has_the_same_keys_and_placeholders(lang: str) -> None:
    english, other = messages.catalogue("en"), messages.catalogue(lang)
    assert set(other) == set(english)
    for key, sentence in english.items():
        assert placeholders(other[key]) == placeholders(sentence), key
        assert other[key].strip() == other[key] != ""


def test_the_chinese_catalogue_is_in_chinese() -> None:
    english, chinese = messages.catalogue("en"), messages.catalogue("zh")
    for key, sentence in chinese.items():
        words = re.sub(r"\{[^}]*\}", "", english[key])
        if len(re.findall(r"[A-Za-z]{2,}", words)) >= 4:
            assert re.search(r"[\u4e00-\u9fff]", sentence), key


def errors() -> list[tuple[str, str, set[str] | None]]:
    found = []
    for path, call in calls("InputError"):
        for code in literal(call.args[0]) if call.args else []:
            names = {keyword.arg for keyword in call.keywords}
            found.append((path.name, code, None if None in names else {name for name in names if name}))
    return found


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_error_has_its_sentence(lang: str) -> None:
    assert errors()
    for file, code, given in errors():
        sentence = messages.catalogue(lang).get(f"error.{code}")
        assert sentence is not None, f"{file}: error.{code}"
        if given is not None:
            assert placeholders(sentence) <= given, f"{file}: error.{code}"


def test_every_sentence_that_the_screen_asks_for_exists() -> None:
    known = messages.catalogue("en")
    for path, call in calls("t", "text", "say"):
        for key in literal(call.args[0]) if call.args else []:
            by_t = isinstance(call.func, ast.Name) and call.func.id in ("t", "say")
            if not by_t and not KEY.fullmatch(key):
                continue  # st.text and the like
            assert key in known, f"{path.name}: {key}"
            given = {keyword.arg for keyword in call.keywords}
            if by_t and None not in given:
                assert placeholders(known[key]) <= given, f"{path.name}: {key}"


def test_every_key_built_from_a_name_exists() -> None:
    """Keys such as t(f"state.{state}"): at least one key must begin and end so."""
    known = messages.catalogue("en")
    for path, call in calls("t", "text", "say"):
        if call.args and isinstance(call.args[0], ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else None for part in call.args[0].values]
            pattern = "".join(re.escape(part) if isinstance(part, str) else ".+" for part in parts)
            assert any(re.fullmatch(pattern, key) for key in known), f"{path.name}: {pattern}"


def said_in_code() -> tuple[set[str], list[str]]:
    """The words and whole keys that the sources hold, and a pattern for each string that is built from names."""
    words, built = {path.stem for path in sources()}, set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words |= {node.value, *node.value.split()}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                words.add(node.target.id)
            elif isinstance(node, ast.arg | ast.keyword) and node.arg:
                words.add(node.arg)
            elif isinstance(node, ast.FunctionDef):
                words.add(node.name)
            elif isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else None for part in node.values)
                built.add("".join(re.escape(part) if isinstance(part, str) else "(.+)" for part in parts))
    for script in (ROOT / "dynmask_core").rglob("*.js"):
        source = script.read_text(encoding="utf-8")
        words |= set(re.findall(r"\w+", source))
        built |= {f"{start}(.+)" for start in re.findall(r"`([a-z_]+)\$\{", source)}
    return words, sorted(built)


def every_sample() -> set[Sample]:
    shown = {sample for task in TASK_SETTINGS for sample in list_samples(*MEDIA, task=task)}
    return {*shown, *list_pairs(), *list_corpora()}


def test_no_sentence_is_left_that_nothing_asks_for() -> None:
    words, built = said_in_code()
    words |= set(REGISTRY) | {sample.name for sample in every_sample()}
    words |= {parameter.name for strategy in REGISTRY.values() for parameter in strategy.parameters}
    starts = [pattern for pattern in built if re.match(r"[a-z_]{3}", pattern)]

    def known(name: str) -> bool:
        built_from = (re.fullmatch(pattern, name) for pattern in starts)
        return name in words or any(match[1] in words for match in built_from if match)

    def asked(key: str) -> bool:
        area, _, name = key.partition(".")
        if key in words or (f"{area}." in words and known(name)):
            return True
        matches = (re.fullmatch(pattern, key) for pattern in built if "\\." in pattern)
        return any(all(map(known, match.groups())) for match in matches if match)

    def used(key: str) -> bool:
        form = re.sub(r"\.(media|image|sound)$", "", key)  # of a sentence about samples that are no texts
        if form != key and form in messages.catalogue("en"):
            return used(form)
        return asked(key) or (key.endswith((".about", ".help")) and asked(key.rpartition(".")[0]))

    assert [key for key in messages.catalogue("en") if not used(key)] == []


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_sample_has_a_title_and_a_description(lang: str) -> None:
    for sample in every_sample():
        assert f"sample.{sample.name}" in messages.catalogue(lang)
        assert f"sample.{sample.name}.about" in messages.catalogue(lang)


def test_an_error_speaks_both_languages() -> None:
    error = InputError("unknown_strategy", name="x", known="none")
    assert str(error) == error.sentence("en")
    assert error.sentence("zh") != error.sentence("en")


def test_a_missing_word_does_not_pass_unnoticed() -> None:
    with pytest.raises(KeyError):
        messages.text("no.such.key")
    with pytest.raises(KeyError):
        messages.text("error.bad_setting", name="x")
    with pytest.raises(KeyError):
        messages.catalogue("fr")


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_need_of_a_mask_has_a_name_for_people(lang: str) -> None:
    assert {f"need.{need}" for need in get_args(Need)} <= set(messages.catalogue(lang))


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_medium_has_its_names(lang: str) -> None:
    for medium in MEDIA:
        with messages.speaking_of(medium):
            assert not re.search(r"\{(unit|sample|sentence)s?\}", " ".join(messages.catalogue(lang).values()), re.I)


def test_sentences_speak_of_texts_unless_something_else_is_spoken_of() -> None:
    read = "thresholds.read"
    assert messages.text(read).startswith("Words whose mask value is below θ leave the text.")
    with messages.speaking_of("image"):
        assert messages.text(read).startswith("Patches whose mask value is below θ leave the picture.")
        with messages.speaking_of("pieces"):
            assert messages.text(read).startswith("Words")
        assert messages.text("player.threshold", value=0.1) == "θ 0.1: patches below it are hatched"
    assert messages.text(read).startswith("Words")


def test_a_form_for_a_medium_asks_for_nothing_that_its_sentence_is_not_given() -> None:
    known = messages.catalogue("en")
    forms = {key: re.sub(r"\.(media|image|sound)$", "", key) for key in known}
    forms = {key: of for key, of in forms.items() if key != of and of in known}
    assert forms
    for key, of in forms.items():
        assert placeholders(known[key]) <= placeholders(known[of]), key
