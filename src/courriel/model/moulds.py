"""Make frozen values as quickly as others, where thousands are made of what a server says.

A frozen dataclass sets each of its fields through ``object.__setattr__``, which takes five times as
long as an assignment; for a list of messages that is a tenth of all there is to do. Python lets an
object become one of another class when both have the same slots. So an object of a twin class,
which is not frozen, is filled, and is given the class of the value before anybody sees it.

Only that lives here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, TypeVar

V = TypeVar("V")


def mould(kind: type[V]) -> Callable[..., V]:
    """Return a function that makes a ``kind`` from the values of all its fields, in order.

    ``kind`` is a dataclass with slots. Nothing is checked: ``__post_init__``
    is not called, and there are no defaults.
    """
    dataclass: Any = kind
    names = [(one.name, Any) for one in fields(dataclass)]
    twin: Any = make_dataclass(f"{kind.__name__}Twin", names, slots=True, eq=False, repr=False)

    def make(*facts: Any) -> V:
        made = twin(*facts)
        made.__class__ = kind
        return made  # type: ignore[no-any-return]  # It is one now.

    return make
