"""Broken and hostile IMAP servers (security.md, 1.7: H01 to H09, H15 to H18): size and grammar.

What is lost is one answer, or one message; the session goes on as long as its framing does. Where
it does not, the error has a name and comes at once. Everything happens on virtual time.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from courriel import CourrielError, Disconnected, Garbled, Limits, Refused, Timeout
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink

pytestmark = pytest.mark.virtual

MIB = 1024 * 1024
PATIENCE = Timeout(connect=5, read=7)
CHUNKS = pytest.mark.parametrize("chunk", [None, 1, 7])
MAIL = "Subject: hello\r\n\r\nHi.\r\n"
WHOLE = f"* 1 FETCH (UID 1 BODY[] {{{len(MAIL)}}}\r\n{MAIL})"


@contextmanager
def in_little() -> Iterator[None]:
    """Expect that it takes little memory and little time."""
    start = time.monotonic()
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * MIB
    # Tracing makes it slow, and the machine may be busy: this is about squares, not seconds.
    assert time.monotonic() - start < 30


def session_at(face: Face, sink: Any, *, chunk: int | None = None, **arguments: Any) -> Any:
    options = {"timeout": PATIENCE} | arguments
    return face.scripted(ScriptedServer(sink, chunk=chunk), "IMAPSession", **options)


def fetching(answer: str | bytes, *capabilities: str) -> ImapSink:
    """A server that answers a FETCH so; ``TAG`` ends it."""
    return ImapSink(*capabilities, answers={"UID FETCH": answer})


async def hi(session: Any) -> None:
    """Fetch the message that the server has, to see whether the session is in step."""
    assert "hello" == (await session.fetch(1)).subject


# H01, H02: literals.

HUGE = {
    "H01": "* OK {99999999999}\r\nabc",
    "untagged": "* LIST () NIL {99999999999}\r\nabc",
    "body": "* 1 FETCH (UID 1 BODY[] {99999999999}\r\nabc",
    "64 bits": "* 1 FETCH (UID 1 BODY[] {18446744073709551616}\r\nabc",
    "binary": "* 1 FETCH (UID 1 BINARY[1] ~{99999999999}\r\nabc",
    "tagged": "TAG OK {99999999999}\r\nabc",
    "40 digits": f"* LIST () NIL {{{'9' * 40}}}\r\nabc",
}


@CHUNKS
@pytest.mark.parametrize("answer", list(HUGE.values()), ids=list(HUGE))
async def test_h01_a_literal_is_refused_by_its_size(
    face: Face, answer: str, chunk: int | None
) -> None:
    session = session_at(face, fetching(answer), chunk=chunk)
    await session.open()
    with in_little(), pytest.raises(Garbled) as caught:
        await session.fetch(1)
    assert "literal" in str(caught.value)
    assert not session.usable
    await session.close()


ODD = [
    *(
        "{-1}",
        "{}",
        "{1+}",
        "{ 1}",
        "{1 }",
        "{0x1}",
        "{1",
        "1}",
        "{{1}",
        "{1}}x",
        "{1}x",
        "{\u0661}",
    ),
    "{" + "9" * 41 + "}",
    "{" + "9" * 1_000_000 + "}",
    "{" * 100_000,
    "}" * 100_000,
]


@pytest.mark.parametrize("marker", ODD, ids=lambda text: text[:8] + str(len(text)))
@pytest.mark.parametrize("start", ["* LIST () NIL ", "* 2 FETCH (UID 2 BODY[] ", "* X ", "* OK "])
async def test_h02_what_is_no_marker_is_text(face: Face, start: str, marker: str) -> None:
    if marker.endswith("{1}"):
        return
    sink = fetching(f"{start}{marker}\r\n{WHOLE}\r\nTAG OK")
    async with session_at(face, sink) as session:
        with in_little():
            await hi(session)


@CHUNKS
async def test_h02_leading_zeros_count_for_nothing(face: Face, chunk: int | None) -> None:
    sink = fetching("* 1 FETCH (UID 1 BODY[] {012}\r\nSubject: a\r\n)\r\nTAG OK")
    async with session_at(face, sink, chunk=chunk) as session:
        assert "a" == (await session.fetch(1)).subject


@CHUNKS
async def test_h02_binary_literals_are_literals(face: Face, chunk: int | None) -> None:
    sink = fetching(f"* LIST () NIL ~{{5}}\r\na\r\nTA\r\n{WHOLE}\r\nTAG OK")
    async with session_at(face, sink, chunk=chunk) as session:
        await hi(session)


# H03: endless.

PIECES: dict[str, bytes] = {
    "no line end": b"a" * MIB,
    "a line": b"* LIST () NIL " + b"a" * MIB,
    "NUL": b"\0" * MIB,
    "returns": b"\r" * MIB,
    "empty lines": b"\r\n" * (MIB // 2),
    "quoted": b'* LIST () "/" "' + b"\xc3\xa9" * (MIB // 2),
    "parentheses": b"* 1 FETCH (BODYSTRUCTURE " + b"(" * MIB,
    "literals in one": b"{200000}\r\n" + b"a" * 200_000,
    "tiny literals": b"{1}\r\na" * (MIB // 6),
    "empty literals": b"{0}\r\n" * (MIB // 5),
    "invitations": b"+ go on\r\n" * (MIB // 9),
    "tagged": b"A9 OK\r\n" * (MIB // 7),
    "EXISTS": b"* 3 EXISTS\r\n" * (MIB // 12),
    "unknown": b"* X-WHO KNOWS\r\n" * (MIB // 15),
    "alerts": b"* OK [ALERT] " + b"!" * 1_000 + b"\r\n",
    "capabilities": b"* CAPABILITY "
    + b" ".join(b"%06d" % number for number in range(MIB // 7))
    + b"\r\n",
    "enabled": b"* ENABLED " + b" ".join(b"%06d" % n for n in range(MIB // 7)) + b"\r\n",
    "flags": b"* FLAGS (" + b" ".join(b"%06d" % n for n in range(MIB // 7)) + b")\r\n",
    "expunges": b"* 1 EXPUNGE\r\n" * (MIB // 13),
    "vanishing": b"* VANISHED 1:4294967295\r\n" * (MIB // 25),
    "bodies": b"* 9 FETCH (UID 9 BODY[] {200000}\r\n" + b"a" * 200_000 + b")\r\n",
}


class Endless:
    """A server that behaves until it hears ``verb``, and then does not end, for eight pieces."""

    def __init__(self, verb: bytes, piece: bytes) -> None:
        self._sink = ImapSink()
        self._verb = verb
        self._piece = piece
        self.pieces = 0
        self._streaming = False

    def __call__(self, heard: bytes) -> bytes:
        self._streaming = self._streaming or self._verb in heard
        if not self._streaming:
            return self._sink(heard)
        self.pieces += 1
        return self._piece if self.pieces <= 8 else b""


@pytest.mark.parametrize("piece", list(PIECES.values()), ids=list(PIECES))
@pytest.mark.parametrize("verb", [b"CAPABILITY", b"EXAMINE", b"UID FETCH"])
async def test_h03_an_answer_without_end_takes_little_memory(
    face: Face, verb: bytes, piece: bytes
) -> None:
    endless = Endless(verb, piece)
    if verb == b"CAPABILITY":
        endless._sink = ImapSink(greeting="* OK hi")
    session = session_at(face, endless, limits=Limits(literal_memory=64 * 1024))
    with in_little(), pytest.raises(CourrielError):
        await session.open()
        await session.fetch(1)
    assert not session.usable
    await session.close()


@pytest.mark.parametrize(
    "line",
    [
        b'* LIST () "/" a\r\n',
        b"* 1 FETCH (UID 1 FLAGS ())\r\n",
        b"* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n",
        b"* SEARCH 1 2 3\r\n",
        b"* STATUS INBOX (MESSAGES 1)\r\n",
    ],
)
@pytest.mark.parametrize("call", ["folders", "fetch", "status", "search"])
async def test_h03_answers_are_counted(face: Face, call: str, line: bytes) -> None:
    verb = {"folders": b"LIST", "fetch": b"UID FETCH", "status": b"STATUS", "search": b"UID SEARCH"}
    session = session_at(
        face,
        Endless(verb[call], line * 10_000),
        limits=Limits(answers=20_000),
        timeout=Timeout(connect=5, read=7, total=20),
    )
    await session.open()
    arguments: dict[str, tuple[Any, ...]] = {"fetch": (1,), "search": (_unseen(),)}
    with in_little(), pytest.raises(CourrielError):
        await getattr(session, call)(*arguments.get(call, ()))
    await session.close()


def _unseen() -> Any:
    from courriel import where

    return where.unseen


# H04, H05: many, and many in a few words.


async def test_h04_200_000_tiny_literals_take_linear_time(face: Face) -> None:
    answer = b"* X (" + b"{1}\r\na" * 200_000 + b")\r\n" + WHOLE.encode() + b"\r\nTAG OK\r\n"
    async with session_at(face, fetching(answer)) as session:
        start = time.monotonic()
        await hi(session)
        assert time.monotonic() - start < 5


WIDE = {
    "COPYUID": "* OK [COPYUID 1 1:4294967295 1:4294967295] ok",
    "VANISHED": "* VANISHED 1:4294967295",
    "VANISHED EARLIER": "* VANISHED (EARLIER) 1:4294967295",
    "ESEARCH": "* ESEARCH ALL 1:4294967295",
    "ESEARCH of a tag": '* ESEARCH (TAG "A2") UID ALL 1:4294967295',
    "MODIFIED": "* OK [MODIFIED 1:4294967295] ok",
    "APPENDUID": "* OK [APPENDUID 1 1:4294967295] ok",
    "SEARCH": "* SEARCH " + " ".join(str(number) for number in range(1, 400_000, 2))[:1_000_000],
    "EXISTS": "* 4294967295 EXISTS",
    "EXPUNGE": "* 4294967295 EXPUNGE",
}


@pytest.mark.parametrize("answer", list(WIDE.values()), ids=list(WIDE))
@pytest.mark.parametrize("offer", ["ESEARCH", "QRESYNC", "UIDPLUS"])
async def test_h05_sets_are_never_expanded(face: Face, answer: str, offer: str) -> None:
    sink = ImapSink(
        offer,
        *("ENABLE", "MOVE", "UIDPLUS"),
        answers={
            "EXAMINE": f"* 3 EXISTS\r\n{answer}\r\nTAG OK ok",
            "SELECT": f"* 3 EXISTS\r\n{answer}\r\nTAG OK ok",
            "UID FETCH": f"{answer}\r\n{WHOLE}\r\nTAG OK",
            "UID SEARCH": f"{answer}\r\nTAG OK",
            "UID COPY": f"TAG {answer[2:]}" if answer.startswith("* OK") else "TAG OK",
            "UID MOVE": f"{answer}\r\nTAG OK",
            "UID STORE": f"{answer}\r\nTAG OK",
        },
    )
    async with session_at(face, sink) as session:
        with in_little():
            await hi(session)
            for call in (
                lambda: session.copy(1, "Archive"),
                lambda: session.move(1, "Archive"),
                lambda: session.flag(1, add="\\Seen"),
                lambda: session.search(_unseen()),
            ):
                try:
                    await call()
                except CourrielError as error:
                    assert error.session_usable
            try:
                assert [] == [one async for one in session.messages(unread=True, limit=3)]
            except CourrielError as error:
                assert error.session_usable
            try:
                async for _ in session.watch(timeout=1):
                    pass
            except CourrielError as error:
                assert error.session_usable
        await hi(session)


# H06: deep, and wide.

STRUCTURES = {
    "open": "(" * 100_000,
    "deep": "(" * 100_000 + ")" * 100_000,
    "deep and whole": "(" * 50_000
    + '("text" "plain" NIL NIL NIL "7bit" 1 1)'
    + ' "mixed")' * 50_000,
    "parameters": '("text" "plain" (' + '"a" "b" ' * 100_000 + ') NIL NIL "7bit" 1 1)',
    "parts": "(" + '("text" "plain" NIL NIL NIL "7bit" 1 1)' * 30_000 + ' "mixed")',
    "numbers": '("text" "plain" NIL NIL NIL "7bit" ' + "9" * 1_000 + " -1)",
    "NIL": "NIL",
    "all NIL": "(NIL NIL NIL NIL NIL NIL NIL NIL)",
    "empty": "()",
    "string": '"x"',
    "negative": '("text" "plain" NIL NIL NIL "7bit" -1 -1)',
    "no type": "(1 2 3)",
    "one": '("text")',
}
ADDRESS = '("x" NIL "y" "example.org")'
ENVELOPES = {
    "100,000 addresses": f'(NIL "s" ({ADDRESS * 100_000}) NIL NIL NIL NIL NIL NIL NIL)',
    "deep": "(" * 100_000 + ")" * 100_000,
    "deep groups": f'(NIL "s" ({"(NIL NIL NIL NIL)" * 10_000}) NIL NIL NIL NIL NIL NIL NIL)',
    "too short": '(NIL "s")',
    "too long": "(" + "NIL " * 1_000 + ")",
    "all NIL": "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
    "empty": "()",
    "string": '"x"',
    "numbers": "(1 2 3 4 5 6 7 8 9 10)",
    "odd date": '("Thu, 99 Foo 99999 99:99:99 +9999" "s" NIL NIL NIL NIL NIL NIL NIL NIL)',
    "8 bit": '(NIL "\udcff\udcfe" NIL NIL NIL NIL NIL NIL NIL NIL)',
    "bomb": '(NIL "' + "=?utf-8?q?x?= " * 50_000 + '" NIL NIL NIL NIL NIL NIL NIL NIL)',
}
GOOD = '(NIL "good" NIL NIL NIL NIL NIL NIL NIL NIL)'
LEAF = '("text" "plain" NIL NIL NIL "7bit" 1 1)'


def listed(number: int, envelope: str, structure: str) -> bytes:
    text = f"* {number} FETCH (UID {number} FLAGS () RFC822.SIZE 9 ENVELOPE {envelope} "
    text += f"BODYSTRUCTURE {structure})\r\n"
    return text.encode("utf-8", "surrogateescape")


async def listing(face: Face, envelope: str, structure: str, **more: Any) -> list[Any]:
    """List three messages of which the second is odd; read all of each summary."""
    said = listed(1, GOOD, LEAF) + listed(2, envelope, structure) + listed(3, GOOD, LEAF)
    sink = ImapSink(
        answers={
            "UID FETCH": said + b"TAG OK\r\n",
            "FETCH": said + b"TAG OK\r\n",
            "UID SEARCH": "* SEARCH 1 2 3\r\nTAG OK",
        }
    )
    async with session_at(face, sink) as session:
        with in_little():
            found = [summary async for summary in session.messages(**more)]
            for summary in found:
                assert summary.envelope is not None
                assert isinstance(summary.parts, tuple)
                assert len(summary.parts) <= 10_000
                assert len(summary.envelope.authors) <= 10_000
                assert isinstance(summary.attachments, tuple)
        await session.noop()
        assert session.usable
    good = [summary for summary in found if summary.id in (1, 3)]
    assert ["good", "good"] == [summary.envelope.subject for summary in good]
    assert [1, 1] == [len(summary.parts) for summary in good]
    return found


@pytest.mark.parametrize("structure", list(STRUCTURES.values()), ids=list(STRUCTURES))
@pytest.mark.parametrize("more", [{}, {"limit": 3}], ids=["search", "numbers"])
async def test_h06_a_structure_that_cannot_be_costs_at_most_its_own_message(
    face: Face, structure: str, more: dict[str, Any]
) -> None:
    found = await listing(face, GOOD, structure, **more)
    assert len(found) in (2, 3)


@pytest.mark.parametrize("envelope", list(ENVELOPES.values()), ids=list(ENVELOPES))
@pytest.mark.parametrize("more", [{}, {"limit": 3}], ids=["search", "numbers"])
async def test_h06_an_envelope_that_cannot_be_costs_at_most_its_own_message(
    face: Face, envelope: str, more: dict[str, Any]
) -> None:
    found = await listing(face, envelope, LEAF, **more)
    assert len(found) in (2, 3)


@pytest.mark.parametrize(
    "answer", ["* THREAD " + "(" * 100_000 + "1" + ")" * 100_000, "* THREAD " + "(1)" * 100_000]
)
async def test_h06_threads_may_be_deep(face: Face, answer: str) -> None:
    sink = ImapSink("THREAD=REFERENCES", answers={"UID THREAD": f"{answer}\r\nTAG OK"})
    async with session_at(face, sink) as session:
        with in_little():
            try:
                await session.threads(_unseen())
            except CourrielError as error:
                assert error.session_usable
        await session.noop()


# H07: tags.


@CHUNKS
@pytest.mark.parametrize(
    "answer",
    [
        *(
            "A9 OK wrong",
            "a2 OK wrong",
            "A OK",
            "OK OK",
            "A03 OK",
            "A3 OK early",
            "* A2 OK\r\nA1 OK",
        ),
        *("TAG OK done\r\nTAG OK twice", "A1 OK again\r\nTAG OK", "A3 NO x", "A4 BAD x"),
    ],
)
async def test_h07_a_wrong_tag_ends_the_session_at_once(
    face: Face, answer: str, chunk: int | None
) -> None:
    sink = fetching(f"{WHOLE}\r\n{answer}")
    session = session_at(face, sink, chunk=chunk)
    await session.open()
    with pytest.raises(CourrielError):
        # A second answer to a command may come behind it, when it has been believed.
        await session.fetch(1)
        await session.fetch(1)
    assert not session.usable
    await session.close()


@CHUNKS
@pytest.mark.parametrize(
    "answer",
    [
        *("* 99 NOOP", "* X-UNKNOWN (1 2 3)", "* ", "*", "* 5", "* (", "* [", '* "x"', "* 1 FETCH"),
        *("* 1 FETCH (", "* 1 FETCH (UID)", "* 1 FETCH (UID x)", "* 1 FETCH (BODY[] )", "* LIST"),
        *("* 0 FETCH (UID 1)", "* 99999999999 EXISTS", "* -1 EXISTS", "* STATUS", "* SEARCH x"),
        *("* 1 EXPUNGE x", "* FLAGS", "* FLAGS (", "* OK [", "* OK [UIDNEXT", "* OK [UIDNEXT x]"),
        *("* ESEARCH (", "* NAMESPACE", "* QUOTA", "* ENABLED", "* ID (", "* VANISHED", "* BAD x"),
        *("*  OK two blanks", "* ok", "* NO", "* THREAD (", "* SORT -1", "* CAPABILITY", "* +"),
        "* 1 FETCH (UID 1 X-NEW {3}\r\na)b X-LIST (1 (2 {1}\r\n))) BODY[HEADER] NIL)",
    ],
)
async def test_h07_h09_an_answer_that_cannot_be_read_is_not_the_end(
    face: Face, answer: str, chunk: int | None
) -> None:
    sink = fetching(f"{answer}\r\n{WHOLE}\r\n{answer}\r\nTAG OK")
    async with session_at(face, sink, chunk=chunk) as session:
        await hi(session)
        await session.noop()


# H08: BYE.


@CHUNKS
@pytest.mark.parametrize(
    "bye", ["* BYE", "* BYE shutting down", "* BYE [UNAVAILABLE] later", "* bye"]
)
@pytest.mark.parametrize("verb", ["EXAMINE", "UID FETCH"])
async def test_h08_bye_in_the_middle_is_the_end_and_said_so(
    face: Face, verb: str, bye: str, chunk: int | None
) -> None:
    sink = ImapSink(answers={verb: f"{bye}\r\nTAG OK"})
    session = session_at(face, sink, chunk=chunk)
    await session.open()
    with pytest.raises(Disconnected, match="ended the session"):
        await session.fetch(1)
    assert not session.usable
    await session.close()


@pytest.mark.parametrize("greeting", ["* BYE", "* BYE [UNAVAILABLE] busy", "* bye x"])
async def test_h08_bye_as_a_greeting_is_a_refusal(face: Face, greeting: str) -> None:
    session = session_at(face, ImapSink(greeting=greeting))
    with pytest.raises(Refused):
        await session.open()


@pytest.mark.parametrize(
    "greeting",
    [
        *("* NO hi", "* BAD hi", "A1 OK hi", "+ OK hi", "OK hi", "220 mx ready", "+OK ready", ""),
        *("* 1 EXISTS", "* CAPABILITY IMAP4rev1", "HTTP/1.1 400 Bad Request", "\x16\x03\x03"),
    ],
)
@CHUNKS
async def test_h08_what_is_no_greeting_is_told_so(
    face: Face, greeting: str, chunk: int | None
) -> None:
    session = session_at(face, ImapSink(greeting=greeting), chunk=chunk)
    with pytest.raises(Garbled):
        await session.open()


# H09: octets that should not be.


@CHUNKS
@pytest.mark.parametrize(
    "noise",
    [
        b"* LIST () NIL a\0b\r\n",
        b"* LIST () NIL \xff\xfe\r\n",
        b"* OK \xff\xfe\0\r\n",
        b"* OK [ALERT] \xe9\0\r\n",
        b"* 3 EXISTS  \r\n",
        b"* 3 EXISTS\n",
        b"* OK bare\n",
        b"* OK a\rb\r\n",
        b"* 3  EXISTS\r\n",
        b"* \xff\xfe\xfd\r\n",
        b"* FLAGS (\\Seen \xff)\r\n",
    ],
)
async def test_h09_odd_octets_are_borne(face: Face, noise: bytes, chunk: int | None) -> None:
    sink = fetching(noise + WHOLE.encode() + b"\r\n" + noise + b"TAG OK\n")
    async with session_at(face, sink, chunk=chunk) as session:
        await hi(session)
        await session.noop()


@CHUNKS
@pytest.mark.parametrize("line", [b"\r\n", b"\n", b"\0\r\n", b"\xff\r\n", b" \r\n", b"x\r\n"])
async def test_h09_a_line_that_nobody_can_have_meant_is_the_end(
    face: Face, line: bytes, chunk: int | None
) -> None:
    session = session_at(face, fetching(line + b"TAG OK\r\n"), chunk=chunk)
    await session.open()
    with pytest.raises(Garbled):
        await session.fetch(1)
    assert not session.usable
    await session.close()


# H15: a folder that cannot be.


@pytest.mark.parametrize(
    "odd",
    [
        "* OK [UIDNEXT 1] down",
        "* 1 EXISTS",
        "* 0 EXISTS",
        "* 99 FETCH (UID 4000000000 FLAGS ())",
        "* 1 FETCH (UID 1 MODSEQ (-1))",
        "* OK [HIGHESTMODSEQ -5] zoho",
        "* OK [UIDVALIDITY 99] changed",
        "* OK [UIDVALIDITY NIL] none",
        "* 99 EXPUNGE",
        "* 0 EXPUNGE",
        "* VANISHED 5000",
    ],
)
async def test_h15_what_cannot_be_true_of_a_folder_crashes_nothing(face: Face, odd: str) -> None:
    sink = ImapSink(
        *("CONDSTORE", "IDLE"),
        answers={
            "UID FETCH": f"{odd}\r\n{WHOLE}\r\n{odd}\r\nTAG OK",
            "UID SEARCH": "* SEARCH 1 2 3\r\nTAG OK",
            "IDLE": f"+ idling\r\n{odd}\r\n{odd}",
        },
    )
    async with session_at(face, sink) as session:
        await hi(session)
        async for event in session.watch(timeout=1):
            assert "INBOX" == event.folder
        await hi(session)


async def test_h15_a_folder_that_was_made_anew_is_told(face: Face) -> None:
    validities = iter([7, 7, 8, 8])

    def answer(command: str) -> str | None:
        if command.startswith("EXAMINE"):
            number = next(validities) if "INBOX" in command else 1
            return f"* 3 EXISTS\r\n* OK [UIDVALIDITY {number}] ok\r\nTAG OK"
        return f"{WHOLE}\r\nTAG OK" if command.startswith("UID FETCH") else None

    async with session_at(face, ImapSink(answers=answer)) as session:
        for _ in range(2):
            await session.fetch(1, folder="INBOX")
            await session.fetch(1, folder="Other")
        with pytest.raises(Refused, match="UIDVALIDITY") as caught:
            await session.fetch(1, folder="INBOX")
        assert caught.value.session_usable
        await session.fetch(1, folder="INBOX")


# H17: more, less, and other than was asked for.

LINE = "* {n} FETCH (UID {n} BODY[] {{10}}\r\nSubject: {n}\r\n)"


def message(number: int, uid: int | None = None, section: str = "BODY[]") -> str:
    text = f"Subject: {uid or number}\r\n\r\n"
    return f"* {number} FETCH (UID {uid or number} {section} {{{len(text)}}}\r\n{text})"


@CHUNKS
@pytest.mark.parametrize(
    "answers",
    [
        [message(2), message(1)],
        [message(1), message(1), message(1)],
        [message(1), message(9, 4_000)],
        [message(9, 4_000), message(1)],
        ["* 1 FETCH (UID 1 FLAGS ())", message(1)],
        [message(1, section="BODY[TEXT]"), message(1)],
        [message(1, section="RFC822"), message(1)],
        [message(1), "* 1 FETCH (UID 1 BODY[] NIL)"],
        ["* 2 FETCH (FLAGS (\\Seen))", message(1), "* 1 FETCH (FLAGS (\\Seen))"],
        [message(77, 1)],
    ],
    ids=range(10),
)
async def test_h17_one_message_is_what_was_asked_for(
    face: Face, answers: list[str], chunk: int | None
) -> None:
    sink = fetching("\r\n".join([*answers, "TAG OK"]))
    async with session_at(face, sink, chunk=chunk) as session:
        assert "1" == (await session.fetch(1)).subject


@CHUNKS
@pytest.mark.parametrize(
    "answers",
    [
        [],
        [message(2)],
        ["* 1 FETCH (FLAGS ())"],
        ["* 1 FETCH (UID 1 FLAGS ())"],
        [message(1, section="BODY[TEXT]")],
        [message(1, section="BODY[]<5>")],
        [message(1, uid=2)],
    ],
    ids=range(7),
)
async def test_h17_what_did_not_come_is_not_there(
    face: Face, answers: list[str], chunk: int | None
) -> None:
    sink = fetching("\r\n".join([*answers, "TAG OK"]))
    async with session_at(face, sink, chunk=chunk) as session:
        with pytest.raises(Refused) as caught:
            await session.fetch(1)
        assert "NONEXISTENT" == caught.value.condition
        assert session.usable


async def test_h17_many_messages_come_in_order_whatever_the_server_does(face: Face) -> None:
    said = [message(3), message(3), message(9, 4_000), message(1), "* 1 FETCH (UID 1 FLAGS ())"]
    sink = fetching("\r\n".join([*said, "TAG OK"]))
    async with session_at(face, sink) as session:
        subjects = []
        with pytest.raises(Refused) as caught:
            async for email in session.fetch_many([1, 2, 3, 1]):
                subjects.append(email.subject)
        assert ["1", "3", "1"] == subjects
        assert "message 2" in str(caught.value)
        assert session.usable


# H18: sizes that lie.


@pytest.mark.parametrize("size", ["0", "1", "99999999999", "18446744073709551615", "-1", "NIL"])
async def test_h18_the_size_is_only_what_the_server_says(face: Face, size: str) -> None:
    said = f"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE {size} ENVELOPE {GOOD} BODYSTRUCTURE {LEAF})"
    sink = ImapSink(
        answers={
            "FETCH": f"{said}\r\nTAG OK",
            "UID FETCH": f"{WHOLE}\r\nTAG OK",
        }
    )
    async with session_at(face, sink) as session:
        for summary in [one async for one in session.messages(limit=3)]:
            assert "hello" == (await session.fetch(summary)).subject
        await session.noop()


async def test_h18_a_message_beyond_the_limit_is_not_taken(face: Face) -> None:
    sink = fetching("* 1 FETCH (UID 1 BODY[] {10000000000}\r\nSubject: x")
    session = session_at(face, sink)
    await session.open()
    with in_little(), pytest.raises(Garbled, match="literal"):
        await session.fetch(1)
    await session.close()


async def test_h18_a_large_message_waits_in_a_file(face: Face) -> None:
    octets = 40 * MIB
    head = b"Subject: large\r\n\r\n"
    rest = octets - len(head)
    said = [b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % octets + head]
    said += [b"a" * MIB] * (rest // MIB) + [b"a" * (rest % MIB) + b")\r\nTAG NO no\r\n"]
    sink = ImapSink()
    tag = b""

    def server_says(heard: bytes) -> bytes:
        nonlocal tag
        if b"UID FETCH" in heard:
            tag = heard.split(b" ")[0]
        if tag and said:
            return said.pop(0).replace(b"TAG", tag)
        return sink(heard) if not tag else b"A9 OK\r\n"

    session = session_at(face, server_says)
    await session.open()
    with in_little(), pytest.raises(CourrielError):
        await session.fetch(1)
    await session.close()
