"""The caller's files: whatever they do wrong is told as the caller's mistake."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from courriel import Misused
from courriel.faces import Flow
from courriel.flows.effects import Offload
from courriel.flows.files import octets_left, position, read, rewind

T = TypeVar("T")


def run(flow: Flow[T]) -> T:
    """Run a flow that has nothing but work done elsewhere, as a driver does."""
    try:
        effect = flow.send(None)
        while True:
            assert isinstance(effect, Offload)
            try:
                answer = effect.function()
            except Exception as error:  # noqa: BLE001 - The flow decides what it means.
                effect = flow.throw(error)
            else:
                effect = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result


def closed() -> Any:
    file = io.BytesIO(b"Subject: x\r\n\r\n")
    file.close()
    return file


class Failing(io.BytesIO):
    """A file that raises what it was given."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"content")
        self._error = error

    def read(self, size: int | None = -1, /) -> bytes:
        raise self._error

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise self._error


ERRORS = [
    OSError(5, "Input/output error"),
    ValueError("I/O operation on closed file."),
    io.UnsupportedOperation("read"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
]


@pytest.mark.parametrize("action", [lambda file: read(file, 10), lambda file: rewind(file, 3)])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_file_that_fails(error: Exception, action: Callable[[Any], Flow[Any]]) -> None:
    with pytest.raises(Misused, match="the file cannot be read") as caught:
        run(action(Failing(error)))
    assert str(error) in str(caught.value)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("action", [lambda file: read(file, 10), lambda file: rewind(file, 3)])
def test_a_file_that_is_closed(action: Callable[[Any], Flow[Any]]) -> None:
    with pytest.raises(Misused, match="closed"):
        run(action(closed()))


def test_what_is_no_mistake_of_the_file_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        run(read(Failing(ZeroDivisionError()), 10))


def test_of_a_closed_file_nothing_is_known() -> None:
    assert (None, None) == (position(closed()), octets_left(closed()))


def test_a_file_is_read_from_where_it_stands() -> None:
    file = io.BytesIO(b"content")
    assert b"con" == run(read(file, 3))
    run(rewind(file, 1))
    assert (1, 6, b"ontent") == (position(file), octets_left(file), run(read(file, 10)))
