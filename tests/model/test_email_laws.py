"""Laws of composing and reading, over all Unicode."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.dates import read, written
from courriel.model.email import Email
from tests.model.asking import ask_everything

ANY = st.characters(codec="utf-8")
LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)
TRIMMED = LINE.filter(lambda text: text == text.strip())
BODY = st.text(ANY, max_size=300).map(lambda t: t.replace("\r\n", "\n").replace("\r", "\n"))
ADDRESSES = st.builds(
    Address, TRIMMED, st.sampled_from(["a@x.org", '"a b,c"@x.org', "a@[IPv6:::1]", "o'x+y@a.b.c"])
)
FILES = st.builds(
    Attachment,
    TRIMMED.filter(bool),
    st.binary(max_size=300),
    st.sampled_from(["application/pdf", "text/plain", "application/octet-stream"]),
)
MOMENTS = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis wants them without a zone.
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-720, 720).map(lambda m: timezone(timedelta(minutes=m))),
).map(lambda moment: moment.replace(microsecond=0))


@given(
    sender=ADDRESSES,
    to=st.lists(ADDRESSES, max_size=3),
    subject=TRIMMED,
    text=BODY,
    html=st.none() | BODY,
    files=st.lists(FILES, max_size=2),
    date=MOMENTS,
)
@settings(deadline=None)
def test_law_what_was_composed_is_read_back(
    sender: Address,
    to: list[Address],
    subject: str,
    text: str,
    html: str | None,
    files: list[Attachment],
    date: datetime,
) -> None:
    email = Email(
        sender=sender, to=to, subject=subject, text=text, html=html, attachments=files, date=date
    )
    got = Email.from_source(email.source)
    assert sender == got.sender
    assert tuple(to) == got.to
    assert subject == got.subject
    assert text == got.text
    assert html == got.html
    assert tuple(files) == got.attachments
    assert date == got.date
    assert () == got.defects


@pytest.mark.parametrize(
    "name", ["\\", "\\\\", "a\\b.txt", "C:\\x.txt", '"', '\\"', " a ", "\u3000"]
)
def test_the_name_of_a_file_is_read_back_as_it_was_written(name: str) -> None:
    email = Email(attachments=[Attachment(name, b"x", "application/pdf")])
    written = email.attachments[0].name or "part-2.pdf"
    assert written.strip("\\ ")
    assert [written] == [file.name for file in Email.from_source(email.source).attachments]


@given(subject=TRIMMED, name=TRIMMED, text=BODY, file=FILES)
@settings(deadline=None)
def test_law_the_standard_library_reads_the_same(
    subject: str, name: str, text: str, file: Attachment
) -> None:
    email = Email(
        sender=(name, "a@x.org"), to="b@x.org", subject=subject, text=text, attachments=[file]
    )
    message = message_from_bytes(email.source, policy=policy.default)
    assert subject == (message["Subject"] or "")
    # Python 3.11 puts a space between two encoded words of a name, and makes several into one.
    shown = message["From"].addresses[0].display_name
    assert "".join(name.split()) == "".join(shown.split())
    body, attachment = message.iter_parts()
    octets = body.get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert text == octets.decode().replace("\r\n", "\n")
    assert file.name == attachment.get_filename()
    assert file.content == attachment.get_payload(decode=True)


@given(st.text(max_size=80), st.sampled_from(["subject", "to", "x-test", "name", "id"]))
@settings(deadline=None)
def test_law_a_value_never_makes_a_header(value: str, place: str) -> None:
    try:
        email = Email(
            subject=value if place == "subject" else "",
            to=(value, "a@x") if place == "to" else (),
            headers={"X-Test": value} if place == "x-test" else {},
            attachments=[Attachment(value if place == "name" else "n", b"")],
            in_reply_to=value if place == "id" else None,
        )
    except Misused:
        return
    head, _, _ = email.source.partition(b"\r\n\r\n")
    known = {b"Date", b"Subject", b"To", b"X-Test", b"Message-ID", b"In-Reply-To"}
    known |= {b"MIME-Version", b"Content-Type"}
    for line in head.split(b"\r\n"):
        assert line[:1] == b" " or line.partition(b":")[0] in known
        assert 998 >= len(line)


@given(MOMENTS)
def test_law_dates_are_read_as_written(moment: datetime) -> None:
    assert moment == read(written(moment))


@given(st.text(max_size=60))
def test_law_no_text_breaks_the_date_reader(text: str) -> None:
    moment = read(text)
    assert moment is None or moment.tzinfo is not None


FRAGMENTS = st.sampled_from(
    [
        b"From: ",
        b"To: (c):",
        b"Subject: =?utf-8?q?",
        b"?=",
        b"Message-ID: <[abc]@x>\r\n",
        b"Date: 99 Feb 2026 99:99\r\n",
        b"Content-Type: text/plain; name*",
        b"Content-Type: text/html; charset=nope\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: x\r\n",
        b"A===B",
        b"Content-Disposition: attachment; filename*0*=x''%41; filename*1=b\r\n",
        b"charset=utf-7",
        b"charset=idna",
        b"charset=utf-16",
        b"+2AA-",
        b"\xff\x00",
        *(b"\r\n", b"\n", b"\r", b" ", b";", b"=", b"<", b'"', b"(", b"\\", b"<a>", b"&#"),
    ]
)


@given(st.lists(FRAGMENTS | st.binary(max_size=6), max_size=30).map(b"".join))
@settings(deadline=None, max_examples=400)
def test_law_no_broken_mail_raises(source: bytes) -> None:
    ask_everything(Email.from_source(source))


@given(FILES, BODY)
@settings(deadline=None)
def test_law_mails_and_files_survive_pickling(file: Attachment, text: str) -> None:
    email = Email(sender="a@x", text=text, attachments=[file])
    read = Email.from_source(email.source)
    for side in (email, read):
        assert (file,) == side.attachments
        again = pickle.loads(pickle.dumps(side))
        assert email.source == again.source
        assert (file,) == again.attachments
        assert text == again.text


def test_a_moment_without_a_zone_is_local() -> None:
    moment = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 - That is what is tested.
    date = Email(date=moment).date
    assert date is not None
    assert moment == date.replace(tzinfo=None)
    assert moment.astimezone() == date
    assert datetime(2026, 1, 1, tzinfo=UTC) == Email(date=datetime(2026, 1, 1, tzinfo=UTC)).date
