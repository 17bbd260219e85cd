"""Fixtures of the sandbox's own tests."""

from __future__ import annotations

import pytest

from courriel.sandbox.authority import Authority
from tests.sandbox.dialogue import Dialogue


@pytest.fixture
def dialogue() -> Dialogue:
    """A conversation behind EHLO, with everything on offer and no sign-in wanted."""
    return Dialogue.begun()


@pytest.fixture(scope="session")
def authority() -> Authority:
    """One certificate authority for all servers: making one takes some milliseconds."""
    return Authority("example.org")
