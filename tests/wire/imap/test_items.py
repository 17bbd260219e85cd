"""What a FETCH may ask for: nothing that marks a message as seen."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.wire.imap.items import binary_peek, binary_size, item, peek


@pytest.mark.parametrize(
    "word",
    [
        *("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE", "MODSEQ"),
        *("EMAILID", "THREADID", "PREVIEW", "PREVIEW (LAZY)", "X-GM-MSGID", "X-GM-LABELS"),
        *("BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[1.2.MIME]", "BODY.PEEK[1.TEXT]<0.100>"),
        *("BODY.PEEK[HEADER.FIELDS (Date Message-ID)]", "BODY.PEEK[2.HEADER.FIELDS.NOT (To)]"),
        *("BINARY.PEEK[1.2]", "BINARY.PEEK[]<5.10>", "BINARY.SIZE[1]", "RFC822.HEADER"),
    ],
)
def test_what_leaves_no_trace_may_be_fetched(word: str) -> None:
    assert word.encode() == item(word)
    assert word.encode() == item(word.encode())


@pytest.mark.parametrize(
    "word",
    [
        *("BODY[]", "BODY[TEXT]", "BINARY[1]", "RFC822", "RFC822.TEXT", "rfc822", "ALL", "FAST"),
        *("FULL", "full", "body[]", "", " ", "UID FLAGS", "UID)", "(UID", "FLAGS\r\nA1 LOGOUT"),
        *("BODY.PEEK[", "BODY.PEEK[]\r", "BODY.PEEK[0]", "BODY.PEEK[1.]", "BODY.PEEK[MIME]"),
        *("BODY.PEEK[HEADER.FIELDS ()]", "BODY.PEEK[HEADER.FIELDS (a\nb)]", "BODY.PEEK[]<0.0>"),
        *("BODY.PEEK[é]", "UID\0", "BODY.PEEK[1] BODY[1]", "BODY.PEEK[HEADER.FIELDS ({3})]"),
        "x" * 100_000,
    ],
)
def test_everything_else_is_refused(word: str) -> None:
    with pytest.raises(Misused):
        item(word)


def test_sections_are_put_together() -> None:
    assert b"BODY.PEEK[]" == peek()
    assert b"BODY.PEEK[1.2]<0.1024>" == peek("1.2", octets=1024)
    assert b"BODY.PEEK[]<10.9223372036854775807>" == peek(offset=10)
    assert b"BODY.PEEK[HEADER.FIELDS (From List-Id)]" == peek(fields=("From", "List-Id"))
    assert b"BODY.PEEK[2.HEADER.FIELDS (From)]" == peek("2", fields=["From"])
    assert b'BODY.PEEK[HEADER.FIELDS ("odd[name")]' == peek(fields=["odd[name"])
    assert b"BINARY.PEEK[1]<5.6>" == binary_peek("1", offset=5, octets=6)
    assert b"BINARY.SIZE[1.2]" == binary_size("1.2")


@pytest.mark.parametrize("name", ["", "a\rb", "é", 'a"b', "x" * 2_000])
def test_odd_fields_are_refused(name: str) -> None:
    with pytest.raises(Misused):
        peek(fields=[name])


@pytest.mark.parametrize(("offset", "octets"), [(-1, 5), (0, 0), (0, -1), (2**63, 1), (True, 1)])
def test_odd_ranges_are_refused(offset: int, octets: int) -> None:
    with pytest.raises(Misused):
        peek(offset=offset, octets=octets)
