"""Flowed paragraphs become one line each (RFC 3676)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Email
from courriel.model.flowed import unflowed
from tests.toil import linear


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("a\nb", "a\nb"),
        ("a \nb \nc\nd", "a b c\nd"),
        ("a \n\nb", "a \n\nb"),
        ("> a \n> b\n> c", "> a b\n> c"),
        (">> a \n>> b \n> c \nd", ">> a b \n> c \nd"),
        (">a", "> a"),
        (">\n> ", ">\n>"),
        (" > no quotation \nat all", "> no quotation at all"),
        (" From me \n From you", "From me From you"),
        ("  two", " two"),
        ("a \n-- \nAda \nLovelace", "a \n-- \nAda Lovelace"),
        ("> a \n> -- \n> Ada", "> a \n> -- \n> Ada"),
        ("cut ", "cut "),
        (" ", ""),
    ],
)
def test_paragraphs(written: str, meant: str) -> None:
    assert meant == unflowed(written)


def test_a_space_that_only_says_that_the_line_goes_on_is_deleted() -> None:
    assert "日本語\nx" == unflowed("日本 \n語\nx", delete_space=True)
    assert "a\n-- \nb" == unflowed("a\n-- \nb", delete_space=True)


def test_the_text_of_a_mail_is_put_together() -> None:
    head = b"Content-Type: text/plain; charset=utf-8; Format=Flowed; DelSp=Yes\r\n\r\n"
    assert "ab\nc" == Email.from_source(head + b"a \r\nb\r\nc").text
    head = b"Content-Type: text/plain; format=fixed\r\n\r\n"
    assert "a \nb" == Email.from_source(head + b"a \r\nb").text


@pytest.mark.parametrize("piece", [">", "> ", " ", "\n", "a \n", ">a \n", ">>>> \n> \n", "-- \n"])
def test_flowed_bombs_take_linear_time(piece: str) -> None:
    with linear():
        unflowed(piece * (1_000_000 // len(piece)))


@given(st.text(alphabet="a> -\n", max_size=200))
def test_law_no_line_gets_longer_than_what_was_written(text: str) -> None:
    found = unflowed(text)
    assert len(found) <= len(text) + text.count("\n") + 1
    assert text.replace(" ", "").replace("\n", "").replace(">", "") == found.replace(
        " ", ""
    ).replace("\n", "").replace(">", "")
