"""What is read by its shape is read as by walking: the quick way is only quick."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.model.limits import Limits
from courriel.wire.imap import body, envelope, fetch
from courriel.wire.imap.cursor import Cursor, Raw
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.shapes import cut
from courriel.wire.imap.usual_parts import usual_parts

LIMITS = Limits()
MANY_ADDRESSES = (
    b'("Sat, 21 Nov 2026 12:00:00 +0000" "Minutes" (("=?utf-8?q?Ad=C3=A4?=" NIL "ada" "b.org")) '
    b'(("=?utf-8?q?Ad=C3=A4?=" NIL "ada" "b.org")) (("Ada" NIL "ada" "b.org")) '
    b'(("Bob" NIL "bob" "b.org")(NIL NIL "carol" "b.org") (NIL NIL "d" "b")) '
    b'(("Dave, \\"of\\" the board" NIL "dave" "b.org")) NIL NIL "<1@b.org>")'
)
GROUP = (
    b'(NIL "a \\\\ b" NIL NIL NIL ((NIL NIL "friends" NIL)("E" NIL "e" "b.org")'
    b'(NIL NIL NIL NIL)) NIL NIL "<a@b> <c@d>" "")'
)
EMPTY = (
    b'("" "" (("" "" "" "")) ((NIL "<@x:" "MISSING_MAILBOX" "MISSING_DOMAIN")) NIL NIL NIL NIL '
    b'" <\xc3\xa9@b> " "plain")'
)
ODD = (
    b'("Fri, 1 Jan 2021 24:00:00 +0100" "=?utf-8?b?w6k=?= =?utf-8?b?w6k=?=" '
    b'(("\\"Ada\\"" NIL "a b" "c.d")) (("<a@b.c>" NIL "Ada" NIL)) NIL NIL NIL NIL NIL NIL)'
)
ENVELOPES = [MANY_ADDRESSES, GROUP, EMPTY, ODD]
NESTED = (
    b'((("text" "plain" ("charset" "us-ascii" "format" "flowed") NIL NIL "7bit" 1164 16 '
    b'NIL NIL NIL NIL)("text" "html" ("charset" "utf-8") NIL NIL "quoted-printable" 16 0 '
    b'NIL NIL NIL NIL) "alternative" ("boundary" "=_a") NIL NIL NIL)'
    b'("application" "pdf" ("name" "a \\"b\\".pdf" "name" "c") "<\\"i>" NIL "base64" 7008 NIL '
    b'("attachment" ("filename" "=?utf-8?q?=C3=A9?=.pdf" "size" NIL)) ("en" "de") "there") '
    b'"MIXED" ("boundary" "=_m") NIL NIL NIL)'
)
WITH_A_MESSAGE = (
    b'(("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) '
    b'("a" "b" NIL NIL NIL "7bit" 1) 3) "digest")'
)
BODIES = [
    b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 632 9 NIL NIL NIL NIL)',
    b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 6 1)',
    b'("image" "x-odd" ("name*0" "a" "name*1" "b.png") "<id@x>" "what" "base64" 6)',
    NESTED,
    b'(("text" "plain" NIL NIL NIL "x y" 6 1)("a/b" "c" NIL NIL NIL "7bit" 2 NIL "inline")"mixed")',
    WITH_A_MESSAGE,
]
USUAL_BODIES = BODIES[:4]
PIECES = re.compile(rb'[A-Za-z]+|[0-9]+|"[^"]*"|.', re.DOTALL)
MARKS = [b"(", b")", b'"', b" ", b"NIL", b"{3}", b"7", b"\\", b'"x"', b'"charset"', b'"7 bit"']


@st.composite
def changed(draw: st.DrawFn, values: list[bytes]) -> bytes:
    """Values with a few pieces dropped, doubled, exchanged, or put in."""
    pieces: list[bytes] = PIECES.findall(draw(st.sampled_from(values)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["drop", "double", "put", "swap", "replace"])):
            case "drop" if len(pieces) > 1:
                del pieces[at]
            case "double":
                pieces.insert(at, pieces[at])
            case "put":
                pieces.insert(at, draw(st.sampled_from(MARKS)))
            case "replace":
                pieces[at] = draw(st.sampled_from(MARKS))
            case _:
                other = draw(st.integers(0, len(pieces) - 1))
                pieces[at], pieces[other] = pieces[other], pieces[at]
    return b"".join(pieces)


def test_a_value_and_its_shape() -> None:
    assert (b'(" NIL ")', [b"(", b"a", b" NIL ", b"b c", b")", None]) == cut(
        Raw(b'("a" NIL "b c")')
    )
    assert (b'(")', [b"(", b'a"b', b")", None]) == cut(Raw(b'("a\\"b")'))


@pytest.mark.parametrize(
    "raw",
    [
        Raw(b'("a'),
        Raw(b'("a\\"'),
        Raw(b'("a\\" "b\\" "c")'),
        Raw(b"({1} NIL)", (b"a",)),
        Raw(b"(" + b"NIL " * 300 + b")"),
    ],
)
def test_a_value_that_is_not_cut(raw: Raw) -> None:
    assert cut(raw) is None


@pytest.mark.parametrize("text", ENVELOPES)
def test_usual_envelopes_are_read_by_their_shape(text: bytes) -> None:
    found = envelope.by_shape(Raw(text), LIMITS)
    assert found is not None
    assert (found, []) == envelope.by_walking(Raw(text), LIMITS)


@pytest.mark.parametrize("text", USUAL_BODIES)
def test_usual_structures_are_read_by_their_shape(text: bytes) -> None:
    found = usual_parts(Raw(text), LIMITS)
    assert found is not None
    assert (found, []) == body.by_walking(Raw(text), LIMITS)


@given(changed(ENVELOPES))
def test_an_envelope_says_the_same_in_both_ways(text: bytes) -> None:
    found = envelope.by_shape(Raw(text), LIMITS)
    if found is not None:
        assert (found, []) == envelope.by_walking(Raw(text), LIMITS)


@given(changed(BODIES))
def test_a_structure_says_the_same_in_both_ways(text: bytes) -> None:
    found = usual_parts(Raw(text), LIMITS)
    if found is not None:
        assert (found, []) == body.by_walking(Raw(text), LIMITS)


NSTRINGS = st.one_of(
    st.none(),
    st.sampled_from([b"ada", b"b.org", b"=?utf-8?q?=C3=A9?=", b"MISSING_DOMAIN", b"<a@b.c>", b""]),
    st.binary(max_size=6).map(lambda octets: octets.replace(b"\r", b"").replace(b"\n", b"")),
)


def nstring(octets: bytes | None) -> bytes:
    return b"NIL" if octets is None else b'"%b"' % re.sub(rb'(["\\])', rb"\\\1", octets)


@given(
    st.lists(NSTRINGS, min_size=4, max_size=4),
    st.lists(st.lists(st.tuples(*[NSTRINGS] * 4), max_size=3), min_size=6, max_size=6),
)
def test_any_envelope_says_the_same_in_both_ways(
    texts: list[bytes | None], lists: list[list[tuple[bytes | None, ...]]]
) -> None:
    people = [
        b"(%b)" % b"".join(b"(%b)" % b" ".join(map(nstring, one)) for one in several)
        if several
        else b"NIL"
        for several in lists
    ]
    date, subject, reply, identifier = map(nstring, texts)
    text = b"(%b)" % b" ".join([date, subject, *people, reply, identifier])
    found = envelope.by_shape(Raw(text), LIMITS)
    assert found is not None
    assert (found, []) == envelope.by_walking(Raw(text), LIMITS)


@given(st.lists(st.sampled_from(MARKS), max_size=12))
def test_numbers_are_never_mistaken(marks: list[bytes]) -> None:
    text = b'("text" "plain" NIL NIL NIL "7bit"' + b"".join(marks) + b")"
    found = usual_parts(Raw(text), LIMITS)
    if found is not None:
        assert (found, []) == body.by_walking(Raw(text), LIMITS)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        (NESTED, Limits(imap_parts=2)),
        (NESTED, Limits(imap_nesting=1)),
        (BODIES[0].replace(b"632", b"1" * 20), LIMITS),
    ],
)
def test_what_is_beyond_a_bound_is_left_to_whoever_walks(text: bytes, limits: Limits) -> None:
    assert usual_parts(Raw(text), limits) is None


def test_too_many_addresses_are_left_to_whoever_walks() -> None:
    limits = Limits(imap_addresses=5)
    assert envelope.by_shape(Raw(MANY_ADDRESSES), limits) is None
    assert ["more than 5 addresses"] == envelope.read(Raw(MANY_ADDRESSES), limits)[1]


PLAIN = MANY_ADDRESSES.replace(b"\\", b"").replace(b'"of"', b"of")
WITH_ESCAPES = (
    b'* 1 FETCH (UID 1 FLAGS (\\Seen $X) INTERNALDATE "14-Nov-2023 22:13:20 +0000" '
    b'RFC822.SIZE 9000 PREVIEW "abc" ENVELOPE '
    + MANY_ADDRESSES
    + b" BODYSTRUCTURE "
    + NESTED
    + b")"
)
ANSWERS = [
    b"* 2 FETCH (ENVELOPE " + PLAIN + b" UID 2 MODSEQ (4) FLAGS () PREVIEW {3})",
    b"* 3 FETCH (FLAGS (\\Seen) BODYSTRUCTURE " + BODIES[0] + b" UID 3 PREVIEW NIL)",
    b'* 4 FETCH (EMAILID (M1) THREADID (T-1) PREVIEW "\xc3\xa9" UID 4 RFC822.SIZE 7)',
    b'* 5 FETCH (THREADID NIL INTERNALDATE "14-Nov-2023 22:13:20 +0000")',
]


def in_many_steps(frame: Frame) -> Fetched:
    cursor = Cursor(frame.text, frame.literals, LIMITS, frame.text.index(b"(") + 1)
    return fetch.read(cursor, int(frame.text.split()[1]))


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_says_the_same_in_one_step(text: bytes) -> None:
    frame = Frame(text, (b"abc",) if b"{" in text else ())
    assert in_many_steps(frame) == fetch.read_listed(frame, LIMITS)


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        (WITH_ESCAPES, ()),
        (ANSWERS[0], ()),
        (ANSWERS[0], (b"abcd",)),
        (ANSWERS[0], (b"abc", b"abc")),
        (ANSWERS[1], (b"abc",)),
        (b"* 1 FETCH (BODY[] {3})", (b"abc",)),
        (b"* 1 FETCH (PREVIEW {5000})", (b"x" * 5000,)),
        (b"* 1 FETCH (EMAILID (nil))", ()),
        (b"* 1 FETCH ()", ()),
    ],
)
def test_an_answer_that_takes_many_steps(text: bytes, literals: tuple[bytes, ...]) -> None:
    assert fetch.read_listed(Frame(text, literals), LIMITS) is None


@given(changed([*ANSWERS, WITH_ESCAPES]), st.sampled_from([(), (b"abc",), (b"abc", b"abc")]))
def test_an_answer_that_is_read_in_one_step_is_read_the_same_in_many(
    text: bytes, literals: tuple[bytes, ...]
) -> None:
    frame = Frame(text, literals)
    listed = fetch.read_listed(frame, LIMITS)
    if listed is not None:
        assert in_many_steps(frame) == listed
