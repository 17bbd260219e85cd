"""No mail takes more memory than forty octets for each of its own, and some for its parts.

Each bomb is what one reader could stumble over, many times in a row. ``test_reading`` and
``test_email_laws_broken`` look at time; here every question is asked while memory is counted.
"""

from __future__ import annotations

import struct

import pytest

from courriel.model.email import Email
from courriel.model.parts import parts_of
from tests.hostile.bounds import MIB, in_little
from tests.model import winmail
from tests.model.asking import EMAIL, FILE, files_of

OCTETS = 50_000
"""As large is a bomb: what is done once costs little against it."""
MEMORY = 40
"""Octets of memory for each octet of the mail."""
PART = 2_000
"""Octets of memory for each part, of which there are ten thousand at most."""


def filled(unit: bytes, before: bytes = b"", behind: bytes = b"") -> bytes:
    return before + unit * (OCTETS // len(unit)) + behind


def numbered(pattern: bytes, *, every: int = 1, downward: bool = False) -> bytes:
    """Return a pattern with every number put into it, until it is large enough."""
    count = OCTETS // len(pattern % 10_000)
    numbers = range(0, count * every, every)
    return b"".join([pattern % number for number in (reversed(numbers) if downward else numbers)])


def multipart(boundary: bytes) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=" + boundary + b"\n\n"


def packed(contents: bytes, kind: bytes = b"LZFu") -> bytes:
    """Return a ``winmail.dat`` whose RTF says that it is four gigabytes."""
    rtf = struct.pack("<II4sI", len(contents) + 12, 0xFFFFFFFF, kind, 0) + contents
    values = winmail.properties({winmail.PR_RTF: rtf})
    return TNEF + winmail.stream(winmail.attribute(winmail.PROPERTIES, values))


QP = b"Content-Transfer-Encoding: quoted-printable\n\n"
BASE64 = b"Content-Transfer-Encoding: base64\n\n"
HTML = b"Content-Type: text/html\n\n"
TNEF = b"Content-Type: application/ms-tnef\n\n"
STATUS = b"Content-Type: message/delivery-status\n\n"
MIXED = multipart(b"b")
FILE_BEGIN = winmail.attribute(winmail.RENDERING, b"")

HEADERS = {
    "folds": filled(b"\n ", b"Subject: a"),
    "folds between addresses": filled(b"a@x,\n ", b"To: "),
    "lines that are none": filled(b"x y\nA:b\n"),
    "words": filled(b"a ", b"From: "),
    "words of two octets": filled("é ".encode(), b"From: "),
    "backslashes in quotes": filled(b'"\\', b"From: "),
    "quotes": filled(b'"a"', b"From: "),
    "comments inside each other": b"To: " + b"(" * OCTETS + b")" * OCTETS + b" a@x",
    "comments after each other": filled(b"(a)", b"From: "),
    "groups inside each other": filled(b"g:", b"To: "),
    "groups after each other": filled(b"g:a@x;", b"To: "),
    "angles": b"To: " + b"<" * OCTETS + b"a@x" + b">" * OCTETS,
    "short addresses": filled(b"a,", b"To: "),
    "routes": filled(b"<@a:", b"To: "),
    "begins of words": filled(b"=?", b"Subject: "),
    "words of changing charsets": filled(b"=?utf-8?q?a?= =?latin1?q?b?= ", b"Subject: "),
    "words in a parameter": filled(b"=?utf-8?q?a?= ", b'Content-Type: a/b; name="', b'"'),
    "parameters": b"Content-Type: a/b" + numbered(b"; n%d=a"),
    "segments": b"Content-Type: a/b" + numbered(b"; name*%d=a"),
    "segments with gaps": b"Content-Type: a/b" + numbered(b"; name*%d*=%%41", every=2),
    "segments from the last": b"Content-Type: a/b" + numbered(b"; name*%d=a", downward=True),
    "one segment of each": b"Content-Type: a/b" + numbered(b"; n%d*0=a"),
    "escapes": filled(b"\x1b$B", b"From: \xff"),
    "words of a parameter": filled(b"a ", b"Content-Type: a/b; name="),
    "quotes of a parameter": filled(b'\\"', b'Content-Type: a/b; name="'),
    "letters of a parameter": filled(b"a", b'Content-Type: a/b; name="'),
    "percents": filled(b"%", b"Content-Disposition: attachment; filename*=x''"),
    "dates": filled(b"1 Jan ", b"Date: "),
    "comments of a date": filled(b"(", b"Date: "),
    "long identifier": filled(b"a", b"Message-ID: <", b"@x>"),
    "identifiers": filled(b"<a@b> ", b"References: "),
}
BODIES = {
    "spaces at ends of lines": filled(b" \n", QP),
    "soft line ends": filled(b"=\n", QP),
    "equals": filled(b"=", QP),
    "junk in base64": filled(b"A!", BASE64),
    "ends in base64": filled(b"YQ==", BASE64),
    "uuencode without end": filled(b"begin 644 x\n"),
    "files in uuencode": filled(b"begin 644 x\n#0V%T\n`\nend\n", b"\n"),
    "parts": filled(b"--b\n\n\n", MIXED),
    "parts inside each other": b"".join(
        multipart(b"b%d" % depth) + b"--b%d\n" % depth for depth in range(2_000)
    ),
    "parts with one boundary": filled(MIXED + b"--b\n"),
    "multiparts with one boundary": filled(b"--b\n" + MIXED, MIXED),
    "boundaries that begin alike": b"".join(
        multipart(b"b" * length) + b"--" + b"b" * length + b"\n" for length in range(1, 90)
    )
    + b"--bb\n" * (OCTETS // 5),
    "boundaries that never come": filled(b"--a\nContent-Type: a/b\n\n", multipart(b"z")),
    "messages inside each other": filled(b"Content-Type: message/rfc822\n\n"),
    "recipients of a report": filled(b"Action: failed\n\n", STATUS),
    "empty lines of a report": filled(b" \n", STATUS + b"Action: failed\n"),
    "elements": filled(b"<div>", HTML),
    "lists": filled(b"<ul><li>", HTML),
    "tags without end": filled(b"<p ", HTML),
    "entities": filled(b"&amp", HTML),
    "entities without end": filled(b"&#65", HTML),
    "hidden": filled(b"<p style='display:none'>", HTML),
    "flowed": filled(b"> \n", b"Content-Type: text/plain; format=flowed\n\n"),
    "escapes of ISO-2022-JP": filled(
        b"\x1b$B", b"Content-Type: text/plain; charset=iso-2022-jp\n\n\xff"
    ),
    "guessed charset": filled(b"\xe9\xe8a", b"\n"),
    "files of TNEF": TNEF + winmail.stream(*[FILE_BEGIN] * (OCTETS // 11)),
    "TNEF with a length that lies": filled(
        b"x", TNEF + winmail.stream(struct.pack("<BII", 1, winmail.DATA, 0xFFFFFFFF))
    ),
    "packed RTF": packed(b"\0aaaaaaaa" + filled(b"\xff" + b"\x0d\x0f" * 8)),
    "groups of RTF": packed(filled(b"{", b"{\\rtf1 "), b"MELA"),
    "characters of RTF": packed(filled(b"\\u1?", b"{\\rtf1 "), b"MELA"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_takes_much_memory(name: str) -> None:
    answers_in_little(HEADERS[name] + b"\n\nbody\n")


@pytest.mark.parametrize("name", BODIES)
def test_no_body_takes_much_memory(name: str) -> None:
    answers_in_little(BODIES[name])


def answers_in_little(source: bytes) -> None:
    parts = len(parts_of(Email.from_source(source)))
    with in_little(MEMORY * len(source) + PART * parts + MIB // 2):
        email = Email.from_source(source)
        for question in EMAIL:
            getattr(email, question)
        for file in files_of(email):
            for question in FILE:
                getattr(file, question)
        assert len(parts_of(email)) == parts
