"""A header may end at a line of white space: what is changed then leaves the body alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Email, Misused
from courriel.model.limits import DEFAULT
from courriel.model.outgoing import prepare

BODY = b"Good morning\n\nYours\n"
read = Email.from_source


@pytest.mark.parametrize(
    ("header", "changes", "expected"),
    [
        (b"To: b@x\nSubject: a\n \n", {"Subject": "b"}, b"To: b@x\nSubject: b\n \n"),
        (b"To: b@x\n \n", {"X-A": "1"}, b"To: b@x\nX-A: 1\n \n"),
        (b"To: b@x\n \t\n \n", {"X-A": "1"}, b"To: b@x\nX-A: 1\n \t\n \n"),
        (b"To: b@x\nA: 0\n \n", {"A": None}, b"To: b@x\n \n"),
        # A line of white space ends no header that has no field.
        (b"A: 0\n \n", {"A": None}, b"\n"),
        (b"A: 0\n \nB: 1\n\t\n", {"A": None}, b"B: 1\n\t\n"),
        (b"", {"A": "1"}, b"A: 1\n\n"),
    ],
)
def test_the_body_stays_and_the_field_stands_before_it(
    header: bytes, changes: dict[str, str | None], expected: bytes
) -> None:
    assert BODY.decode() == read(header + BODY).text
    changed = read(header + BODY).with_headers(changes)
    assert expected + BODY == changed.source
    assert BODY.decode() == changed.text


@given(
    st.lists(
        st.sampled_from(
            ["A: 1\n", "B:\n", " \n", "\t\r\n", " x\n", "\n", "Hi\n", "B: 2;\n", "c=1\n"]
        )
    ),
    st.dictionaries(st.sampled_from("AB"), st.sampled_from([None, "3"])),
)
def test_law_whatever_the_lines_the_body_stays(
    lines: list[str], changes: dict[str, str | None]
) -> None:
    email = read("".join(lines).encode())
    try:
        changed = email.with_headers(changes)
    except Misused:
        return
    assert email.text == changed.text
    for name, value in changes.items():
        assert (() if value is None else (value,)) == changed.headers.all(name)


def test_a_header_that_cannot_lose_a_field_without_its_end_is_left_alone() -> None:
    with pytest.raises(Misused, match=r"with_headers: .* end"):
        read(b"A: 0\nno field\n\nbody").with_headers({"A": None})


def test_no_field_goes_where_nobody_reads_it() -> None:
    long = b"X: " + b"x" * DEFAULT.mail_header + b"\n\nbody"
    many = b"X: 1\n" * DEFAULT.mail_fields + b"\nbody"
    for source in (long, many, b"X: 1\n" + many):
        with pytest.raises(Misused, match=r"with_headers: the header .* than can be read"):
            read(source).with_headers({"A": "1"})
    assert "2" == read(many[5:]).with_headers({"A": "2"}).headers["A"]


def test_a_changed_header_may_not_be_longer_than_what_is_read() -> None:
    source = b"X: " + b"x" * (DEFAULT.mail_header - 100) + b"\n\nbody"
    with pytest.raises(Misused, match="than can be read"):
        read(source).with_headers({"A": "a " * 60})


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=ascii)
@pytest.mark.parametrize(
    ("mail", "sent"),
    [
        (b"X: 1|Bcc: z@x| |Good||Yours", b"X: 1| |Good||Yours"),
        (b"X: 1|Bcc: z@x|\t| |Good||Yours", b"X: 1|\t| |Good||Yours"),
        (b"Bcc: z@x|X: 1| |Good|To: q@x||Yours", b"X: 1| |Good|To: q@x||Yours"),
        (b"Bcc: z@x| |Good||Yours", b"| |Good||Yours"),
        (b"Bcc: z@x| |X: 1||Yours", b"X: 1||Yours"),
        (b"X: 1| |Bcc: z@x||Yours", b"X: 1| ||Yours"),
        (b"X: 1;| |a=b|Bcc: z@x||Yours", b"X: 1;| |a=b||Yours"),
        (b"X: 1|Bcc: z@x| |", b"X: 1|"),
    ],
)
def test_no_line_of_the_body_goes_with_the_blind_copies(
    mail: bytes, sent: bytes, end: bytes
) -> None:
    content = prepare(mail.replace(b"|", end), sender="a@x", recipients="b@x").content
    assert sent.replace(b"|", end) == content


def test_what_stands_in_the_body_names_no_recipient() -> None:
    mail = b"From: a@x\nTo: b@x\n \nDear all,\nTo: c@x\n\nYours"
    assert ("b@x",) == prepare(mail).recipients


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=ascii)
def test_a_blind_copy_that_only_some_would_see_is_refused(end: bytes) -> None:
    mail = b"From: a@x|To: b@x| |Dear all,|Bcc: z@x||Yours".replace(b"|", end)
    with pytest.raises(Misused, match="blind"):
        prepare(mail)
    if end != b"\r":
        with pytest.raises(Misused, match="blind"):
            read(mail).as_attachment()
