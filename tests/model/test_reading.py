"""A mail answers every question, however broken it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from courriel.errors import Misused
from courriel.model import structure
from courriel.model.address import Address
from courriel.model.dates import read as read_date
from courriel.model.email import Email
from courriel.model.limits import Limits
from courriel.model.priority import Priority, Sensitivity
from tests.toil import linear


def read(*lines: str | bytes, end: bytes = b"\r\n") -> Email:
    """Read a mail given line by line."""
    octets = [line.encode() if isinstance(line, str) else line for line in lines]
    return Email.from_source(end.join(octets) + end)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"], ids=ascii)
def test_a_simple_mail_with_any_line_end(end: bytes) -> None:
    email = read("From: Ada <ada@example.org>", "Subject: a", " b", "", "One", "Two", end=end)
    assert Address("Ada", "ada@example.org") == email.sender
    assert "a b" == email.subject
    assert (email.text or "").startswith("One\n")


def test_nothing_at_all() -> None:
    for source in (b"", b"\n", b"\r\n\r\n", b"\x00", b"garbage", b":", b": x\n", b" x\n\ny"):
        email = Email.from_source(source)
        assert None is email.sender
        assert () == email.to == email.attachments
        assert "" == email.subject
        assert None is email.date
        assert None is email.message_id
        assert "not exactly one From field" in email.defects


def test_only_bytes_are_read() -> None:
    with pytest.raises(Misused, match="bytes"):
        Email.from_source("From: a@x")  # type: ignore[arg-type]  # What callers do all the same.


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?= c =?utf-8?q?d?=", "ab c d"),
        (b"=?utf-8?b?w7w=?=\r\n =?utf-8?b?w58=?=", "üß"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
        (b"=?utf-8?b?w7?=", "Ã"),
        (b"=?utf-8?b?w6k=?==?utf-8?b?w6k=?=", "éé"),
        (b"=?utf-8?b?w6nD?= =?utf-8?b?qcOp?=", "ééé"),
        (b"=?utf-8?b?w6nD?= =?utf-8?b?qQ==?=", "éé"),
        (b"=?utf-8?b?w6k?= =?utf-8?b?w6k?=", "éé"),
        (b"=?utf-8?b?w6k= =?utf-8?b?w6k=?=", "=?utf-8?b?w6k= é"),
        (b"=?iso-8859-1?q?=80_=E9?=", "€ é"),
        (b"=?utf-8*de?q?=C3=BC?=", "ü"),
        (b"=?gb2312?b?ztLKx8TjtcQ=?=", "我是你的"),
        (b"=?x-nope?q?=C3=BC?=", "ü"),
        (b"=?idna?q?xn--a?=", "xn--a"),
        (b"=?\x00?q?a?=", "a"),
        (b"=?utf-7?q?+2AA-?=", "\ufffd"),
        (b"=?utf-8?q?two words?=", "two words"),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"a\x00b\x07", "a b"),
        (b"=?utf-8?q?a=0D=0ABcc=3A_evil?=", "a  Bcc: evil"),
    ],
)
def test_subjects(raw: bytes, subject: str) -> None:
    assert subject == read(b"Subject: " + raw, "").subject.rstrip()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a@x", [("", "a@x")]),
        ("Ada <a@x>, b@y", [("Ada", "a@x"), ("", "b@y")]),
        ('"Lovelace, Ada" <a@x>', [("Lovelace, Ada", "a@x")]),
        ('"a \\"b\\" c" <a@x>', [('a "b" c', "a@x")]),
        ("Lovelace, Ada <a@x>", [("", "Lovelace"), ("Ada", "a@x")]),
        ("a@x (Ada (the) first)", [("Ada (the) first", "a@x")]),
        ("(c):", []),
        ("(c", [("", "(c")]),
        ("g: a@x, B <b@y>;, c@z", [("", "a@x"), ("B", "b@y"), ("", "c@z")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?q?=C3=84?= <a@x>", [("Ä", "a@x")]),
        ('"=?utf-8?q?=C3=84?=" <a@x>', [("Ä", "a@x")]),
        ("Ä <a@x>", [("Ä", "a@x")]),
        ("J. R. Tolkien <a@x>", [("J. R. Tolkien", "a@x")]),
        ("a@x <b@y>", [("a@x", "b@y")]),
        ("Spoofed <a@x> <b@y>", [("Spoofed", "a@x"), ("", "b@y")]),
        ("<@r1,@r2:a@x>", [("", "a@x")]),
        ("<<a@x>>", [("", "a@x")]),
        ("Ada <a@x", [("Ada", "a@x")]),
        ('"Ada <a@x>', [("Ada", "a@x")]),
        ('"a b"@x', [("", '"a b"@x')]),
        ("a@[IPv6:::1]", [("", "a@[IPv6:::1]")]),
        ("[Team] Ada <a@x>", [("[Team] Ada", "a@x")]),
        ("root", [("", "root")]),
        ("Ada Lovelace", [("Ada Lovelace", "")]),
        ("a @ x", [("", "a@x")]),
        ("MAILER-DAEMON <>", [("MAILER-DAEMON", "")]),
        ("a@x; b@y;", [("", "a@x"), ("", "b@y")]),
        (",,a@x,,", [("", "a@x")]),
        ("mailto:a@x", [("", "a@x")]),
        ("a..b@x", [("", "a..b@x")]),
        ("@", [("", "@")]),
        ("", []),
    ],
)
def test_addresses(raw: str, expected: list[tuple[str, str]]) -> None:
    found = read(f"To: {raw}", "").to
    assert expected == [(address.name, address.address) for address in found]


def test_addresses_of_repeated_fields_are_all_there() -> None:
    assert 2 == len(read("To: a@x", "TO: b@x", "").to)


def test_the_sender_stands_in_when_there_is_no_author() -> None:
    assert Address("", "s@x") == read("Sender: s@x", "").sender
    assert Address("", "a@x") == read("Sender: s@x", "From: a@x, b@x", "").sender


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Sat, 21 Nov 2026 12:34:56 +0100", (2026, 11, 21, 12, 34, 56, 60)),
        ("21 Nov 26 12:34 GMT", (2026, 11, 21, 12, 34, 0, 0)),
        ("Sat,21 Nov 2026 12:34:56 -0530 (IST)", (2026, 11, 21, 12, 34, 56, -330)),
        ("Sat, 21-Nov-2026 12:34:56 EST", (2026, 11, 21, 12, 34, 56, -300)),
        ("Sat Nov 21 12:34:56 2026", (2026, 11, 21, 12, 34, 56, 0)),
        ("Sat Nov  1 12:34:56 CET 2026", (2026, 11, 1, 12, 34, 56, 60)),
        ("2026-11-21T12:34:56Z", (2026, 11, 21, 12, 34, 56, 0)),
        ("2026-11-21 12:34:56 +01:00", (2026, 11, 21, 12, 34, 56, 60)),
        ("Saturday, November 21, 2026 1:34 PM", (2026, 11, 21, 13, 34, 0, 0)),
        ("21 November 2026 12.34.56 +0000", (2026, 11, 21, 12, 34, 56, 0)),
        ("Sat, 31 Dec 2016 23:59:60 +0000", (2016, 12, 31, 23, 59, 59, 0)),
        ("1 Jan 99 00:00:00", (1999, 1, 1, 0, 0, 0, 0)),
        ("1 Jan 126 00:00:00", (2026, 1, 1, 0, 0, 0, 0)),
        ("1 Jan 2026", (2026, 1, 1, 0, 0, 0, 0)),
        ("Sat, 21 Nov 2026 9:5:03 +0100", (2026, 11, 21, 9, 5, 3, 60)),
        ("Sat, 21 Nov 2026 09:05:3 +0100", (2026, 11, 21, 9, 5, 3, 60)),
        ("21 Nov 2026 1:2:3 PM", (2026, 11, 21, 13, 2, 3, 0)),
        ("Sat Nov 21 9:5:3 2026", (2026, 11, 21, 9, 5, 3, 0)),
        ("Sat, 21 Nov 2026 9:5 EST", (2026, 11, 21, 9, 5, 0, -300)),
        ("21/NOV/2026 10.11.12", (2026, 11, 21, 10, 11, 12, 0)),
        ("Nov-21-2026 10:11:12", (2026, 11, 21, 10, 11, 12, 0)),
        ("21.11.2026 18:36:41 +0100", (2026, 11, 21, 18, 36, 41, 60)),
        ("05.03.2026 09:07:11", (2026, 3, 5, 9, 7, 11, 0)),
        ("2026.11.21 18:36", (2026, 11, 21, 18, 36, 0, 0)),
        ("21.11.2026 18.36", (2026, 11, 21, 18, 36, 0, 0)),
        ("21.11.2026", (2026, 11, 21, 0, 0, 0, 0)),
        ("18:36:41 21-11-2026 +0100", (2026, 11, 21, 18, 36, 41, 60)),
        ("20261121T183641Z", (2026, 11, 21, 18, 36, 41, 0)),
        ("=?utf-8?q?21_Nov_2026_18:36_+0100?=", (2026, 11, 21, 18, 36, 0, 60)),
    ],
)
def test_dates(raw: str, expected: tuple[int, int, int, int, int, int, int]) -> None:
    *day, minutes = expected
    moment = datetime(*day, tzinfo=timezone(timedelta(minutes=minutes)))  # type: ignore[misc,arg-type]  # Six of them.
    found = read(f"Date: {raw}", "").date
    assert moment == found
    assert found is not None
    assert moment.utcoffset() == found.utcoffset()


@pytest.mark.parametrize(
    "raw",
    ["", "yesterday", "32 Jan 2026", "1 Foo 2026", "1 Jan 0000", "٢١ Nov", "21 Nov 20026 18:36"],
)
def test_no_dates(raw: str) -> None:
    email = read(f"Date: {raw}", "From: a@x", "")
    assert None is email.date
    assert ("no readable Date",) == email.defects


def test_the_message_id_that_exchange_writes() -> None:
    email = read("Message-ID: <[3f5e2c]-[abc]@x.example>", "")
    assert "<[3f5e2c]-[abc]@x.example>" == email.message_id
    assert "plain" == read("Message-ID: plain", "").message_id
    assert ("<1@x>", "<2@x>") == read("References: <1@x>\r\n\t<2@x> junk", "").references


def test_wishes() -> None:
    assert Priority.HIGHEST is read("X-Priority: 1 (Highest)", "").priority
    assert Priority.HIGH is read("Importance: High", "").priority
    assert Priority.LOW is read("X-Priority: ?", "Priority: non-urgent", "").priority
    assert Priority.NORMAL is read("X-Priority:", "").priority
    assert Sensitivity.PRIVATE is read("Sensitivity: private", "").sensitivity


MIXED = (
    "From: a@x",
    "Date: 1 Jan 2026 00:00 +0000",
    'Content-Type: multipart/mixed; boundary="b b "',
    "",
    "preamble",
    "--b b",
    "",
    "text",
    "--b b",
    "Content-Type: text/html",
    "",
    "<p>html",
    "--b b",
    'Content-Type: image/png; name="=?utf-8?q?=C3=BC=2Epng?="',
    "Content-Transfer-Encoding: BASE64",
    "",
    "AQID",
    "--b b",
    "Content-Disposition: attachment; filename*=utf-8''%C3%BC.txt",
    "",
    "file",
    "--b b--",
    "epilogue",
)


def test_parts_are_sorted_by_what_they_are_for() -> None:
    email = read(*MIXED)
    assert "text" == email.text
    assert "<p>html" == email.html
    assert [("ü.png", b"\1\2\3"), ("ü.txt", b"file")] == [
        (file.name, file.content) for file in email.attachments
    ]
    assert () == email.inline == email.defects


def test_a_missing_end_and_a_missing_boundary_lose_nothing() -> None:
    email = read(*MIXED[:-2])
    assert 2 == len(email.attachments)
    assert ("a multipart without its end",) == email.defects
    email = read(*MIXED[:2], "Content-Type: multipart/mixed", "", "text")
    assert "text\n" == email.text
    assert ("a multipart without a boundary",) == email.defects
    email = read(*MIXED[:2], "Content-Type: multipart/mixed; boundary=x", "", "--y", "text")
    assert "--y\ntext\n" == email.text
    assert ("a multipart whose boundary never comes",) == email.defects


def test_a_boundary_that_begins_another() -> None:
    email = read(
        "Content-Type: multipart/mixed; boundary=a",
        "",
        "--a",
        "Content-Type: multipart/alternative; boundary=ab",
        "",
        "--ab",
        "",
        "inner --a",
        "--ab--",
        "--a",
        "Content-Type: application/pdf",
        "",
        "--abc",
        "--a--",
    )
    assert "inner --a" == email.text
    assert [b"--abc"] == [file.content for file in email.attachments]


def test_inline_parts_are_those_the_html_shows() -> None:
    email = read(
        "Content-Type: multipart/related; boundary=b",
        "",
        "--b",
        "Content-Type: text/html",
        "",
        '<img src="cid:1@x">',
        "--b",
        "Content-Type: image/png",
        "Content-ID: <1@x>",
        "",
        "x",
        "--b",
        "Content-Type: image/png",
        "Content-ID: <2@x>",
        "Content-Disposition: attachment",
        "",
        "y",
        "--b--",
    )
    assert ["1@x"] == [file.inline_id for file in email.inline]
    assert ["part-3.png"] == [file.name for file in email.attachments]


def test_messages_inside_are_files_and_are_not_looked_into() -> None:
    email = read(
        "Content-Type: multipart/digest; boundary=b", "", "--b", "", "Subject: in", "", "x", "--b--"
    )
    assert None is email.text
    assert ["message/rfc822"] == [file.content_type for file in email.attachments]
    assert "in" == Email.from_source(email.attachments[0].content).subject


def test_efail_two_html_parts_are_never_joined() -> None:
    email = read(
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: text/html",
        "",
        '<img src="http://evil.example/',
        "--b",
        "Content-Type: text/html",
        "",
        "secret",
        "--b--",
    )
    assert '<img src="http://evil.example/' == email.html
    assert [b"secret"] == [file.content for file in email.attachments]


@pytest.mark.parametrize(
    ("charset", "octets", "text"),
    [
        ("utf-8", "é".encode(), "é"),
        ("iso-8859-1", b"\x80\xe9", "€é"),
        ("us-ascii", "é".encode(), "é"),
        ("gb2312", "中".encode("gb18030"), "中"),
        ('"windows-1251"', "Привет".encode("cp1251"), "Привет"),
        ("nope", "é".encode(), "é"),
        ("nope", b"\xe9", "é"),
        ("utf-8", b"caf\xe9", "café"),
        ("utf-8", b"\xc3\xa9 \xff", "é \ufffd"),
        ("utf-16", b"\xff\xfea\x00", "a"),
        ("punycode", b"abc", "abc"),
        ("unicode_escape", rb"\u0041", r"\u0041"),
        ("base64", b"abc", "abc"),
        ("x" * 5_000, b"abc", "abc"),
        ("\x00", b"abc", "abc"),
    ],
)
def test_charsets(charset: str, octets: bytes, text: str) -> None:
    source = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + octets
    assert text == Email.from_source(source).text


def test_transfer_encodings() -> None:
    for encoding, body, octets in (
        ("base64", b"AQ ID\r\n!!BA", b"\1\2\3\4"),
        ("base64", b"AQIDB", b"\1\2\3"),
        ("base64", b"", b""),
        ("Quoted-Printable", b"a=3D=\r\nb=zz", b"a=b=zz"),
        ("x-strange", b"abc", b"abc"),
        ("8bit ; x", b"\xff", b"\xff"),
    ):
        email = Email.from_source(
            f"Content-Type: a/b\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body
        )
        assert octets == email.attachments[0].content


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=a.pdf", "a.pdf"),
        ('attachment; filename="a b.pdf"', "a b.pdf"),
        ("attachment; filename=a b.pdf", "a b.pdf"),
        ('attachment; filename="a;b=\\"c\\".pdf"', 'a;b="c".pdf'),
        ("attachment; filename*=utf-8'en'%C3%BC.pdf; filename=u.pdf", "ü.pdf"),
        ("attachment; filename*0=a; filename*1=b.pdf", "ab.pdf"),
        ("attachment; filename*0*=utf-8''%C3; filename*1*=%BC; filename*2=.x", "ü.x"),
        ("attachment; filename*1=b; filename*0=a; filename*00=z; filename*3=d", "ab"),
        ("attachment; filename*1=b", "b"),
        ("attachment; filename*=nope''%C3%BC", "ü"),
        ("attachment; filename*=%C3%BC", "ü"),
        ("attachment; filename*=''", "part-1.bin"),
        ('attachment; filename="=?utf-8?b?w7w=?=.pdf"', "ü.pdf"),
        ('attachment; filename="C:\\dir\\a.pdf"', "a.pdf"),
        ("attachment; filename", "part-1.bin"),
        ("attachment; =x; filename=a", "a"),
        ('attachment; filename="open', "open"),
        ("attachment filename=a", "a"),
        ("attachment; filename=a\x00b", "a b"),
    ],
)
def test_file_names(disposition: str, name: str) -> None:
    email = read("Content-Type: a/b", f"Content-Disposition: {disposition}", "", "x")
    assert name == email.attachments[0].name


def test_a_header_without_its_empty_line() -> None:
    email = read("From: a@x", "Subject: s", "Hello there", "Second: line")
    assert "s" == email.subject
    assert "Hello there\nSecond: line\n" == email.text
    email = read("From: a@x", "broken line", "Subject: s", "", "text")
    assert "s" == email.subject
    assert "the header holds lines that are no fields" in email.defects
    assert "text\n" == read(b"From a@x Sat Nov 21", "From: a@x", "", "text").text


def nested(depth: int) -> bytes:
    """Return multiparts inside each other."""
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )


def test_bombs_are_bounded() -> None:
    email = Email.from_source(nested(2_000))
    assert f"parts nested deeper than {structure.DEPTH}" in email.defects
    assert 1 == len(email.attachments)
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000
    email = Email.from_source(many)
    assert f"more than {structure.PARTS} parts" in email.defects
    assert structure.PARTS > (email.text or "").count("x") > 9_000
    assert 20_000 == (email.text or "").count("x") + email.attachments[0].content.count(b"x")
    huge = Email.from_source(b"Subject: s\n" + b"X-A: b\n" * 300_000 + b"To: a@x\n\nbody")
    assert f"the header is longer than {Limits().mail_header} octets" in huge.defects
    assert "s" == huge.subject
    assert [("application/octet-stream", b"body")] == [
        (file.content_type, file.content) for file in huge.attachments
    ]


def test_parts_beyond_the_bound_lose_no_octet() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=i\n\n" + b"--i\n\ny\n" * 3
    source = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 9_998
    source += b"--b\n" + inner
    email = Email.from_source(source)
    assert b"y" in b"".join(file.content for file in email.attachments)


HOSTILE = {
    "20,000 encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000,
    "open encoded words": b"Subject: " + b"=?utf-8?q?a" * 50_000,
    "encoded word starts": b"Subject: " + b"=?" * 300_000,
    "16,000 recipients": b"To: " + b"Person <person@example.org>, " * 16_000,
    "20,000 comments": b"To: " + b"(" * 20_000 + b")" * 20_000 + b" a@x",
    "open comments": b"To: " + b"(" * 500_000,
    "words behind an address": b"To: <a@x>" + b" x" * 200_000,
    "entries encoded as a whole": b"To: " + b"=?utf-8?Q?A_=3Ca@x=3E?=," * 10_000,
    "base64 with spaces": b"Content-Transfer-Encoding: base64\n\n" + b"QUJD QUJD QUJD\n" * 30_000,
    "base64 with padding": b"Content-Transfer-Encoding: base64\n\n" + b"QQ==\n" * 100_000,
    "parameters without a fold": b"Content-Type: a/b;\nx=1;\n" * 20_000,
    "lines of white space": b"Subject: s\n" + b" \n" * 200_000 + b"x",
    "lines of a file that are broken": b"\n" + b"begin 644 x\nM\n````\n" * 20_000,
    "open quotes": b"To: " + b'"\\' * 250_000,
    "open angles": b"To: " + b"<" * 500_000,
    "route": b"To: <a" + b"@" * 500_000 + b">",
    "late colons": b"To: " + b"a " * 200_000 + b"a@x" + b":" * 200_000,
    "colons": b"To: " + b"a:" * 250_000,
    "glued words": b"To: " + b'a"b"' * 100_000,
    "segments": b"Content-Type: a/b; " + b"; ".join(b"name*%d*=a" % n for n in range(60_000)),
    "parameters": b"Content-Type: a/b" + b"; a=b" * 200_000,
    "spaces in a parameter": b"Content-Type: a/b; a=" + b" a" * 300_000,
    "semicolons": b"Content-Type: a/b" + b"; " * 400_000,
    "long name": b"Content-Type: a/b; " + b"a" * 900_000,
    "spaces before equals": b"Content-Type: a/b; a" + b" " * 900_000 + b"x",
    "spaces in a name": b"To: a" + b" " * 900_000 + b"b",
    "spaces in a value": b"Content-Type: a/b; a=b" + b" " * 900_000 + b"=",
    "equals": b"Content-Type: a/b; " + b"=" * 500_000,
    "quote in a parameter": b'Content-Type: a/b; a="' + b"\\" * 500_000,
    "folds": b"Subject: a" + b"\n " * 400_000,
    "carriage returns": b"Subject: a\n" + b"\r" * 900_000,
    "no colon": b"x" * 1_000_000,
    "references": b"References: " + b"<" * 500_000,
    "date": b"Date: " + b"1 " * 400_000,
    "long boundary": b"Content-Type: multipart/mixed; boundary=" + b"-" * 10_000
    + b"\n\n" + b"-" * 1_000_000,
    "dashes": b"Content-Type: multipart/mixed; boundary=-\n\n" + b"--" * 500_000,
    "delimiters": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"\n--b" * 200_000,
    "deep": nested(10_000) + b"x" * 500_000,
    "quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 5_000_000,
    "base64": b"Content-Transfer-Encoding: base64\n\n" + b"=" * 1_000_000 + b"A",
    "idna": b"Content-Type: text/plain; charset=idna\n\n" + b"a" * 1_000_000,
    "punycode": b"Subject: =?punycode?q?" + b"a" * 500_000 + b"?=",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_take_linear_time(name: str) -> None:
    email = Email.from_source(HOSTILE[name])
    with linear():
        asked: list[object] = [
            email.defects,
            email.subject,
            email.to,
            email.references,
            email.text,
            email.headers,
        ]
        asked += [file.content for file in email.attachments]
    assert email.defects


def test_every_recipient_of_16_000_is_there() -> None:
    email = Email.from_source(HOSTILE["16,000 recipients"])
    assert 16_000 == len(email.to)


def test_zones_by_name() -> None:
    assert datetime(2026, 1, 1, tzinfo=UTC) == read_date("1 Jan 2026 01:00 CET")


JAPANESE = "こんにちは、日本語です。\n"


@pytest.mark.parametrize(
    ("kind", "defect"),
    [
        (None, "text without its charset"),
        ("text/plain", "text without its charset"),
        ("text/html", "text without its charset"),
        ("text/plain; charset=us-ascii", "text that is not in its charset 'us-ascii'"),
        ("text/plain; charset=utf-8", "text that is not in its charset 'utf-8'"),
    ],
)
def test_japanese_that_says_nothing_of_its_charset_is_read(kind: str | None, defect: str) -> None:
    head = b"" if kind is None else f"Content-Type: {kind}\n".encode()
    email = Email.from_source(head + b"\n" + JAPANESE.encode("iso-2022-jp"))
    assert JAPANESE == (email.html or email.text)
    assert defect in email.defects


def test_an_escape_that_changes_to_no_set_stays() -> None:
    email = Email.from_source(b"\n\x1b[1mbold\x1b(B\x1b[m costs \x1b$5\n")
    assert "\x1b[1mbold\x1b(B\x1b[m costs \x1b$5\n" == email.text
    assert "text without its charset" not in email.defects


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_that_says_nothing_but_its_mark_is_read(codec: str) -> None:
    email = Email.from_source(b"\n" + f"\ufeff{JAPANESE}ok".encode(codec))
    assert f"{JAPANESE}ok" == email.text
    assert "text without its charset" in email.defects


def mixed(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    return (
        b"Content-Type: multipart/%s; boundary=%s\n\n" % (kind, kind)
        + b"".join(b"--%s\n%s\n" % (kind, part) for part in parts)
        + b"--%s--\n" % kind
    )


LETTER = b"Content-Type: text/html\n\n<p>Dear <b>Bob</b>"
FOOTER = b"Content-Type: text/plain\n\nTo leave, write to us."


def test_a_footer_is_read_behind_the_html_that_it_stands_behind() -> None:
    email = Email.from_source(mixed(LETTER, FOOTER))
    assert "Dear Bob\nTo leave, write to us." == (email.text or "").replace("\n\n", "\n")
    assert "<p>Dear <b>Bob</b>" == email.html


@pytest.mark.parametrize(
    "mail",
    [
        mixed(FOOTER, LETTER),
        mixed(LETTER, FOOTER, kind=b"alternative"),
        mixed(mixed(LETTER, FOOTER, kind=b"alternative")),
        mixed(mixed(mixed(LETTER, kind=b"related"), FOOTER, kind=b"alternative")),
    ],
    ids=["in-front", "alternative", "nested", "related"],
)
def test_a_text_that_stands_for_the_html_is_the_text(mail: bytes) -> None:
    assert "To leave, write to us." == Email.from_source(mail).text


def test_html_is_turned_into_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(html: str) -> str:
        asked.append(html)
        return "text"

    monkeypatch.setattr("courriel.model.html_text.html_to_text", counting)
    email = Email.from_source(LETTER)
    assert ["text"] * 3 == [email.text, email.text, email.text]
    assert 1 == len(asked)
