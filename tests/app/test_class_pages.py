"""A class on the page Learn: a teacher leads, participants guess, and nobody gets further than they may."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.errors import InputError
from dynmask_core.learn import classroom
from dynmask_core.learn.catalogue import find
from dynmask_core.learn.classroom import Room, board
from dynmask_core.learn.classroom.codes import spoken
from dynmask_core.learn.lesson import Question
from dynmask_core.messages import text
from dynmask_core.runs import Run, default_root
from dynmask_core.ui.learn import answers
from dynmask_core.ui.learn.classroom import invitation

Visit = Callable[..., AppTest]
FIRST = "what-is-a-mask"
LESSON = find(FIRST).in_language("en")
NUMBER, CHOICE = f"{FIRST}_1_p0", f"{FIRST}_1_p1"


@pytest.fixture
def made(runs_root: Path) -> tuple[Room, str]:
    """A class and its teacher's key."""
    return classroom.create(runs_root, FIRST, "en", len(LESSON.steps))


def words(app: AppTest) -> str:
    found = " ".join(element.proto.body for element in app.get("html"))
    return html.unescape(re.sub("<[^>]+>", "", found))


def revealed(app: AppTest) -> bool:
    return re.split(r"[*`|]", LESSON.steps[0].reveal)[0].strip()[:30] in words(app)


def seat(visit: Visit, room: Room, **more: str) -> AppTest:
    who = room.join().who
    return visit(
        "/learn?" + "&".join(f"{key}={value}" for key, value in {"class": room.code, "who": who, **more}.items())
    )


def guess(app: AppTest) -> AppTest:
    app.number_input(key=NUMBER).set_value(12.0)
    app.radio(key=CHOICE).set_value(0)
    return app.button(key=f"guess_{FIRST}_1").click().run()


def told(app: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in app.error]


@pytest.mark.parametrize("view", ["desk", "board"])
def test_the_step_stays_while_something_else_is_shown(view: str, made: tuple[Room, str], visit: Visit) -> None:
    room, key = made
    app = visit(f"/learn?class={room.code}&desk={key}&step=2&class_view={view}")
    assert not app.exception
    assert text("address.ignored", parts="step=2") not in [warning.value.replace("\\", "") for warning in app.warning]
    app.segmented_control(key="class_view").set_value("lesson").run()
    assert LESSON.steps[1].title in [header.value.replace("\\", "") for header in app.header]


def test_a_teacher_starts_a_class_from_a_lesson(visit: Visit, runs_root: Path) -> None:
    app = visit(f"/learn?lesson={FIRST}")
    app.button(key="teach").click().run()
    assert not app.exception
    (room,) = classroom.listed(runs_root)
    join, own = (block.value for block in app.code)
    assert f"class={room.code}" in join
    assert "desk=" not in join
    assert room.opens(own.partition("desk=")[2])
    assert room.settings().lesson == FIRST
    for view in ("lesson", "board", "desk"):
        app.segmented_control(key="class_view").set_value(view).run()
        assert not app.exception


def test_phones_are_led_to_the_class_and_not_to_the_desk(visit: Visit, made: tuple[Room, str]) -> None:
    room, key = made
    app = visit(f"/learn?class={room.code}&desk={key}")
    (join, _) = (block.value for block in app.code)
    (drawn,) = (element.proto.body for element in app.get("html") if "<img" in element.proto.body)
    assert drawn == invitation.picture(join, text("class.picture", code=spoken(room.code)))
    assert drawn != invitation.picture(f"{join}&desk={key}", text("class.picture", code=spoken(room.code)))


def test_the_picture_holds_nothing_but_an_image_with_words() -> None:
    drawn = invitation.picture("https://example.org/learn?class=K7M4QP&lang=zh", '"><script>')
    assert drawn.count("<") == drawn.count(">") == 1
    assert 'alt="&quot;&gt;&lt;script&gt;"' in drawn
    assert 'src="data:image/svg+xml' in drawn


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("http://localhost:8501/learn", True),
        ("http://127.0.0.1:8501/learn", True),
        ("http://[::1]:8501/learn", True),
        ("http://192.168.1.7:8501/learn", False),
        ("https://masks.example.org/learn", False),
        ("", False),
    ],
)
def test_a_link_that_leads_no_other_machine_here_is_known(link: str, told: bool) -> None:
    assert invitation.only_here(link) is told


def test_a_code_is_typed_a_seat_is_taken_and_steps_wait_for_the_teacher(visit: Visit, made: tuple[Room, str]) -> None:
    room, _ = made
    app = visit("/learn")
    app.text_input(key="class_typed").set_value("KKKKKK")
    app.button(key="enter_class").click().run()
    assert told(app) == [text("error.class_unknown", code="KKKKKK")]
    app.text_input(key="class_typed").set_value(room.code.lower())
    app.button(key="enter_class").click().run()
    app.text_input(key="nickname").set_value("<b>Ada</b>")
    app.button(key="do_join").click().run()
    assert not app.exception
    (person,) = room.people()
    assert app.session_state["who"] == person.who
    assert person.nickname == "<b>Ada</b>"
    assert not [button for button in app.button if button.key == "next"]
    assert text("class.wait_step") in [caption.value for caption in app.caption]
    room.change(opened=2)
    app.run()
    assert app.session_state["step"] == 2  # the page follows
    assert room.where() == {person.who: 2}
    room.change(opened=1)
    app.run()
    assert app.session_state["step"] == 1


def test_what_follows_a_guess_waits_for_the_teacher_and_comes_with_the_guesses_of_all(
    visit: Visit, made: tuple[Room, str]
) -> None:
    room, _ = made
    app = guess(seat(visit, room))
    assert not app.exception
    assert not revealed(app)
    assert not app.success
    assert not app.get("plotly_chart")
    assert [given.answers for given in room.guesses()] == [(12.0, [0])]
    room.change(revealed=True)
    app.run()
    assert revealed(app)
    assert len(app.get("plotly_chart")) == 2
    assert "12 — 1" in words(app)


def test_what_is_said_beside_a_question_holds_in_a_class(visit: Visit, made: tuple[Room, str]) -> None:
    room, key = made
    captions = {caption.value for caption in seat(visit, room).caption}
    assert text("class.predict.why") in captions
    assert text("learn.predict.why") not in captions
    led = visit(f"/learn?class={room.code}&desk={key}&class_view=lesson")
    assert text("learn.left.time", steps=len(LESSON.steps), minutes=LESSON.minutes) in {
        one.value for one in led.caption
    }


def test_an_answer_that_is_a_sentence_is_told_with_one_full_stop(visit: Visit, made: tuple[Room, str]) -> None:
    room, _ = made
    room.change(free=True)
    (right,) = guess(seat(visit, room)).success
    assert LESSON.steps[0].predict[1].choices[0].text.endswith(".")
    assert ".." not in right.value.replace("\\", "")


def test_a_reload_brings_back_what_was_guessed_in_this_class_and_nothing_else(
    visit: Visit, made: tuple[Room, str]
) -> None:
    room, _ = made
    other, who = room.join().who, room.join().who
    room.guess(who, 1, LESSON.steps[0], [12.0, (0,)])
    room.guess(other, 2, LESSON.steps[1], [None] * len(LESSON.steps[1].predict))
    room.change(opened=2)
    app = visit(f"/learn?class={room.code}&who={who}&step=1")
    assert not app.exception
    assert [text("learn.wrong", answer="12").replace("\\", "")] == [info.value.replace("\\", "") for info in app.info]
    app.session_state["step"] = 2
    app.run()
    assert app.button(key=f"guess_{FIRST}_2")


def test_of_a_text_is_told_after_a_reload_that_it_was_answered_and_whether_it_was_right() -> None:
    question = Question("text", "Which?", answers=("padding",), if_right="Well done.")
    assert question.judge(True).feedback == ("Well done.",)
    assert not question.judge(False).right
    assert answers._written(question, False) == text("class.answered")


def test_who_goes_on_alone_sees_what_follows_at_once(visit: Visit, made: tuple[Room, str]) -> None:
    room, _ = made
    room.change(free=True)
    app = seat(visit, room)
    assert not revealed(app)
    guess(app)
    assert revealed(app)
    assert app.button(key="next")


def test_the_desk_leads_and_sees_the_guesses_first(visit: Visit, made: tuple[Room, str]) -> None:
    room, key = made
    room.guess(room.join("Ada").who, 1, LESSON.steps[0], [16.0, (1,)])
    app = visit(f"/learn?class={room.code}&desk={key}")
    assert "16 — 1" in words(app)
    assert "✓" not in words(app)  # the screen may be projected
    app.button(key="class_next").click().run()
    app.run()
    assert room.settings().reveals(1)
    assert "16 ✓ — 1" in words(app)
    app.button(key="class_next").click().run()
    assert (room.settings().opened, app.session_state["step"]) == (2, 2)
    app.toggle(key="class_board").set_value(True)
    app.run()
    assert room.settings().board
    app.button(key="class_end_now").click().run()
    assert room.settings().ended
    assert not app.exception


def test_what_the_teacher_hides_is_said_to_the_page_beside_the_words(visit: Visit, made: tuple[Room, str]) -> None:
    room, _ = made
    room.change(hidden=("settings", "tau", "data"), free=True)

    def beside(step: int) -> dict[str, str]:
        app = seat(visit, room, step=str(step))
        (frame,) = app.get("iframe")
        return dict(parse_qsl(urlsplit(frame.proto.src).query))

    train = LESSON.steps.index(next(step for step in LESSON.steps if step.panel and step.panel.page == "train")) + 1
    said = beside(train)
    assert said["class"] == room.code
    assert said["who"] == room.people()[-1].who
    assert said["large"] == "1"
    assert said["hide"] == "settings,tau,data"
    assert "hide" not in beside(1), "the catalogue has none of these controls"
    room.change(hidden=("panel",))
    assert not seat(visit, room).get("iframe")


def test_the_teachers_notes_are_folded_on_the_desk_and_never_on_what_is_projected_or_on_a_seat(
    visit: Visit, made: tuple[Room, str]
) -> None:
    room, key = made
    noted = next(number for number, step in enumerate(LESSON.steps, 1) if step.note)
    room.change(opened=noted, revealed=True)
    note = re.split(r"[*`|\n]", LESSON.steps[noted - 1].note)[0].strip()[:30]
    app = visit(f"/learn?class={room.code}&desk={key}")
    app.session_state["teacher"] = True  # as from reading the lesson before
    (folded,) = (one for one in app.expander if one.label == text("class.notes", step=noted))
    assert not folded.proto.expanded
    assert note in words(app)
    app.segmented_control(key="class_view").set_value("lesson").run()
    assert not app.exception
    assert note not in words(app)
    pupil = seat(visit, room, step=str(noted))
    pupil.session_state["teacher"] = True
    pupil.button(key=f"pass_{FIRST}_{noted}").click().run()
    assert note not in words(pupil)


def test_the_board_is_shown_when_the_teacher_opens_it(visit: Visit, scored_run: Run) -> None:
    root = scored_run.path.parent
    room, key = classroom.create(root, FIRST, "en", len(LESSON.steps))
    person = room.join("<img src=x>")
    classroom.started(root, room.code, person.who, scored_run.name)
    closed = visit(f"/learn?class={room.code}&who={person.who}&class_view=board")
    assert not closed.exception
    assert not closed.get("plotly_chart")
    room.change(board=True)
    for address in (f"who={person.who}", f"desk={key}"):
        app = visit(f"/learn?class={room.code}&{address}&class_view=board")
        assert not app.exception
        (chart,) = app.get("plotly_chart")
        assert "<img" not in chart.proto.spec
        assert "&lt;img" in chart.proto.spec.replace("\\u003c", "<")
        assert chart.proto.spec.replace(" ", "").count('"cliponaxis":false') == 2  # the highest dot is seen whole
        assert [one.value for one in app.header] == [text("class.board")]  # right under the title, for screen readers


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("class=KKKKKK", "class_unknown"),
        ("class={code}&desk=AAAAAAAAAAAAAAAAAAAAAA", "class_key"),
        ("class={code}&who=0000000000000000", "class_who"),
    ],
)
def test_who_has_no_business_here_is_told_in_a_sentence(
    address: str, error: str, visit: Visit, made: tuple[Room, str]
) -> None:
    code = made[0].code
    app = visit(f"/learn?{address.format(code=code)}")
    assert not app.exception
    assert told(app) == [text(f"error.{error}", code="KKKKKK" if error == "class_unknown" else code)]
    app.button(key="leave_class").click().run()
    assert app.button(key=f"open_{FIRST}")


def test_an_ended_or_damaged_class_says_so_and_the_lesson_goes_on_alone(visit: Visit, made: tuple[Room, str]) -> None:
    room, _ = made
    app = seat(visit, room)
    room.change(ended=True)
    app.run()
    assert told(app) == [text("error.class_ended", code=room.code)]
    app.button(key="go_alone").click().run()
    assert not app.exception
    assert app.button(key="next")
    (room.folder / "class.json").write_text("{", encoding="utf-8")
    assert told(visit(f"/learn?class={room.code}")) == [text("error.class_damaged", code=room.code)]


def test_path_tricks_in_the_address_lead_nowhere(visit: Visit) -> None:
    app = visit("/learn?class=../../etc&who=../x&desk=%00")
    assert not app.exception
    assert not any(app.session_state[name] for name in ("class", "who", "desk"))
    assert app.button(key=f"open_{FIRST}")


def test_a_run_that_starts_in_a_class_is_noted_there(visit: Visit, made: tuple[Room, str]) -> None:
    room, _ = made
    who = room.join().who
    app = visit(f"/train?class={room.code}&who={who}&model=tiny&epochs=1")
    app.button(key="do_start").click().run()
    assert not app.exception
    ((owner, run),) = room.runs()
    assert owner == who
    assert Run.at(default_root(), run)


@pytest.mark.parametrize("as_teacher", [True, False])
def test_a_page_opened_whole_keeps_the_class_and_shows_no_key(
    visit: Visit, made: tuple[Room, str], as_teacher: bool
) -> None:
    room, key = made
    room.change(free=True)
    who = room.join().who
    own = {"desk": key} if as_teacher else {"who": who}
    app = visit("/learn?" + urlencode({"class": room.code, **own, "class_view": "lesson", "step": 1}))
    app.button(key="whole").click().run()
    assert not app.exception
    for _ in range(2):  # the page on the way out, and the next one
        app.run()
        assert not app.exception
    page = visit("/masks?" + urlencode({"class": room.code, **own}))
    assert not page.exception
    assert page.session_state["class"] == room.code
    assert not {"class", "who", "desk"} & set(page.query_params), "that address is passed on"


def test_a_guess_that_the_class_does_not_take_is_not_kept(
    visit: Visit, made: tuple[Room, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    room, _ = made
    app = seat(visit, room)

    def busy(*given: object) -> bool:
        raise InputError("class_busy", code=room.code)

    with monkeypatch.context() as patched:
        patched.setattr(Room, "guess", busy)
        app = guess(app)
    assert told(app)
    assert app.number_input(key=NUMBER).value == 12.0, "it can be given again"
    app.button(key=f"guess_{FIRST}_1").click().run()
    assert not told(app)
    assert len(room.guesses()) == 1


def test_words_typed_into_a_mask_do_not_reach_the_board() -> None:
    assert board._shown("lexicon:words=Anna|dumm+dropout") == "lexicon+dropout"
    assert board._shown("topk:0.5") == "topk:0.5"
