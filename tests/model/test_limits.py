"""Every bound is a positive whole number, and has its reason beside it."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest

from courriel import Limits, Misused
from courriel.model import limits

NAMES = [field.name for field in fields(Limits)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0, -1, 1.5, "1", None, 2**80])
def test_what_is_no_bound_is_refused(name: str, value: Any) -> None:
    with pytest.raises(Misused, match=name):
        Limits(**{name: value})


@pytest.mark.parametrize("name", NAMES)
def test_each_may_be_changed_alone(name: str) -> None:
    changed = Limits(**{name: 7})
    assert 7 == getattr(changed, name)
    assert [name] == [n for n in NAMES if getattr(changed, n) != getattr(Limits(), n)]


def test_each_has_a_reason() -> None:
    tree = ast.parse(inspect.getsource(limits))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    for this, following in pairwise(body):
        if isinstance(this, ast.AnnAssign):
            assert isinstance(following, ast.Expr), ast.unparse(this)
            assert isinstance(following.value, ast.Constant), ast.unparse(this)


def test_those_that_hold_each_other_fit() -> None:
    bounds = Limits()
    assert bounds.reply_line <= bounds.reply_size
    assert bounds.eager_body <= bounds.window_octets
    assert bounds.body_chunk <= bounds.eager_body
    assert bounds.scram_iterations_minimum < bounds.scram_iterations_maximum
