"""FETCH: every item of the RFCs, in any spelling, and its envelope and structure when asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from courriel.errors import Garbled
from courriel.model import dates
from courriel.model.address import Address
from courriel.model.envelope import Envelope
from courriel.model.limits import Limits
from courriel.model.spool import Spool
from courriel.model.summary import Part
from courriel.wire.imap import moments
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.parse import parse

ENVELOPE = (
    b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'((NIL NIL "imap" "cac.washington.edu")) '
    b'((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) '
    b'NIL NIL "<B27397-0100000@cac.washington.edu>")'
)
TERRY = Address("Terry Gray", "gray@cac.washington.edu")


def fetched(text: bytes, *literals: bytes | Spool, limits: Limits | None = None) -> Fetched:
    answer = parse(Frame(b"* 12 FETCH " + text, literals), limits or Limits())
    assert isinstance(answer, Fetched)
    return answer


def test_the_example_of_rfc_3501() -> None:
    answer = fetched(
        b'(FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE '
        + ENVELOPE
        + b' BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))'
    )
    pacific = timezone(timedelta(hours=-7))
    assert (12, None, 4286) == (answer.number, answer.uid, answer.size)
    assert frozenset({"\\Seen"}) == answer.flags
    assert datetime(1996, 7, 17, 2, 44, 25, tzinfo=pacific) == answer.received
    assert (
        Envelope(
            date=datetime(1996, 7, 17, 2, 23, 25, tzinfo=pacific),
            subject="IMAP4rev1 WG mtg summary and minutes",
            sender=TERRY,
            authors=(TERRY,),
            reply_to=(TERRY,),
            to=(Address("", "imap@cac.washington.edu"),),
            cc=(
                Address("", "minutes@CNRI.Reston.VA.US"),
                Address("John Klensin", "KLENSIN@MIT.EDU"),
            ),
            message_id="<B27397-0100000@cac.washington.edu>",
        )
        == answer.read_envelope()
    )
    assert (
        Part(
            "1",
            "text/plain",
            None,
            3028,
            "7bit",
            "US-ASCII",
            parameters={"charset": "US-ASCII"},
            lines=92,
        ),
    ) == answer.read_structure()
    assert () == answer.defects


def test_sections_by_their_names() -> None:
    answer = fetched(
        b'(UID 7 BODY[] {3} BODY[HEADER] {1} BODY[1.2] "two" BODY[1.MIME] NIL '
        b'BODY[HEADER.FIELDS ("Date" from)] {2} BODY[TEXT]<5> {4} BINARY[1] ~{2} BINARY.SIZE[1] 9 '
        b"RFC822.TEXT {1} BODY[3] {0})",
        *(b"abc", b"h", b"hf", b"part", b"\x00\xff", b"t", b""),
    )
    assert {
        "": b"abc",
        "HEADER": b"h",
        "1.2": b"two",
        "1.MIME": None,
        "HEADER.FIELDS (DATE FROM)": b"hf",
        "TEXT<5>": b"part",
        "BINARY:1": b"\x00\xff",
        "TEXT": b"t",
        "3": b"",
    } == answer.sections
    assert {"1": 9} == answer.binary_sizes
    assert {"": b"m", "HEADER": b"h"} == fetched(
        b"(RFC822 {1} RFC822.HEADER {1})", b"m", b"h"
    ).sections


def test_a_spooled_body_is_passed_on_unread() -> None:
    spool = Spool(5)
    spool.write(b"large")
    answer = fetched(b"(UID 7 BODY[] {5} FLAGS ())", spool)
    assert spool is answer.sections[""]
    assert frozenset() == answer.flags


def test_items_of_the_extensions() -> None:
    answer = fetched(
        b'(MODSEQ (624140003) PREVIEW "Gr\xc3\xbc\xc3\x9fe" '
        b"EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9) "
        b"X-GM-MSGID 1278455344230334865 X-GM-THRID 1266894439832287888 "
        b'X-GM-LABELS (\\Inbox "M&APw-ll" foo) SAVEDATE "01-Jan-2015 00:00:00 +0000" X-NEW (1 (2)))'
    )
    assert 624140003 == answer.modseq
    assert "Grüße" == answer.preview
    assert ("M6d99ac3275bb4e", "T64b478a75b7ea9") == (answer.email_id, answer.thread_id)
    assert 1278455344230334865 == answer.gm_message_id
    assert 1266894439832287888 == answer.gm_thread_id
    assert frozenset({"\\Inbox", "Müll", "foo"}) == answer.labels
    assert datetime(2015, 1, 1, tzinfo=UTC) == answer.saved_at
    assert {"X-NEW": b"(1 (2))"} == answer.unknown


def test_nothing_was_sent() -> None:
    answer = fetched(b"()")
    assert Envelope() == answer.read_envelope()
    assert () == answer.read_structure()
    assert answer.received is None
    assert answer.saved_at is None
    assert "Fetched(number=12, uid=None)" == repr(answer)


def test_literals_inside_an_envelope() -> None:
    answer = fetched(
        b'(ENVELOPE ({31} {5} (({4} NIL "ada" "example.org")) NIL NIL NIL NIL NIL NIL NIL) UID 5)',
        *(b"Sun, 01 Nov 2026 10:00:00 +0100", b'a"b(c', b"Ada\x00"),
    )
    envelope = answer.read_envelope()
    assert 5 == answer.uid
    assert 'a"b(c' == envelope.subject
    assert Address("Ada", "ada@example.org") == envelope.sender
    assert datetime(2026, 11, 1, 9, tzinfo=UTC) == envelope.date


def test_groups_give_their_members() -> None:
    answer = fetched(
        b'(ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL "boys" NIL)(NIL NIL "a" "x.org")'
        b'(NIL NIL NIL NIL)(NIL NIL "none" NIL)(NIL NIL NIL NIL)'
        b'(NIL NIL "b" "x.org")) NIL NIL NIL NIL))'
    )
    assert ["a@x.org", "b@x.org"] == [address.address for address in answer.read_envelope().to]


def test_what_an_envelope_says_is_decoded() -> None:
    answer = fetched(
        b'(ENVELOPE ("1 Nov 26 10:00" "=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?q?!?=" '
        b'(("=?utf-8?q?J=C3=BCrgen?= \\"J\\"" NIL "j o" "x.org")) NIL NIL NIL NIL NIL '
        b'"<a@b> <c@d>" "no brackets"))'
    )
    envelope = answer.read_envelope()
    assert "Grüße!" == envelope.subject
    assert 'Jürgen "J"' == envelope.authors[0].name
    assert '"j o"@x.org' == envelope.authors[0].address
    assert envelope.authors == envelope.reply_to
    assert ("<a@b>", "no brackets") == (envelope.in_reply_to, envelope.message_id)
    assert datetime(2026, 11, 1, 10, tzinfo=UTC) == envelope.date


@pytest.mark.parametrize(
    "text",
    [
        b"17-Jul-1996 02:44:25 -0700",
        b" 7-Jul-1996 02:44:25 +0530",
        b"07-Jul-1996 02:44:25 -0030",
        b"31-Feb-1996 02:44:25 -0700",
        b"17-Jul-1996 02:44:60 +0000",
        b"17-Abc-1996 02:44:25 +0000",
        b"17-Jul-1996 02:44:25 +9900",
        b"00-Jan-0000 00:00:00 +0000",
        b"",
        b"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
        b"17 Jul 1996 02:23:25 +0000",
        b"Wed, 17 Jul 96 02:23:25 EST",
    ],
)
def test_the_quick_way_reads_dates_as_the_tolerant_one(text: bytes) -> None:
    slow = dates.read(text.decode())
    assert slow == moments.arrival(text) == moments.written(text)
    if slow is not None:
        assert [slow.utcoffset()] * 2 == [
            moment.utcoffset()
            for moment in (moments.arrival(text), moments.written(text))
            if moment
        ]


def test_an_envelope_without_an_end_costs_only_what_is_behind_it() -> None:
    answer = fetched(b'(UID 5 FLAGS (\\Seen) ENVELOPE (NIL "a" ((NIL NIL "a" "b.org")) NIL')
    assert 5 == answer.uid
    assert frozenset({"\\Seen"}) == answer.flags
    assert "a" == answer.read_envelope().subject
    assert answer.read_envelope().sender == Address("", "a@b.org")
    assert "ENVELOPE without an end, and nothing behind it can be read" == answer.defects[0]
    assert "no BODYSTRUCTURE" not in answer.defects
    assert () == answer.read_structure()
    assert "no BODYSTRUCTURE" == answer.defects[-1]


@pytest.mark.parametrize(
    "text",
    [
        b"(UID)",
        b"(UID x)",
        b"(FLAGS)",
        b"(FLAGS (\\Seen)",
        b"(BODY[)",
        b"(BODY[] {5})",
        b"(FOO[1] 5)",
        b"(UID 5) x",
        b"(=)",
        b"UID 5",
        b"(RFC822.SIZE (1))",
    ],
)
def test_nonsense_is_garbled(text: bytes) -> None:
    if text == b"(FLAGS (\\Seen)":
        # Only the last parenthesis is missing.
        assert frozenset({"\\Seen"}) == fetched(text).flags
        return
    with pytest.raises(Garbled):
        fetched(text)


def test_a_literal_of_another_size_is_garbled() -> None:
    with pytest.raises(Garbled):
        fetched(b"(BODY[] {5})", b"four")
    with pytest.raises(Garbled):
        fetched(b"(X {5})")
