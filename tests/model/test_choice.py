"""A word for a member of an enumeration, and what is said of any other."""

from __future__ import annotations

import pytest

from courriel import Misused
from courriel.model.choice import choice
from courriel.model.options import Security


@pytest.mark.parametrize("security", Security)
def test_a_member_is_named_by_itself_and_by_its_word(security: Security) -> None:
    assert security is choice(Security, security, what="security", operation="session")
    assert security is choice(Security, security.value, what="security", operation="session")


@pytest.mark.parametrize("value", ["tlsy", "", None, 1, ["tls"]])
def test_anything_else_is_refused_and_every_word_is_offered(value: object) -> None:
    with pytest.raises(Misused, match="security cannot be") as caught:
        choice(Security, value, what="security", operation="session")
    assert "session" == caught.value.operation
    assert all(repr(security.value) in caught.value.hint for security in Security)
