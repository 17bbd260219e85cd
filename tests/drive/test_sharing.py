"""The lock: Ctrl-C behind any call leaves it to the next thread, and nobody waits for himself."""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from courriel import Misused
from courriel.drive.blocking import BlockingDriver
from courriel.drive.sharing import SharedPipe
from courriel.faces import Emit, Flow, Items
from courriel.flows.effects import Offload
from courriel.model.options import Timeout

# Where CPython looks whether a signal has come: behind each of these.
CALLS = {"CALL", "CALL_KW", "CALL_FUNCTION_EX"}
OPERATIONS = {code.offset: code.opname for code in dis.get_instructions(SharedPipe.rest)}


class Keyboard:
    """Presses Ctrl-C behind one of the calls that ``rest`` makes."""

    def __init__(self, behind: int) -> None:
        self._left = behind
        self._last = ""
        self.pressed = False

    def enter(self, frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code is not SharedPipe.rest.__code__:
            return None
        frame.f_trace_opcodes = True
        return self._step

    def _step(self, frame: FrameType, event: str, _: object) -> Any:
        if event != "opcode" or self.pressed:
            return self._step
        self._left -= self._last in CALLS
        self._last = OPERATIONS[frame.f_lasti]
        if not self._left:
            self.pressed = True
            raise KeyboardInterrupt
        return self._step


def offload() -> Flow[str]:
    return (yield from Offload(lambda: "done"))


def interrupted(driver: BlockingDriver, keyboard: Keyboard, outcomes: list[object]) -> None:
    sys.settrace(keyboard.enter)
    try:
        outcomes.append(driver.run(offload()))
    except BaseException as error:  # noqa: BLE001 - The test wants to know which it was.
        outcomes.append(type(error))
    finally:
        sys.settrace(None)


def press(behind: int) -> bool:
    """Press Ctrl-C behind the call of that number, if there is one, and look at what is left."""
    driver, keyboard = BlockingDriver(Timeout(connect=5, read=20), 1), Keyboard(behind)
    outcomes: list[object] = []
    # A thread of its own may be traced, and a daemon fails the test where it would hang.
    thread = threading.Thread(target=interrupted, args=(driver, keyboard, outcomes), daemon=True)
    thread.start()
    thread.join(10)
    assert [KeyboardInterrupt if keyboard.pressed else "done"] == outcomes
    assert "done" == driver.run(offload())
    return keyboard.pressed


def test_ctrl_c_behind_any_call_leaves_the_lock_free() -> None:
    calls = 0
    while press(calls + 1):
        calls += 1
    # Giving the lock up, the action, and taking it back. Later Pythons do not always trace the
    # instructions of a new thread; what they do trace is looked at all the same.
    assert calls >= (3 if sys.version_info < (3, 12) else 0)


# A thread that has the lock already, because a step of its own has called somebody who calls back.


def items() -> Items[int]:
    yield Emit(1)


ENTRANCES: dict[str, Callable[[BlockingDriver], object]] = {
    "run": lambda driver: driver.run(offload()),
    "begin": lambda driver: driver.begin(offload()),
    "iterate": lambda driver: list(driver.iterate(items())),
    "check": lambda driver: driver.check(),
}


@pytest.mark.parametrize("inner", ENTRANCES)
@pytest.mark.parametrize("outer", ["run", "begin", "iterate"])
def test_a_call_from_inside_a_step_is_refused(outer: str, inner: str) -> None:
    driver, outcomes = BlockingDriver(Timeout(connect=5, read=20), 1), list[object]()

    def step() -> None:
        try:
            outcomes.append(ENTRANCES[inner](driver))
        except Misused as error:
            outcomes.append(str(error))

    def flow() -> Flow[None]:
        step()
        yield from Offload(lambda: None)

    def stream() -> Items[int]:
        step()
        yield Emit(1)

    def call() -> None:
        if outer == "run":
            driver.run(flow())
        elif outer == "begin":
            driver.begin(flow())
        else:
            list(driver.iterate(stream()))

    # A daemon fails the test where it would hang.
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(10)
    assert 1 == len(outcomes)
    assert "in the middle of one of its own calls" in str(outcomes[0])
    assert "done" == driver.run(offload())


@pytest.mark.parametrize("inner", ENTRANCES)
def test_a_call_while_the_lock_is_given_up_is_none_of_those(inner: str) -> None:
    driver = BlockingDriver(Timeout(connect=5, read=20), 1)

    def flow() -> Flow[object]:
        return (yield from Offload(lambda: ENTRANCES[inner](driver)))

    driver.run(flow())
    assert "done" == driver.run(offload())
