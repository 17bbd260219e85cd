"""Injection into IMAP (security.md, 1.5: I05, I06, I08), through every argument of every operation.

The operations are found by looking, so that a new one cannot be forgotten: whoever adds an argument
adds an innocent value for it to ``INNOCENT``. Each hostile value is either refused, or crosses
inside of quotes and literals: the server, which reads as strictly as RFC 9051 says, hears nothing
but well-formed commands of the verbs that we know, and the session goes on.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from courriel import CourrielError, Misused, where
from courriel.drive.scripted import ScriptedServer
from courriel.faces import operation, stream
from courriel.model.folder import Folder
from courriel.model.querytree import Query
from courriel.model.summary import Part, Summary
from courriel.sessions.imap import ImapOperations
from tests.faces import Face
from tests.hostile.imap_sink import ImapSink

pytestmark = pytest.mark.virtual

MAIL = b"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nHi.\r\n"
EVIL_COMMAND = "A99 DELETE Important"
BREAKS = [f"x{end}{EVIL_COMMAND}{end}" for end in ("\r\n", "\r", "\n", "\0")]
TEXTS = [
    *BREAKS,
    "",
    " ",
    "é",
    "日本語",
    "\udc8d",
    "\u2028",
    "\u0085x",
    "a\tb",
    "\x1b[2J",
    "\x7f",
    '"',
    '" NIL "',
    "\\",
    "\\Seen",
    'x" DELETE Important',
    "{20}",
    "{20+}",
    "~{20}",
    "{3+}\r\nabc",
    "(",
    ")",
    "x) DELETE (y",
    "*",
    "%",
    "NIL",
    "&",
    "&AGE",
    "]",
    "1:*",
    "$",
    "+",
    "x" * 100_000,
    "é" * 50_000,
    '"' * 50_000,
]
THINGS: list[Any] = [
    0,
    -1,
    2**32,
    2**64,
    1.5,
    True,
    None,
    b"x\r\ny",
    b"",
    {},
    [],
    (None,),
    object(),
]

INNOCENT: dict[str, Any] = {
    "folder": "INBOX",
    "unread": None,
    "query": where.all,
    "newest_first": False,
    "limit": 5,
    "id": 1,
    "ids": [1, 2],
    "part": "1",
    "timeout": 1,
    "sort": None,
    "add": (),
    "remove": (),
    "replace": None,
    "to": "Archive",
    "email": MAIL,
    "emails": [MAIL],
    "flags": (),
    "received": None,
    "pattern": "*",
    "name": "Archive",
    "new_name": "Archive/2024",
    "use": None,
    "fields": {"name": "courriel"},
}

OFFERS = {
    "bare": [],
    "rich": [
        *("LITERAL+", "UIDPLUS", "MOVE", "NAMESPACE", "QUOTA", "ID", "SORT", "ESEARCH", "WITHIN"),
        *("X-GM-EXT-1", "CREATE-SPECIAL-USE", "SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS"),
        *("CONDSTORE", "THREAD=REFERENCES", "UNSELECT", "MULTIAPPEND", "IDLE", "OBJECTID"),
    ],
    "UTF-8": ["LITERAL-", "ENABLE", "UTF8=ACCEPT", "QRESYNC", "BINARY", "IDLE"],
}


def operations() -> Iterator[tuple[str, inspect.Signature]]:
    """Yield every operation of an IMAP session with what it takes."""
    for kind in ImapOperations.__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, (operation, stream)):
                signature = inspect.signature(member.function)
                own = list(signature.parameters.values())[1:]
                yield name, signature.replace(parameters=own)


OPERATIONS = dict(operations())
ARGUMENTS = [
    (name, argument) for name, taken in OPERATIONS.items() for argument in taken.parameters
]
VERBS = {
    *("APPEND", "AUTHENTICATE", "CAPABILITY", "CLOSE", "COMPRESS", "COPY", "CREATE", "DELETE"),
    *("ENABLE", "EXAMINE", "EXPUNGE", "FETCH", "GETQUOTA", "GETQUOTAROOT", "ID", "IDLE", "LIST"),
    *("LOGIN", "LOGOUT", "LSUB", "MOVE", "NAMESPACE", "NOOP", "RENAME", "SEARCH", "SELECT"),
    *("SORT", "STARTTLS", "STATUS", "STORE", "SUBSCRIBE", "THREAD", "UID", "UNSELECT"),
    "UNSUBSCRIBE",
}


def test_there_are_operations_and_each_argument_has_an_innocent_value() -> None:
    assert {"fetch", "fetch_many", "messages", "part", "watch"} <= OPERATIONS.keys()
    assert not {argument for _, argument in ARGUMENTS} - INNOCENT.keys()


class StrictSink(ImapSink):
    """A server that believes nothing: each command must be one that we mean."""

    def _obey(self, line: bytes) -> bytes:
        tag, _, said = line.partition(b" ")
        assert re.fullmatch(rb"A\d+", tag), line[:80]
        assert said.split(b" ")[0].decode() in VERBS, line[:80]
        assert not re.search(rb"[\r\n\0]", _without_literals(said)), line[:80]
        return super()._obey(line)


def _without_literals(said: bytes) -> bytes:
    """Return a command's text; the octets that are counted are no text."""
    text = b""
    while found := re.search(rb"~?\{(\d+)\+?\}\r\n", said):
        text += said[: found.start()]
        said = said[found.end() + int(found[1]) :]
    return text + said


def summary(folder: str) -> Summary:
    return Summary(1, folder, 1, frozenset(), None, lambda: None, lambda: ())  # type: ignore[arg-type,return-value]  # Never read.


def place(path: Any) -> Part:
    return Part(path, "text/plain", None, 1, "7bit", None, None, None, {}, None)


def queries(text: str) -> Iterator[Any]:
    """Yield every query that can be made with a text; those that refuse it are left out."""
    for name, member in inspect.getmembers(where):
        if name.startswith("_") or not callable(member):
            continue
        taken = [
            p
            for p in inspect.signature(member).parameters.values()
            if p.kind is not inspect.Parameter.KEYWORD_ONLY
        ]
        for count in {1, len(taken)}:
            try:
                query = member(*[text] * count)
            except (Misused, TypeError):
                continue
            if isinstance(query, Query):
                yield query
                yield ~query | where.unseen


def hostile(name: str, argument: str) -> Iterator[Any]:
    """Yield what is tried for one argument."""
    yield from TEXTS
    for text in TEXTS:
        yield [text]
        yield ["ok", text]
    if argument != "timeout":
        yield from THINGS
    if argument in ("id", "ids"):
        for text in BREAKS:
            yield summary(text)
    if argument in ("folder", "to", "name", "new_name"):
        for text in BREAKS:
            yield Folder(text, "/", frozenset(), None, None)
            yield Folder("x", "/", frozenset(), None, None, raw=text.encode())
    if argument == "part":
        for text in TEXTS:
            yield place(text)
    if argument == "query":
        for text in TEXTS:
            yield from queries(text)
    if argument == "received":
        yield datetime(1, 1, 1, tzinfo=UTC)
        yield datetime.max.replace(tzinfo=UTC)


def fields(name: str) -> Iterator[dict[str, Any]]:
    """Yield hostile fields of ID."""
    for text in TEXTS:
        yield {"name": text}
        if text:
            yield {text: "x"}
    yield {f"x{number}": "y" for number in range(100)}


@pytest.mark.parametrize("offer", list(OFFERS.values()), ids=list(OFFERS))
@pytest.mark.parametrize(("name", "argument"), ARGUMENTS, ids=lambda value: value)
async def test_i05_no_argument_leaves_its_place(
    face: Face, name: str, argument: str, offer: list[str]
) -> None:
    taken = OPERATIONS[name].parameters
    innocent = {
        one: INNOCENT[one] for one, p in taken.items() if p.default is inspect.Parameter.empty
    }
    wild = taken[argument].kind is inspect.Parameter.VAR_KEYWORD
    innocent = {one: value for one, value in innocent.items() if one != "fields"}
    if name == "watch":
        innocent["timeout"] = 1
    tries = list(fields(name)) if wild else [{argument: v} for v in hostile(name, argument)]
    sink = StrictSink(*offer)
    session = face.scripted(ScriptedServer(sink), "IMAPSession", timeout=5)
    async with session:
        for tried in tries:
            await called(session, name, innocent | tried)
            assert session.usable, tried
        await session.noop()
    assert "NOOP" in sink.commands[-2]
    assert not any(line.startswith("DELETE Imp") for line in sink.commands)


async def called(session: Any, name: str, arguments: dict[str, Any]) -> None:
    """Call an operation; whatever it says to that, it is no error that has no name."""
    try:
        made = getattr(session, name)(**arguments)
        if hasattr(made, "__aiter__"):
            async for _ in made:
                pass
        else:
            await made
    except CourrielError:
        pass


@pytest.mark.parametrize("text", BREAKS, ids=ascii)
@pytest.mark.parametrize("offer", list(OFFERS.values()), ids=list(OFFERS))
async def test_i05_a_line_end_in_a_folder_s_name_never_crosses(
    face: Face, text: str, offer: list[str]
) -> None:
    sink = StrictSink(*offer)
    utf8 = "UTF8=ACCEPT" in offer
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        await session.noop()
        for call in (session.create_folder, session.subscribe):
            with pytest.raises(Misused):
                await call(text)
        # Modified UTF-7 can write any character (RFC 3501, 5.1.3), and servers have such folders;
        # UTF-8 cannot hide one.
        with pytest.raises(Misused) if utf8 else nullcontext():
            await session.subscribe(Folder(text))
    named = [line for line in sink.commands if "Important" in line]
    assert (0 if utf8 else 1) == len(named)
    assert all("&AA" in line for line in named)


@pytest.mark.parametrize("text", ["x\r\ny", "x\ry", "x\ny", "x\0y"], ids=ascii)
async def test_i05_a_search_for_a_line_end_is_no_search(face: Face, text: str) -> None:
    made = list(queries(text))
    assert [] == made


# I05: what comes from a message, and not from a caller.


async def test_i05_a_message_id_out_of_a_mail_is_only_text(face: Face) -> None:
    evil = "<1\r\nA99 DELETE Important@example.org>"
    with pytest.raises(Misused):
        where.header("Message-ID", evil)
    sink = StrictSink()
    async with face.scripted(ScriptedServer(sink), "IMAPSession") as session:
        await session.search(where.header("Message-ID", '<1"\\) DELETE Important@example.org>'))
    (search,) = [line for line in sink.commands if "SEARCH" in line]
    assert '"<1\\"\\\\) DELETE Important@example.org>"' in search


# I06: literals.


@pytest.mark.parametrize("word", ["LITERAL+", "LITERAL-", "X-NONE"])
@pytest.mark.parametrize("octets", [1, 4_096, 4_097, 100_000])
@pytest.mark.parametrize("chunk", [None, 1])
async def test_i06_literals_are_counted_in_octets_and_wait_unless_the_server_says_otherwise(
    face: Face, word: str, octets: int, chunk: int | None
) -> None:
    sink = StrictSink(word)
    text = "é" * octets
    async with face.scripted(ScriptedServer(sink, chunk=chunk), "IMAPSession") as session:
        await session.append("Archive", text.encode() + b"\r\n")
        await session.noop()
    (line,) = [line for line in sink.commands if line.startswith("APPEND")]
    counts = re.findall(r"\{(\d+)(\+?)\}", line.partition("\r\n")[0])
    eager = word == "LITERAL+" or (word == "LITERAL-" and 2 * octets + 2 <= 4_096)
    assert [(str(2 * octets + 2), "+" if eager else "")] == counts


async def test_i06_a_literal_that_is_refused_is_not_sent(face: Face) -> None:
    def server_says(heard: bytes) -> bytes:
        if not heard:
            return b"* OK [CAPABILITY IMAP4rev1] hi\r\n"
        if b"APPEND" in heard:
            return b"A1 NO [OVERQUOTA] full\r\n"
        assert b"hello" not in heard
        return b"A2 OK\r\n" if b"NOOP" in heard else b"* BYE\r\nA3 OK\r\n"

    async with face.scripted(ScriptedServer(server_says), "IMAPSession") as session:
        with pytest.raises(CourrielError, match="OVERQUOTA"):
            await session.append("Archive", MAIL)
        await session.noop()


# I08: names that servers have.


@pytest.mark.parametrize("chunk", [None, 1])
@pytest.mark.parametrize(
    ("listed", "selected"),
    [
        (b'"a\tb"', '"a\tb"'),
        (b'"a\x01\x1b\x7f"', '"a\x01\x1b\x7f"'),
        (b'"a\\"b\\\\c"', '"a\\"b\\\\c"'),
        (b'"&AGE"', '"&AGE"'),
        (b'"&"', '"&"'),
        (b"{5}\r\na b*%", '"a b*%"'),
        (b'"../../etc"', "../../etc"),
        (b'"NIL"', '"NIL"'),
    ],
    ids=ascii,
)
async def test_i08_h16_a_folder_of_any_name_can_be_selected(
    face: Face, listed: bytes, selected: str, chunk: int | None
) -> None:
    sink = StrictSink(answers={"LIST": b'* LIST () "/" ' + listed + b"\r\nTAG OK\r\n"})
    async with face.scripted(ScriptedServer(sink, chunk=chunk), "IMAPSession") as session:
        (folder,) = await session.folders()
        for named in (folder, folder.name):
            assert [] == [one async for one in session.messages(named, limit=1)]
    examined = [line.partition(" ")[2] for line in sink.commands if line.startswith("EXAMINE")]
    assert examined
    assert {selected} == {line.removesuffix(" (CONDSTORE)") for line in examined}
