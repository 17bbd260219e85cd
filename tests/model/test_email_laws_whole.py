"""What was composed is read back: every field, every file, over all Unicode.

The mail comes back as it went, and also as mail servers change it on the way: with line ends of
Unix, with trace fields in front, inside another mail.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.priority import Priority, Sensitivity
from courriel.model.transfer import Transfer
from courriel.model.writing import written

ANY = st.characters(codec="utf-8")
LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=100).filter(
    lambda text: text == text.strip()
)
LONG = st.integers(0, 3_000).flatmap(
    lambda length: st.sampled_from(["x", "ü ", "你好", "a b", "=?", '"', "\\", "="]).map(
        lambda piece: (piece * length)[:length].strip()
    )
)
BODY = st.text(ANY, max_size=300) | LONG | st.lists(LINE, max_size=20).map("\n".join)
LOCAL = st.sampled_from(
    ["ada", "a.b+c", "o'x", '"a b"', '"a,b"', '"a\\"b"', "x" * 64, "!#$%&'*/=?^_`{|}~-"]
)
DOMAIN = st.sampled_from(
    ["example.org", "x", "[192.0.2.1]", "[IPv6:2001:db8::1]", "bücher.example", "黒川.日本"]
)
ADDRESSES = st.builds(
    lambda name, local, domain: Address(name, f"{local}@{domain}"), LINE, LOCAL, DOMAIN
)
TYPES = st.sampled_from(
    ["application/pdf", "text/plain", "text/html", "image/png", "application/octet-stream", "x/y"]
)
FILES = st.builds(Attachment, LINE.filter(bool), st.binary(max_size=400), TYPES)
SHOWN = st.builds(
    Attachment,
    LINE.filter(bool),
    st.binary(max_size=100),
    st.sampled_from(["image/png", "image/svg+xml"]),
    st.sampled_from(["1@x", "logo.png", "a-b_c@example.org", "x" * 200]),
)
IDENTIFIERS = st.from_regex(
    r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,60}@[a-z0-9.-]{1,60}>", fullmatch=True
)
MOMENTS = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001 - Hypothesis wants them without a zone.
    datetime(9999, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-1_439, 1_439).map(lambda m: timezone(timedelta(minutes=m))),
).map(lambda moment: moment.replace(microsecond=0))
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "sender": st.none() | ADDRESSES,
    "to": st.lists(ADDRESSES, max_size=4).map(tuple),
    "cc": st.lists(ADDRESSES, max_size=2).map(tuple),
    "reply_to": st.lists(ADDRESSES, max_size=2).map(tuple),
    "subject": LINE | LONG,
    "text": st.none() | BODY,
    "html": st.none() | BODY,
    "attachments": st.lists(FILES, max_size=3).map(tuple),
    "date": MOMENTS,
    "message_id": IDENTIFIERS,
    "in_reply_to": st.none() | IDENTIFIERS,
    "references": st.lists(IDENTIFIERS, max_size=40).map(tuple),
    "priority": st.sampled_from(Priority),
    "sensitivity": st.sampled_from(Sensitivity),
    "request_read_receipt": st.booleans(),
    "request_delivery_receipt": st.booleans(),
    "unsubscribe": st.lists(
        st.from_regex(r"(https?://|mailto:)[!#-+./-;=?-Z_a-z~%@]{1,300}", fullmatch=True),
        max_size=3,
    ).map(tuple),
}
MAILS = st.fixed_dictionaries({}, optional=FIELDS)
LINE_ENDS = str.maketrans({"\r": "\n"})


def lines(body: str | None) -> str | None:
    """Return a body with LF line ends: that is what a mail has of them."""
    return None if body is None else body.replace("\r\n", "\n").translate(LINE_ENDS)


def on_the_wire(value: Any) -> Any:
    """Return addresses as mails carry them: their domains in A-labels (RFC 5890)."""
    if isinstance(value, Address):
        return (value.name, value.wire)
    if isinstance(value, tuple):
        return tuple(on_the_wire(one) for one in value)
    return value


def compare(fields: dict[str, Any], got: Email) -> None:
    """Compare a mail with what it was composed of."""
    for name, value in fields.items():
        match name:
            case "text" if value is None:
                assert fields.get("html") is not None or "" == got.text
            case "text" | "html":
                assert lines(value) == getattr(got, name), name
            case "request_read_receipt" | "request_delivery_receipt":
                # A receipt goes to the sender: without one there is nobody to ask for it.
                assert (value and fields.get("sender") is not None) is getattr(got, name), name
            case _:
                assert on_the_wire(value) == on_the_wire(getattr(got, name)), name


@given(MAILS)
@settings(deadline=None, max_examples=200)
def test_law_what_was_composed_is_read_back(fields: dict[str, Any]) -> None:
    composed = Email(**fields)
    got = Email.from_source(composed.source)
    compare(fields, got)
    assert composed.message_id == got.message_id
    assert composed.date == got.date
    assert composed.needs_utf8 is got.needs_utf8
    if fields.get("sender") is not None:
        assert () == got.defects


@given(MAILS, st.sampled_from([b"\n", b"\r"]))
@settings(deadline=None)
def test_law_other_line_ends_change_nothing(fields: dict[str, Any], end: bytes) -> None:
    compare(fields, Email.from_source(Email(**fields).source.replace(b"\r\n", end)))


@given(MAILS)
@settings(deadline=None)
def test_law_trace_fields_change_nothing(fields: dict[str, Any]) -> None:
    trace = b"Return-Path: <a@x>\r\nReceived: from a by b;\r\n\tThu, 6 Nov 2025 10:11:12 +0100\r\n"
    compare(fields, Email.from_source(trace + Email(**fields).source))


@given(MAILS, MAILS)
@settings(deadline=None, max_examples=50)
def test_law_a_mail_in_a_mail_is_read_back(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    fields: dict[str, Any] = {**outer, "attachments": [Email(**inner)]}
    sent = Email(**fields)
    (file,) = Email.from_source(sent.source).attachments
    compare(inner, Email.from_source(file.content))


@given(
    FIELDS["text"],
    BODY,
    st.lists(SHOWN, min_size=1, max_size=3, unique_by=lambda file: file.inline_id),
    st.lists(FILES, max_size=2),
)
@settings(deadline=None)
def test_law_images_are_read_back(
    text: str | None, html: str, shown: list[Attachment], files: list[Attachment]
) -> None:
    email = Email(sender="a@x", text=text, html=html, attachments=[*shown, *files])
    got = Email.from_source(email.source)
    assert lines(html) == got.html
    assert tuple(shown) == got.inline
    assert tuple(files) == got.attachments
    assert () == got.defects


@given(
    st.lists(st.tuples(st.from_regex(r"X-[A-Za-z0-9-]{1,40}", fullmatch=True), LINE), max_size=5)
)
@settings(deadline=None)
def test_law_further_fields_are_read_back(fields: list[tuple[str, str]]) -> None:
    got = Email.from_source(Email(sender="a@x", headers=fields).source)
    found = [(name, text) for name, text in got.headers.fields if name.startswith("X-")]
    assert fields == found


@given(MAILS)
@settings(deadline=None, max_examples=50)
def test_law_an_answer_to_what_was_read_is_the_answer_to_what_was_composed(
    fields: dict[str, Any],
) -> None:
    composed = Email(**fields)
    read = Email.from_source(composed.source)
    ours, theirs = composed.reply(all=True), read.reply(all=True)
    for name in ("to", "cc", "subject", "in_reply_to", "references"):
        assert on_the_wire(getattr(ours, name)) == on_the_wire(getattr(theirs, name)), name


OVER = st.builds(Address, LINE, st.sampled_from(["jörg@x", "用户@例子.公司", '"ü ß"@[192.0.2.1]']))


@given(MAILS, st.sampled_from(Transfer))
@settings(deadline=None)
def test_law_every_transport_carries_the_same(fields: dict[str, Any], transfer: Transfer) -> None:
    sent = written(Email(**fields), transfer)
    if transfer is Transfer.SEVEN_BIT:
        assert sent.isascii()
    if transfer is not Transfer.BINARY:
        assert 998 >= max(map(len, sent.split(b"\r\n")))
        assert sent.count(b"\n") == sent.count(b"\r") == sent.count(b"\r\n")
    compare(fields, Email.from_source(sent))


@given(MAILS, OVER, st.sampled_from(["sender", "to", "cc", "reply_to"]), st.sampled_from(Transfer))
@settings(deadline=None)
def test_law_addresses_beyond_ascii_are_read_back(
    fields: dict[str, Any], address: Address, place: str, transfer: Transfer
) -> None:
    fields = {**fields, place: address if place == "sender" else (address,)}
    sent = written(Email(**fields), transfer)
    got = Email.from_source(sent)
    compare(fields, got)
    assert got.needs_utf8
    assert 998 >= max(map(len, sent.partition(b"\r\n\r\n")[0].split(b"\r\n")))
