"""Changing one field changes only its octets, and nothing gets into a header that way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Email, Misused

MAIL = (
    b"Received: by  b\r\n\tfrom a\r\n"
    b"subject :  =?utf-8?q?H=C3=A9llo?=\r\n"
    b"X-Odd:\tleft\r\n  alone \r\n"
    b"Received: by a\r\n"
    b"From: ada@example.org\r\n"
    b"\r\n"
    b"Subject: not me\r\n\xff\r\n"
)


def test_the_source_of_a_read_mail_is_its_original_bytes() -> None:
    assert MAIL == Email.from_source(MAIL).source


def test_a_field_is_rewritten_where_it_stands() -> None:
    email = Email.from_source(MAIL).with_headers({"Subject": "New"})
    assert MAIL.replace(b"subject :  =?utf-8?q?H=C3=A9llo?=", b"Subject: New") == email.source
    assert "New" == email.subject


def test_a_field_that_says_it_already_keeps_its_octets() -> None:
    assert MAIL == Email.from_source(MAIL).with_headers({"SUBJECT": "Héllo"}).source


def test_a_new_field_closes_the_header() -> None:
    email = Email.from_source(MAIL).with_headers({"X-New": "é", "X-Newer": "2"})
    added = b"X-New: =?utf-8?b?w6k=?=\r\nX-Newer: 2\r\n"
    assert MAIL.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n") == email.source


def test_none_removes_every_field_of_that_name() -> None:
    email = Email.from_source(MAIL).with_headers({"received": None, "x-none": None})
    expected = MAIL.replace(b"Received: by  b\r\n\tfrom a\r\n", b"").replace(
        b"Received: by a\r\n", b""
    )
    assert expected == email.source


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ("x", [b"Received: x\r\n", b""]),
        (["x"], [b"Received: x\r\n", b""]),
        (["by  b from a", "y"], [b"Received: by  b\r\n\tfrom a\r\n", b"Received: y\r\n"]),
        (("x", "y", "z"), [b"Received: x\r\n", b"Received: y\r\nReceived: z\r\n"]),
        ((word for word in "x"), [b"Received: x\r\n", b""]),
        ([], [b"", b""]),
    ],
)
def test_of_repeated_fields_there_are_as_many_as_values(values: object, lines: list[bytes]) -> None:
    email = Email.from_source(MAIL).with_headers({"Received": values})  # type: ignore[dict-item]  # Lists too.
    expected = MAIL.replace(b"Received: by a\r\n", lines[1]).replace(
        b"Received: by  b\r\n\tfrom a\r\n", lines[0]
    )
    assert expected == email.source


@pytest.mark.parametrize(
    ("source", "changes", "expected"),
    [
        (b"", {"A": "1"}, b"A: 1\r\n"),
        (b"body", {"A": "1"}, b"A: 1\r\n\r\nbody"),
        (b" body\n", {"A": "1"}, b"A: 1\n\n body\n"),
        (b"\nbody\n", {"A": "1"}, b"A: 1\n\nbody\n"),
        (b"\r\nbody", {"A": "1", "B": "2"}, b"A: 1\r\nB: 2\r\n\r\nbody"),
        (b"A: 0", {"B": "1", "C": "2"}, b"A: 0\r\nB: 1\r\nC: 2\r\n"),
        (b"A: 0\nno field\n", {"B": "1"}, b"A: 0\nB: 1\nno field\n"),
        (b"A: 0\n\r\nx", {"A": None}, b"\r\nx"),
        (b"From ada 1\nA: 0\n\nx", {"A": "1", "B": "2"}, b"From ada 1\nA: 1\nB: 2\n\nx"),
        (b"\xef\xbb\xbfA: 0\n\nx", {"A": "1", "B": "2"}, b"\xef\xbb\xbfA: 1\nB: 2\n\nx"),
        (b"From ada 1\n\nx", {"A": "1"}, b"From ada 1\nA: 1\n\nx"),
        (b"From : ada@x\n\nx", {"From": None}, b"\nx"),
        (b"From ada 1", {"A": "1"}, b"From ada 1\r\nA: 1\r\n"),
        (b"A: 0\rB: 1\r\rbody\r", {"B": "2"}, b"A: 0\rB: 2\r\rbody\r"),
    ],
)
def test_odd_headers(source: bytes, changes: dict[str, str | None], expected: bytes) -> None:
    assert expected == Email.from_source(source).with_headers(changes).source


def test_addresses_and_structured_fields_are_written_as_such() -> None:
    references = " ".join(f"<{number:040}@example.org>" for number in range(9))
    email = Email.from_source(MAIL).with_headers(
        {
            "To": "Zoë <zoe@example.org>, bob@example.org",
            "References": references,
            "Cc": "",
            "From": "jürgen@exämple.org",
        }
    )
    assert "Zoë" == email.to[0].name
    assert "bob@example.org" == email.to[1].address
    assert b"=?utf-8?" in email.source
    assert 9 == len(email.references)
    assert 80 >= max(map(len, email.source.split(b"\r\n")))
    assert () == email.cc
    assert "jürgen@xn--exmple-cua.org" == str(email.sender)


def test_nothing_breaks_out_of_a_field(breaker: str) -> None:
    email = Email.from_source(MAIL)
    for name in ("Subject", "X-New", "To", "References"):
        with pytest.raises(Misused):
            email.with_headers({name: breaker})
        with pytest.raises(Misused):
            email.with_headers({name: ["x", breaker]})
    with pytest.raises(Misused):
        email.with_headers({breaker: "x"})


@pytest.mark.parametrize(
    "changes",
    [
        {"": "x"},
        {"A B": "x"},
        {"A:": "x"},
        {"Ä": "x"},
        {"A": "1", "a": "2"},
        {"A": 5},
        {"A": b"x"},
        {"A": [b"x"]},
        {"A": {"b": "c"}},
        {"To": "not an address at all"},
        {"Message-ID": "<ä@x>"},
        {"References": "x" * 999},
        "Subject",
        None,
    ],
    ids=ascii,
)
def test_what_no_header_can_hold_is_misused(changes: object) -> None:
    with pytest.raises(Misused):
        Email.from_source(MAIL).with_headers(changes)  # type: ignore[arg-type]  # What callers do.


def test_a_composed_mail_can_be_changed_unless_blind_copies_would_be_lost() -> None:
    fields = {"sender": "ada@example.org", "to": "bob@example.org", "text": "Hi"}
    email = Email(**fields).with_headers({"X-Mailer": "courriel"})  # type: ignore[arg-type]  # Strings.
    assert "courriel" == email.headers["X-Mailer"]
    assert "Hi" == email.text
    with pytest.raises(Misused, match="blind"):
        Email(bcc="eve@example.org").with_headers({"X": "y"})


@given(
    st.binary(max_size=80) | st.text(alphabet="AB: \n\rxé", max_size=60).map(str.encode),
    st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=90),
)
def test_law_what_was_written_is_read_and_the_rest_stays(source: bytes, value: str) -> None:
    email = Email.from_source(source)
    changed = email.with_headers({"X-Law": value})
    assert (value,) == changed.headers.all("X-Law") or value != value.strip()
    again = changed.with_headers({"X-Law": None})
    assert email.headers.fields == again.headers.fields
    assert again.source.strip(b"\r\n").endswith(source.strip(b"\r\n"))
