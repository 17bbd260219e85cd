"""Three faces of one list of operations: blocking, awaiting, pipelined.

An operation is written once, as a generator that yields effects (what it waits for) and returns
its result. Read from a ``Blocking`` class it is a plain call, from an ``Awaiting`` class an
awaitable, from a ``Pipelined`` class it returns ``Pending[T]`` at once. A stream is the same for
iterators. The functions are baked when a face's class is created, so that ``help()``,
``inspect.signature``, ``iscoroutinefunction`` and tracebacks are those of ordinary functions. What
is raised names the call that the caller has made, whatever was being done inside of it.

Only the shapes live here. What a face does with a flow is its subclass's business (``sessions``),
what an effect means is its driver's (``drive``).
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Sequence
from types import FunctionType
from typing import Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar, overload

from courriel.errors import CourrielError, Misused

__all__ = [
    "Awaiting",
    "Blocking",
    "Effect",
    "Emit",
    "EmitMany",
    "Flow",
    "Items",
    "Pending",
    "Pipelined",
    "operation",
    "stream",
]

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")


class Effect(Generic[T]):
    """What a flow may wait for: a ticket, or one of ``flows.effects``.

    ``value = yield from effect`` hands it to the driver and returns the answer, typed.
    """

    __slots__ = ()

    def __iter__(self) -> Generator[Effect[Any], Any, T]:
        return (yield self)  # type: ignore[no-any-return]  # The driver answers with a T.


class Emit(Generic[T]):
    """What a stream's flow yields to hand one item to whoever iterates."""

    __slots__ = ("item",)

    def __init__(self, item: T) -> None:
        self.item = item


class EmitMany(Generic[T]):
    """What a stream's flow yields to hand over several items at once, which cost one step."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[T]) -> None:
        self.items = items


Flow: TypeAlias = Generator[Effect[Any], Any, T]
Items: TypeAlias = "Generator[Effect[Any] | Emit[T] | EmitMany[T], Any, None]"


class Pending(Generic[T]):
    """An operation begun in a pipeline; ``result()`` once the pipeline has been left."""

    def result(self) -> T:
        """Return the operation's result, or raise its error.

        Raises Misused while the answer is not there yet.
        """
        raise NotImplementedError


class Blocking:
    """The face on which an operation is a plain call."""

    __slots__ = ()

    def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def _iterate(self, flow: Items[T], call: str) -> Iterator[T]:
        raise NotImplementedError

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _bake(cls, _running_call, _blocking_stream)


class Awaiting:
    """The face on which an operation is awaited."""

    __slots__ = ()

    async def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def _iterate(self, flow: Items[T], call: str) -> AsyncIterator[T]:
        raise NotImplementedError

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _bake(cls, _awaiting_call, _awaiting_stream)


class Pipelined:
    """The face on which an operation begins at once and is answered later."""

    __slots__ = ()

    def _begin(self, flow: Flow[T], call: str) -> Pending[T]:
        raise NotImplementedError

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _bake(cls, _beginning_call, _refused_stream)


class operation(Generic[S, P, T]):  # noqa: N801 - It reads as a decorator.
    """Make a flow an operation of every face its class is given."""

    def __init__(self, function: Callable[Concatenate[S, P], Flow[T]]) -> None:
        self.function = function
        functools.update_wrapper(self, function)  # type: ignore[arg-type]  # Not callable itself.

    @overload
    def __get__(self, instance: None, owner: Any) -> operation[S, P, T]: ...
    @overload
    def __get__(self, instance: Blocking, owner: Any) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Awaiting, owner: Any) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, instance: Pipelined, owner: Any) -> Callable[P, Pending[T]]: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        return self


class stream(Generic[S, P, T]):  # noqa: N801 - It reads as a decorator.
    """Make a flow that emits items an iterator of every face its class is given."""

    def __init__(self, function: Callable[Concatenate[S, P], Items[T]]) -> None:
        self.function = function
        functools.update_wrapper(self, function)  # type: ignore[arg-type]  # Not callable itself.

    @overload
    def __get__(self, instance: None, owner: Any) -> stream[S, P, T]: ...
    @overload
    def __get__(self, instance: Blocking, owner: Any) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, instance: Awaiting, owner: Any) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        return self


def _as_seen(function: Callable[..., Any], result: str, items: str) -> Callable[..., Any]:
    """Return a copy of a flow's function that shows what a caller gets, for ``inspect`` and help.

    The annotation is text: ``Flow[Receipt]`` becomes ``result`` with its
    ``{}`` filled, ``Items[Receipt]`` becomes ``items``.
    """
    assert isinstance(function, FunctionType)
    shown = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    functools.update_wrapper(shown, function)
    del shown.__wrapped__  # type: ignore[attr-defined]  # Set by update_wrapper.
    shown.__kwdefaults__ = function.__kwdefaults__
    kind, _, inner = str(function.__annotations__.get("return", "")).partition("[")
    pattern = {"Flow": result, "Items": items}.get(kind)
    if pattern is not None:
        seen = pattern.format(inner.removesuffix("]"))
        shown.__annotations__ = {**function.__annotations__, "return": seen}
    return shown


def _running_call(function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__

    @functools.wraps(_as_seen(function, "{}", ""))
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._run(function(self, *args, **kwargs))
        except CourrielError as error:
            error.raised_by(name)
            raise

    return call


def _awaiting_call(function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__

    @functools.wraps(_as_seen(function, "{}", ""))
    async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await self._run(function(self, *args, **kwargs))
        except CourrielError as error:
            error.raised_by(name)
            raise

    return call


def _beginning_call(function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__

    @functools.wraps(_as_seen(function, "Pending[{}]", ""))
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._begin(function(self, *args, **kwargs), name)

    return call


def _iterating_call(function: Callable[..., Any], items: str) -> Callable[..., Any]:
    name = function.__name__

    @functools.wraps(_as_seen(function, "", items))
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self._iterate(function(self, *args, **kwargs), name)

    return call


def _blocking_stream(function: Callable[..., Any]) -> Callable[..., Any]:
    return _iterating_call(function, "Iterator[{}]")


def _awaiting_stream(function: Callable[..., Any]) -> Callable[..., Any]:
    return _iterating_call(function, "AsyncIterator[{}]")


def _refused_stream(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise Misused(
            f"{function.__name__} cannot be part of a pipeline",
            operation=function.__name__,
            hint="It keeps many in flight by itself: call it on the session.",
        )

    return call


_Baker: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


def _bake(cls: type, call: _Baker, iterate: _Baker) -> None:
    seen: set[str] = set(vars(cls))
    for name, member in vars(cls).copy().items():
        _bake_one(cls, name, member, call, iterate)
    for base in cls.__mro__[1:]:
        for name, member in vars(base).items():
            if name not in seen:
                # Only the nearest definition counts: an override stays an override.
                seen.add(name)
                _bake_one(cls, name, member, call, iterate)


def _bake_one(cls: type, name: str, member: Any, call: _Baker, iterate: _Baker) -> None:
    if isinstance(member, operation):
        setattr(cls, name, call(member.function))
    elif isinstance(member, stream):
        setattr(cls, name, iterate(member.function))
