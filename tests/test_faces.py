"""Faces: one list of operations as plain calls, as awaitables, as promises."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import courriel
from courriel.faces import (
    Awaiting,
    Blocking,
    Effect,
    Emit,
    Flow,
    Items,
    Pending,
    Pipelined,
    operation,
    stream,
)


class Ask(Effect[int]):
    """Asks for the number that it holds."""

    def __init__(self, number: int) -> None:
        self.number = number


class Operations:
    """What can be done, once."""

    @operation
    def double(self, number: int, *, plus: int = 0) -> Flow[int]:
        """Return twice a number."""
        return (yield from Ask(number)) * 2 + plus

    @operation
    def fail(self) -> Flow[int]:
        """Fail."""
        yield from Ask(0)
        raise ValueError("no")

    @stream
    def count(self, to: int) -> Items[int]:
        """Count."""
        for number in range(to):
            yield Emit((yield from Ask(number)))

    def plain(self) -> str:
        """Do nothing of the kind."""
        return "plain"


def run(flow: Flow[Any]) -> Any:
    """Run a flow; every question is answered with its own number."""
    try:
        effect = next(flow)
        while True:
            assert isinstance(effect, Ask)
            effect = flow.send(effect.number)
    except StopIteration as stop:
        return stop.value


def items(flow: Items[Any]) -> Iterator[Any]:
    answer = None
    try:
        while True:
            step = flow.send(answer)
            if isinstance(step, Emit):
                answer = None
                yield step.item
            else:
                assert isinstance(step, Ask)
                answer = step.number
    except StopIteration:
        return


class Plain(Operations, Blocking):
    def _run(self, flow: Flow[Any]) -> Any:
        return run(flow)

    def _iterate(self, flow: Items[Any], call: str) -> Iterator[Any]:
        return items(flow)


class Async(Operations, Awaiting):
    async def _run(self, flow: Flow[Any]) -> Any:
        return run(flow)

    async def _iterate(self, flow: Items[Any], call: str) -> AsyncIterator[Any]:
        for item in items(flow):
            yield item


class Kept(Pending[Any]):
    def __init__(self, flow: Flow[Any]) -> None:
        self._flow = flow

    def result(self) -> Any:
        return run(self._flow)


class Piped(Operations, Pipelined):
    def _begin(self, flow: Flow[Any], call: str) -> Pending[Any]:
        return Kept(flow)


class TestBlocking:
    def test_an_operation_is_a_plain_call(self) -> None:
        assert 43 == Plain().double(21, plus=1)
        with pytest.raises(ValueError, match="no"):
            Plain().fail()

    def test_a_stream_is_an_iterator(self) -> None:
        counting = Plain().count(3)
        assert 0 == next(counting)
        assert [1, 2] == list(counting)

    def test_whatever_else_stays_as_it_is(self) -> None:
        assert "plain" == Plain().plain()
        assert Operations.plain is Plain.plain


class TestAwaiting:
    async def test_an_operation_is_awaited(self) -> None:
        assert 43 == await Async().double(21, plus=1)
        with pytest.raises(ValueError, match="no"):
            await Async().fail()

    async def test_a_stream_is_iterated_asynchronously(self) -> None:
        assert [0, 1, 2] == [number async for number in Async().count(3)]

    def test_its_calls_are_coroutine_functions(self) -> None:
        assert inspect.iscoroutinefunction(Async.double)
        assert not inspect.iscoroutinefunction(Plain.double)
        assert not inspect.isgeneratorfunction(Plain.double)


class TestPipelined:
    def test_an_operation_is_a_promise(self) -> None:
        pending = Piped().double(21)
        assert isinstance(pending, Pending)
        assert 42 == pending.result()

    def test_a_promise_without_a_face_promises_nothing(self) -> None:
        with pytest.raises(NotImplementedError):
            Pending().result()


@pytest.mark.parametrize("face", [Plain, Async, Piped])
def test_it_looks_like_the_function_that_was_written(face: type[Operations]) -> None:
    call = vars(face)["double"]
    assert inspect.isfunction(call)
    assert "Return twice a number." == call.__doc__
    assert "double" == call.__name__
    assert "Operations.double" == call.__qualname__
    assert ["self", "number", "plus"] == list(inspect.signature(call).parameters)
    assert inspect.Parameter.KEYWORD_ONLY is inspect.signature(call).parameters["plus"].kind


def test_on_the_operations_themselves_it_is_still_to_be_baked() -> None:
    assert isinstance(Operations.double, operation)
    assert isinstance(Operations.count, stream)
    assert "Return twice a number." == Operations.double.__doc__


# What a face's subclass may do at run time is more than what the descriptor's type allows.
# pyright: reportIncompatibleVariableOverride=false


class TestOverriding:
    def test_a_plain_override_stays_an_override(self) -> None:
        class Own(Operations, Blocking):
            def double(self, number: int, *, plus: int = 0) -> int:
                return -1  # That is the point: it is no operation any more.

        assert -1 == Own().double(1)

    def test_an_override_in_other_operations_counts(self) -> None:
        class Others(Operations):
            @operation
            def double(self, number: int, *, plus: int = 0) -> Flow[int]:
                return (yield from Ask(number)) * 3

        class Own(Others, Plain):
            pass

        assert 6 == Own().double(2)
        assert 4 == Plain().double(2)

    def test_an_override_may_use_what_it_overrides(self) -> None:
        class Own(Plain):
            def double(self, number: int, *, plus: int = 0) -> int:
                doubled: Any = Plain.double
                return int(doubled(self, number, plus=plus)) + 100

        class Last(Own):
            pass

        assert 104 == Own().double(2)
        assert 104 == Last().double(2)

    def test_a_new_operation_in_a_face_is_baked_too(self) -> None:
        class Own(Plain):
            @operation
            def triple(self, number: int) -> Flow[int]:
                """Return it thrice."""
                return (yield from Ask(number)) * 3

        assert 6 == Own().triple(2)
        assert 4 == Own().double(2)

    def test_a_grandchild_is_the_same(self) -> None:
        class Child(Plain):
            pass

        class Grandchild(Child):
            @stream
            def count(self, to: int) -> Items[int]:
                yield Emit(to)

        assert 4 == Grandchild().double(2)
        assert [7] == list(Grandchild().count(7))
        assert Plain.double is Child.double


async def test_a_face_that_runs_nothing_says_so() -> None:
    class Bare(Operations, Blocking):
        pass

    class BareAsync(Operations, Awaiting):
        pass

    class BarePipe(Operations, Pipelined):
        pass

    with pytest.raises(NotImplementedError):
        Bare().double(1)
    with pytest.raises(NotImplementedError):
        Bare().count(1)
    with pytest.raises(NotImplementedError):
        await BareAsync().double(1)
    with pytest.raises(NotImplementedError):
        BareAsync().count(1)
    with pytest.raises(NotImplementedError):
        BarePipe().double(1)


def test_a_signature_shows_what_a_caller_gets() -> None:
    members: dict[str, Any] = {
        "blocking": courriel.SMTPSession.send,
        "asyncio": courriel.AsyncSMTPSession.send,
        "pipeline": courriel.SMTPSession("mx").pipeline().send,
        "stream": courriel.SMTPSession.send_many,
        "asyncio stream": courriel.AsyncSMTPSession.send_many,
    }
    shown = {
        kind: str(inspect.signature(member).return_annotation) for kind, member in members.items()
    }
    assert shown == {
        "blocking": "Receipt",
        "asyncio": "Receipt",
        "pipeline": "Pending[Receipt]",
        "stream": "Iterator[Receipt]",
        "asyncio stream": "AsyncIterator[Receipt]",
    }


def test_a_stream_is_refused_in_a_pipeline() -> None:
    with courriel.SMTPSession("mx").pipeline() as entered:
        pipeline: Any = entered
        with pytest.raises(courriel.Misused, match="cannot be part of a pipeline"):
            pipeline.send_many([])
