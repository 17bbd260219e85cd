"""Hold the source to the house rules. What each rule says is in ``tests/architecture/rules.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.rules import RULES, Rule
from tests.architecture.source import Module, read_tree

SOURCE = Path(__file__).parent.parent / "src" / "courriel"


@pytest.fixture(scope="module")
def house() -> tuple[Module, ...]:
    return read_tree(SOURCE)


def test_the_whole_source_is_read(house: tuple[Module, ...]) -> None:
    names = {module.name for module in house}
    assert {"courriel.errors", "courriel.faces", "courriel.model.limits"} <= names
    assert any(module.imports for module in house)
    assert any(module.functions for module in house)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_source_keeps_the_rule(rule: Rule, house: tuple[Module, ...]) -> None:
    complaints = list(rule(house))
    assert not complaints, "\n".join(["", *complaints])
