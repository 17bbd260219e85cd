"""The headers of a mail are a mapping, and behave like one."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.model.email import Email


@pytest.mark.parametrize("name", [5, None, b"Subject", "None-Such"], ids=str)
def test_a_header_that_is_not_there_is_a_key_that_is_not_there(name: Any) -> None:
    headers = Email.from_source(b"Subject: a\r\n\r\n").headers
    assert name not in headers
    assert headers.get(name) is None
    assert () == headers.all(name)
    with pytest.raises(KeyError):
        headers[name]
