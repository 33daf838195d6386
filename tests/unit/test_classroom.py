"""A class on disk: who is in it, what it guesses and trains, and what a hostile or unlucky visitor gets."""

from __future__ import annotations

import csv
import io
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from dynmask_core.errors import InputError
from dynmask_core.learn import Choice, Lesson, Question, Step, classroom
from dynmask_core.learn.classroom import Room, Settings, codes, room, rooms, table
from dynmask_core.learn.classroom.board import board_of, half_width
from dynmask_core.learn.classroom.guesses import Given, tally
from dynmask_core.learn.classroom.settings import HIDEABLE_IN_CLASS
from dynmask_core.runs import Run, files

ONE = Question("choice", "Which?", choices=(Choice("=left", False), Choice("right", True)))
SOME = Question("several", "Which ones?", choices=(Choice("a", True), Choice("b", False), Choice("c", True)))
MANY = Question("number", "How many?", low=16, high=16)
WORD = Question("text", "What is it called?", answers=("softmax",))
STEP = Step("First", predict=(ONE, SOME, MANY, WORD))
LESSON = Lesson("l", "en", "L", 5, "easy", (), (), "CC0-1.0", (STEP, Step("Second")))
GIVEN = [(1,), (0, 2), 16.0, "Soft Max is my secret"]


@pytest.fixture
def started(tmp_path: Path) -> tuple[Room, str]:
    return classroom.create(tmp_path, "l", "en", 2)


@pytest.fixture
def here(started: tuple[Room, str]) -> Room:
    return started[0]


def code_of(error: pytest.ExceptionInfo[InputError]) -> str:
    assert "\n" not in str(error.value)
    return error.value.code


def test_a_code_can_be_read_aloud_and_typed_in_any_way(started: tuple[Room, str]) -> None:
    here, key = started
    assert set(here.code) <= set(codes.ALPHABET)
    assert not set("01ILO") & set(codes.ALPHABET)
    typed = f" {here.code[:3].lower()}-{here.code[3:]} "
    assert classroom.find(here.runs_root, typed).code == here.code
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in here.code)
    assert classroom.find(here.runs_root, wide).code == here.code
    assert here.opens(key)
    assert not here.opens(key[:-1] + ("A" if key[-1] != "A" else "B"))
    assert key not in (here.folder / "class.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("written", ["", "ZZZZZZ", "../../etc", "K7M4Q\0", "classes", "." * 500, "K7M/QP", "<b>K7M4QP"])
def test_a_wrong_code_is_refused_in_one_short_sentence(written: str, here: Room) -> None:
    with pytest.raises(InputError) as error:
        classroom.find(here.runs_root, written)
    assert code_of(error) == "class_unknown"
    assert len(str(error.value)) < 150


def test_participants_get_numbers_and_short_plain_nicknames(here: Room) -> None:
    first = here.join()
    second = here.join("  Ada\n\u202e<b>\x00 of the very long name and more")
    assert [first.number, second.number] == [1, 2]
    assert second.nickname == "Ada <b> of the very"
    assert here.person(second.who) == second
    assert codes.WHO.fullmatch(first.who)
    for stranger in ("", "0" * 16, "../x"):
        with pytest.raises(InputError) as error:
            here.guess(stranger, 1, STEP, GIVEN)
        assert code_of(error) == "class_who"


def test_a_full_class_and_one_that_has_ended_take_nobody(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_PEOPLE", 1)
    only = here.join()
    with pytest.raises(InputError) as error:
        here.join()
    assert code_of(error) == "class_full"
    here.change(ended=True)
    for late in (here.join, lambda: here.guess(only.who, 1, STEP, GIVEN)):
        with pytest.raises(InputError) as error:
            late()
        assert code_of(error) == "class_ended"
    assert here.guesses() == ()


def test_the_first_guess_counts_and_no_text_is_kept(here: Room) -> None:
    who = here.join().who
    assert here.guess(who, 1, STEP, GIVEN)
    assert not here.guess(who, 1, STEP, [(0,), (), 3.0, "softmax"])
    assert here.guesses() == (Given(who, 1, ([1], [0, 2], 16.0, False), late=False),)
    written = b"".join(path.read_bytes() for path in here.folder.iterdir())
    assert b"secret" not in written


def test_a_guess_after_the_reveal_is_told_apart_unless_all_go_on_by_themselves(here: Room) -> None:
    one, two, three = (here.join().who for _ in range(3))
    here.guess(one, 1, STEP, GIVEN)
    here.change(revealed=True)
    here.guess(two, 1, STEP, GIVEN)
    here.change(free=True)
    here.guess(three, 1, STEP, GIVEN)
    assert [given.late for given in here.guesses()] == [False, True, False]
    counts = tally(ONE, 0, here.guesses())
    assert [(bar.count, bar.right) for bar in counts.bars] == [(0, False), (2, True)]
    assert (counts.answered, counts.passed, counts.late) == (2, 0, 1)


def test_bars_count_every_answer_and_survive_wild_numbers_and_foreign_lines() -> None:
    wild = [float(n) for n in range(40)] + [1e12, -3.0]
    given = [Given(str(place), 1, (number,), late=False) for place, number in enumerate(wild)]
    counts = tally(MANY, 0, given)
    assert sum(bar.count for bar in counts.bars) == len(wild)
    assert len(counts.bars) <= 10
    assert sum(bar.right for bar in counts.bars) == 1
    assert max(bar.count for bar in counts.bars) < len(wild) / 2
    odd = [Given("x", 1, answers, late=False) for answers in (("16",), (True,), ([0],), (), (None,), (float("nan"),))]
    assert (tally(MANY, 0, odd).answered, tally(MANY, 0, odd).passed) == (0, 6)
    assert tally(ONE, 0, [Given("x", 1, ([0, 1],), late=False)]).answered == 0  # one choice alone can be made
    assert [bar.count for bar in tally(SOME, 0, [Given("x", 1, ([0, 2, 9],), late=False)]).bars] == [1, 0, 1]


def test_the_teacher_reveals_then_opens_the_next_step() -> None:
    settings = Settings("l", "en", 2)
    assert not settings.reveals(1)
    revealed = settings.onwards(asks=True)
    assert revealed is not None
    assert (revealed.opened, revealed.reveals(1)) == (1, True)
    second = revealed.onwards(asks=True)
    assert second is not None
    assert (second.opened, second.reveals(1), second.reveals(2)) == (2, True, False)
    assert settings.onwards(asks=False) == second
    assert second.onwards(asks=False) is None
    assert replace(settings, free=True).open_steps == 2
    assert replace(settings, free=True).reveals(2)


def test_a_change_is_seen_at_the_next_look(here: Room) -> None:
    before = here.version()
    who = here.join().who
    assert here.version() == before  # pages are not drawn again for everybody who joins
    here.change(hidden=HIDEABLE_IN_CLASS, opened=2)
    assert here.version() != before
    assert here.settings().hidden == HIDEABLE_IN_CLASS
    with pytest.raises(ValueError, match="class"):
        here.change(hidden=("no such thing",))
    assert here.where() == {who: 1}
    here.at(who, 2)
    here.at(who, 2)
    assert here.where() == {who: 2}
    assert len((here.folder / "steps.jsonl").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"settings": {"lesson": 3}}', '{"settings": 1, "key": "", "created": 0}', "[" * 5_000]
)
def test_a_damaged_class_is_told_so(content: str, here: Room) -> None:
    (here.folder / "class.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        classroom.find(here.runs_root, here.code).settings()
    assert code_of(error) == "class_damaged"


def test_damaged_lines_are_passed_over(here: Room) -> None:
    who = here.join("Ada").who
    here.guess(who, 1, STEP, GIVEN)
    for name in ("people", "answers", "steps", "runs"):
        with (here.folder / f"{name}.jsonl").open("ab") as file:
            file.write(b'{"who": 3, "step": "x", "answers": 1, "run": []}\n[1]\n\xff\xfe\n{"who": "half')
    assert [one.nickname for one in here.people()] == ["Ada"]
    assert len(here.guesses()) == 1
    assert here.where() == {who: 1}
    assert board_of(here).dots == ()
    here.at(who, 2)
    assert here.where() == {who: 2}


def write(here: Room) -> None:
    for _ in range(12):
        who = here.join().who
        for step in (2, 1, 2):
            here.at(who, step)


def test_processes_and_threads_that_write_at_once_lose_nothing(here: Room) -> None:
    others = [multiprocessing.get_context("fork").Process(target=write, args=(here,)) for _ in range(2)]
    for process in others:
        process.start()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, [here, here]))
    for process in others:
        process.join()
    assert [process.exitcode for process in others] == [0, 0]
    assert [one.number for one in here.people()] == list(range(1, 49))
    assert len({one.who for one in here.people()}) == 48
    assert len(files.read_lines(here.folder / "steps.jsonl")) == 48 * 3
    assert set(here.where().values()) == {2}


def test_old_classes_go_with_all_that_they_know(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    here.join("Ada")
    later = here.since() + rooms.DAYS * 86_400 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(InputError) as error:
        classroom.find(here.runs_root, here.code)
    assert code_of(error) == "class_unknown"
    assert not here.folder.exists()


def test_too_many_classes_cost_an_unused_one_its_place(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MOST_CLASSES", 1)
    with pytest.raises(InputError) as error:
        classroom.create(here.runs_root, "l", "en", 2)
    assert code_of(error) == "class_many"
    monkeypatch.setattr(rooms, "UNUSED", 0.0)
    other, _ = classroom.create(here.runs_root, "l", "en", 2)
    assert [one.code for one in classroom.listed(here.runs_root)] == [other.code]


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))


def test_the_teachers_table_has_numbers_for_names_and_runs_nothing(here: Room) -> None:
    who = here.join("Ada").who
    here.guess(who, 1, STEP, [(0,), None, 3.5, "softmax"])
    written = table.to_csv(table.ANSWERS, table.answers(here, LESSON))
    assert b"Ada" not in written
    assert who.encode() not in written
    rows = rows_of(written)
    assert [row["answer"] for row in rows] == ["'=left", "", "3.5", ""]
    assert [row["right"] for row in rows] == ["0", "", "0", "1"]
    assert {row["participant"] for row in rows} == {"1"}


def test_a_run_is_on_the_board_of_its_class_once_it_is_finished(scored_run: Run) -> None:
    root = scored_run.path.parent
    here, _ = classroom.create(root, "l", "en", 2)
    one, two = here.join("Ada"), here.join()
    for person in (one, two, two):
        classroom.started(root, here.code, person.who, scored_run.name)
    (dot,) = board_of(here).dots
    assert dot.people == (one, two)  # equal runs are trained once
    assert [(arm.name, arm.test, arm.validation) for arm in dot.score.arms] == [
        ("static", 0.75, 0.8),
        ("repaired", 0.75, 0.8),
    ]
    assert (dot.score.data, dot.score.texts, dot.score.moved) == ("sample:english_sentiment", 100, False)
    assert dot.score.settings["alpha"] == scored_run.config().controls.step_size
    rows = rows_of(table.to_csv(table.BOARD, table.dots(here)))
    assert [row["participants"] for row in rows] == ["1 2"] * len(dot.score.arms)


def test_what_is_not_finished_not_labelled_or_not_readable_is_no_dot(scored_run: Run) -> None:
    here, _ = classroom.create(scored_run.path.parent, "l", "en", 2)
    who = here.join().who
    going, guesser, damaged = (Run.new(scored_run.path.parent) for _ in range(3))
    config = scored_run.config().to_json()
    files.write_json(going.path / "config.json", config)
    files.write_json(damaged.path / "config.json", config)
    files.write_json(damaged.path / "result.json", {"arms": [{"name": "static"}]})
    files.write_json(guesser.path / "config.json", {**config, "arms": ["static"], "task": {"name": "guess"}})
    files.write_json(guesser.path / "result.json", {"arms": []})
    for run in (going, guesser, damaged):
        assert here.started(who, run.name)
    found = board_of(here)
    assert (found.dots, found.open, found.others) == ((), 1, 2)


def test_nothing_but_a_participants_own_run_comes_onto_a_board(scored_run: Run) -> None:
    root = scored_run.path.parent
    here, _ = classroom.create(root, "l", "en", 2)
    who = here.join().who
    assert not classroom.started(root, here.code, who, "../../etc/passwd")
    assert not classroom.started(root, here.code, who, "20260101-000000-0000000000000000")
    assert not classroom.started(root, here.code, "0" * 16, scored_run.name)
    assert not classroom.started(root, "ZZZZZZ", who, scored_run.name)
    here.change(ended=True)
    assert not classroom.started(root, here.code, who, scored_run.name)
    assert board_of(here).dots == ()


def test_an_accuracy_on_few_texts_is_known_to_several_points() -> None:
    assert half_width(0.8, 100) == pytest.approx(0.0784, abs=1e-4)
    assert half_width(1.0, 100) == 0.0
