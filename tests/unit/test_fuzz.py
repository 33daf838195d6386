"""A short run of the program that damages inputs; `docs/security.md` has long ones."""

from __future__ import annotations

import sys
from random import Random

import pytest

if sys.platform == "win32":
    pytest.skip("it counts the work of processes as POSIX does", allow_module_level=True)

from dynmask_core.bench.fuzz.__main__ import main
from dynmask_core.bench.fuzz.kinds import KINDS
from dynmask_core.bench.fuzz.tried import Account, Kind, try_all
from dynmask_core.errors import InputError

NUMBER = {"uploads": 40, "zips": 12, "arms": 200, "addresses": 200, "lessons": 12, "encoders": 25}


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_inputs_are_read_or_refused_in_one_sentence(kind: str) -> None:
    account = try_all(kind, KINDS[kind](None), 1, range(NUMBER[kind]))
    assert account.faults == []
    assert (account.tried, account.refused + account.read) == (NUMBER[kind], NUMBER[kind])
    assert account.refused > 0


def test_an_input_is_the_same_whenever_it_is_drawn() -> None:
    for kind, made in KINDS.items():
        one, again = (made(None).make(Random("7")) for _ in range(2))
        assert one == again, kind


def tried(answer: object) -> Account:
    def act(content: bytes, name: str) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return try_all("x", Kind(lambda random: (b"", "a"), act), 0, range(2))


def test_what_is_no_answer_is_counted_as_a_fault() -> None:
    assert len(tried(ValueError("ours is another")).faults) == 2
    assert len(tried(MemoryError()).faults) == 2
    assert (tried(InputError("empty_file")).refused, tried(InputError("empty_file")).faults) == (2, [])
    assert tried(0).read == 2


def test_the_program_says_by_its_exit_whether_all_were_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kind", "arms", "--number", "5"]) == 0
    assert "5 tried" in capsys.readouterr().out
