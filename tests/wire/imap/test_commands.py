"""Commands: exact octets, nothing that could end a line, no secret where it can be read."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.query import where
from courriel.model.secret import Secret
from courriel.model.uids import UidSet
from courriel.wire.imap import commands
from courriel.wire.imap.commands import (
    Append,
    Authenticate,
    AuthenticateResponse,
    Capability,
    Close,
    Command,
    Compress,
    Copy,
    Create,
    Delete,
    Enable,
    Expunge,
    Fetch,
    GetQuota,
    GetQuotaRoot,
    Id,
    Idle,
    List,
    Login,
    Logout,
    Lsub,
    Move,
    Namespace,
    Noop,
    Rename,
    Resync,
    Search,
    Select,
    Sort,
    StartTls,
    Status,
    Store,
    Subscribe,
    Thread,
    Unselect,
    Unsubscribe,
    Upload,
    Xlist,
)
from courriel.wire.imap.fragments import (
    COMMAND_LINE,
    PLAIN,
    SET_OCTETS,
    Dialect,
    Fragment,
    Literal,
    StreamLiteral,
)
from courriel.wire.imap.items import peek
from courriel.wire.imap.sets import EVERY, SAVED, From

IDS = UidSet.parse(b"1:3,9")
MOMENT = datetime(2026, 11, 1, 2, 3, 4, tzinfo=UTC)

EXACT: list[tuple[Command, bytes]] = [
    (Capability(), b"CAPABILITY"),
    (Noop(), b"NOOP"),
    (Logout(), b"LOGOUT"),
    (StartTls(), b"STARTTLS"),
    (Compress(), b"COMPRESS DEFLATE"),
    (Idle(folder="INBOX"), b"IDLE"),
    (Namespace(), b"NAMESPACE"),
    (Unselect(), b"UNSELECT"),
    (Close(), b"CLOSE"),
    (Enable(("CONDSTORE", "UTF8=ACCEPT")), b"ENABLE CONDSTORE UTF8=ACCEPT"),
    (Id(), b"ID NIL"),
    (Id({}), b"ID NIL"),
    (Id({"name": 'a "b"', "version": None}), b'ID ("name" "a \\"b\\"" "version" NIL)'),
    (Login("ada", Secret("s3cret")), b"LOGIN ada s3cret"),
    (Login('a"b', Secret("a b\\")), b'LOGIN "a\\"b" "a b\\\\"'),
    (Login("ada", Secret("")), b'LOGIN ada ""'),
    (Authenticate("PLAIN"), b"AUTHENTICATE PLAIN"),
    (Authenticate("PLAIN", b"\0ada\0secret"), b"AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ="),
    (Authenticate("EXTERNAL", b""), b"AUTHENTICATE EXTERNAL ="),
    (Select("INBOX"), b"SELECT INBOX"),
    (Select("Entwürfe", True), b'EXAMINE "Entw&APw-rfe"'),
    (Select("R&D x", condstore=True), b'SELECT "R&-D x" (CONDSTORE)'),
    (Select("a", qresync=Resync(67, 5)), b"SELECT a (QRESYNC (67 5))"),
    (
        Select("a", condstore=True, qresync=Resync(67, 5, IDS, IDS, IDS)),
        b"SELECT a (QRESYNC (67 5 1:3,9 (1:3,9 1:3,9)))",
    ),
    (List(), b'LIST "" "*"'),
    (List("a/", ("%",)), b'LIST "a/" "%"'),
    (List("", ("",)), b'LIST "" ""'),
    (
        List("", ("*", "é%"), ("REMOTE",), ("CHILDREN", "SPECIAL-USE"), ("MESSAGES", "UNSEEN")),
        b'LIST (REMOTE) "" ("*" "&AOk-%") RETURN (CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN))',
    ),
    (Lsub("", "a*"), b'LSUB "" "a*"'),
    (Xlist("", "a*"), b'XLIST "" "a*"'),
    (Status("a b", ("MESSAGES", "X-SIZE")), b'STATUS "a b" (MESSAGES X-SIZE)'),
    (GetQuotaRoot("INBOX"), b"GETQUOTAROOT INBOX"),
    (GetQuota(), b'GETQUOTA ""'),
    (GetQuota("User quota"), b'GETQUOTA "User quota"'),
    (Create("a/b"), b"CREATE a/b"),
    (Create("Sent", "sent"), b"CREATE Sent (USE (\\Sent))"),
    (Delete("a"), b"DELETE a"),
    (Rename("a", "é"), b'RENAME a "&AOk-"'),
    (Subscribe("NIL"), b'SUBSCRIBE "NIL"'),
    (Unsubscribe("a"), b"UNSUBSCRIBE a"),
    (Fetch(IDS, ("UID", "FLAGS")), b"UID FETCH 1:3,9 (UID FLAGS)"),
    (Fetch(From(5), (peek(),)), b"UID FETCH 5:* (BODY.PEEK[])"),
    (Fetch(SAVED, ("UID",)), b"UID FETCH $ (UID)"),
    (Fetch(EVERY, ("UID",), by_sequence=True), b"FETCH 1:* (UID)"),
    (
        Fetch(EVERY, ("FLAGS",), changed_since=5, vanished=True),
        b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)",
    ),
    (Fetch(EVERY, ("UID",), partial=(-1, -30)), b"UID FETCH 1:* (UID) (PARTIAL -1:-30)"),
    (Store(IDS, "+", "seen"), b"UID STORE 1:3,9 +FLAGS.SILENT (\\Seen)"),
    (Store(IDS, "-", ("\\Deleted", "$x")), b"UID STORE 1:3,9 -FLAGS.SILENT (\\Deleted $x)"),
    (Store(IDS, "", (), silent=False), b"UID STORE 1:3,9 FLAGS ()"),
    (
        Store(IDS, "+", "seen", unchanged_since=12),
        b"UID STORE 1:3,9 (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Seen)",
    ),
    (Copy(IDS, "a b"), b'UID COPY 1:3,9 "a b"'),
    (Move(SAVED, "a"), b"UID MOVE $ a"),
    (Expunge(), b"EXPUNGE"),
    (Expunge(IDS), b"UID EXPUNGE 1:3,9"),
    (Search(), b"UID SEARCH ALL"),
    (Search(where.unseen, uid=False), b"SEARCH UNSEEN"),
    (Search(where.unseen, "US-ASCII"), b"UID SEARCH CHARSET US-ASCII UNSEEN"),
    (
        Search(where.all, return_options=("MIN", "MAX", "COUNT", "ALL", "SAVE")),
        b"UID SEARCH RETURN (MIN MAX COUNT ALL SAVE) ALL",
    ),
    (Search(partial=(1, 100)), b"UID SEARCH RETURN (PARTIAL 1:100) ALL"),
    (Sort(keys=("REVERSE DATE", "SUBJECT")), b"UID SORT (REVERSE DATE SUBJECT) US-ASCII ALL"),
    (
        Sort(where.seen, keys=("DATE",), return_options=("COUNT",), partial=(1, 5)),
        b"UID SORT RETURN (COUNT PARTIAL 1:5) (DATE) US-ASCII SEEN",
    ),
    (Thread(), b"UID THREAD REFERENCES US-ASCII ALL"),
    (Thread(where.seen, "UTF-8", algorithm="REFS"), b"UID THREAD REFS UTF-8 SEEN"),
]


@pytest.mark.parametrize(("command", "line"), EXACT)
def test_a_command_is_written_exactly_so(command: Command, line: bytes) -> None:
    assert [line] == command.encode(PLAIN)
    assert line.decode().startswith(command.verb)
    assert command == type(command)(**_fields(command))


def test_every_command_is_in_that_table() -> None:
    every = {
        value
        for name in commands.__all__
        if inspect.isclass(value := getattr(commands, name))
        and issubclass(value, Command)
        and value is not Command
    }
    assert every - {Append} == {type(command) for command, _ in EXACT}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def test_a_message_is_a_literal_behind_flags_and_time() -> None:
    upload = Upload(Literal(b"a\r\nb\r\n"), ("seen", "\\Recent"), MOMENT)
    assert [
        b'APPEND Sent (\\Seen) " 1-Nov-2026 02:03:04 +0000" ',
        Literal(b"a\r\nb\r\n"),
    ] == Append("Sent", (upload,)).encode(PLAIN)


def test_several_messages_follow_one_another() -> None:
    first, second = Upload(StreamLiteral(5)), Upload(StreamLiteral(6), "draft")
    assert [
        b"APPEND a ",
        StreamLiteral(5),
        b" (\\Draft) ",
        StreamLiteral(6),
    ] == Append("a", (first, second)).encode(PLAIN)


def test_a_message_with_utf8_header_is_wrapped_where_that_was_agreed_upon() -> None:
    command = Append("a", (Upload(StreamLiteral(5), utf8=True),))
    wrapped = [b"APPEND a UTF8 (", StreamLiteral(5, binary=True), b")"]
    assert wrapped == command.encode(Dialect(utf8=True))
    assert [b"APPEND a ", StreamLiteral(5)] == command.encode(PLAIN)
    assert "APPEND a {5}" == command.shown()


@pytest.mark.parametrize(
    "messages",
    [(), (Upload(Literal(b"")),), (Upload(StreamLiteral(0)),), (Upload(Literal(b"a\0b")),)],
)
def test_what_no_server_could_store_is_refused(messages: tuple[Upload, ...]) -> None:
    with pytest.raises(Misused):
        Append("a", messages).encode(PLAIN)


def test_a_nul_may_be_in_a_binary_message() -> None:
    content = Literal(b"a\0b", binary=True)
    assert [b"APPEND a ", content] == Append("a", (Upload(content),)).encode(PLAIN)


def test_text_beyond_ascii_names_its_charset() -> None:
    search = Search(where.subject("é"))
    assert [b"UID SEARCH CHARSET UTF-8 SUBJECT ", Literal("é".encode())] == search.encode(PLAIN)
    latin = Search(where.subject("é"), "ISO-8859-1")
    assert [b"UID SEARCH CHARSET ISO-8859-1 SUBJECT ", Literal(b"\xe9")] == latin.encode(PLAIN)
    sort = Sort(where.subject("é"), keys=("DATE",))
    assert [b"UID SORT (DATE) UTF-8 SUBJECT ", Literal("é".encode())] == sort.encode(PLAIN)


def test_with_utf8_enabled_no_charset_may_be_named() -> None:
    utf8 = Dialect(utf8=True)
    assert ['UID SEARCH SUBJECT "é"'.encode()] == Search(where.subject("é")).encode(utf8)
    assert ['UID SEARCH SUBJECT "é"'.encode()] == Search(where.subject("é"), "latin1").encode(utf8)
    assert [b"UID SEARCH SEEN"] == Search(where.seen, "UTF-8").encode(utf8)
    # SORT and THREAD must name one, and Courier takes no other then.
    assert [b"UID SORT (DATE) UTF-8 SEEN"] == Sort(where.seen, keys=("DATE",)).encode(utf8)
    assert [b"UID THREAD REFERENCES UTF-8 ALL"] == Thread().encode(utf8)
    assert ['SELECT "Entwürfe & R"'.encode()] == Select("Entwürfe & R").encode(utf8)


# Every argument that is text, of every command.
TEXTS: list[Callable[[Any], Command]] = [
    lambda text: Id({text: "x"}),
    lambda text: Id({"x": text}),
    lambda text: Login(text, Secret("x")),
    lambda text: Login("x", Secret(text)),
    lambda text: Authenticate(text),
    lambda text: Enable((text,)),
    lambda text: Select(text),
    lambda text: Select(text, read_only=True),
    lambda text: List(text),
    lambda text: List("", (text,)),
    lambda text: List("", ("a", text)),
    lambda text: List(selection_options=(text,)),
    lambda text: List(return_options=(text,)),
    lambda text: List(status=(text,)),
    lambda text: Lsub(text, "*"),
    lambda text: Lsub("", text),
    lambda text: Xlist(text, "*"),
    lambda text: Xlist("", text),
    lambda text: Status(text, ("MESSAGES",)),
    lambda text: Status("a", (text,)),
    lambda text: GetQuotaRoot(text),
    lambda text: GetQuota(text),
    lambda text: Create(text),
    lambda text: Create("a", text),
    lambda text: Delete(text),
    lambda text: Rename(text, "a"),
    lambda text: Rename("a", text),
    lambda text: Subscribe(text),
    lambda text: Unsubscribe(text),
    lambda text: Fetch(IDS, (text,)),
    lambda text: Store(IDS, "+", text),
    lambda text: Store(IDS, "+", ("a", text)),
    lambda text: Store(IDS, text, "seen"),
    lambda text: Copy(IDS, text),
    lambda text: Move(IDS, text),
    lambda text: Append(text, (Upload(Literal(b"x")),)),
    lambda text: Append("a", (Upload(Literal(b"x"), text),)),
    lambda text: Search(where.subject(text)),
    lambda text: Search(where.sender(text) | ~where.body(text)),
    lambda text: Search(where.header(text, "x")),
    lambda text: Search(where.header("x", text)),
    lambda text: Search(where.keyword(text)),
    lambda text: Search(where.gmail(text)),
    lambda text: Search(where.message_id(text)),
    lambda text: Search(where.seen, text),
    lambda text: Search(where.subject("é"), text),
    lambda text: Search(return_options=(text,)),
    lambda text: Sort(keys=(text,)),
    lambda text: Sort(charset=text),
    lambda text: Sort(return_options=(text,)),
    lambda text: Thread(algorithm=text),
    lambda text: Thread(charset=text),
]
EVIL = [
    *(
        "a\r\nA1 LOGOUT",
        "\r",
        "a\nb",
        "\0",
        "x" * 5_000 + "\r\n",
        "é\r\n",
        "a\r\n{5}\r\n",
        "\udc0d\udc0a",
    ),
    *(
        "",
        " ",
        "é",
        "日本" * 5_000,
        "x" * 100_000,
        "{5}",
        "{5+}",
        "~{5}",
        '"',
        "\\",
        '\\"',
        ")",
        "NIL",
    ),
    *("\ud800", "\udcff", "\x01\x7f", "\u2028", "a b", "*", "&", "&AGE-", "\ufeff"),
]


def _octets(fragments: list[Fragment]) -> bytes:
    return b"".join(part.data if isinstance(part, Literal) else bytes(part) for part in fragments)  # type: ignore[arg-type]  # No stream is among them.


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("make", TEXTS)
def test_no_argument_can_break_its_line(make: Callable[[Any], Command], value: str) -> None:
    for dialect in (PLAIN, Dialect(utf8=True)):
        try:
            command = make(value)
            fragments = command.encode(dialect)
        except Misused:
            continue
        assert not set(_octets(fragments)) & {0, 10, 13}
        lines = [part for part in fragments if isinstance(part, bytes)]
        assert _is_closed(b"x".join(lines))
        assert "\n" not in command.shown()


def _is_closed(line: bytes) -> bool:
    """Whether every quotation mark that opens is closed, and no literal hides in the text."""
    unescaped = line.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = b"".join(unescaped.split(b'"')[::2])
    return unescaped.count(b'"') % 2 == 0 and not outside.endswith(b"}") and b"{" not in outside


@given(st.sampled_from(TEXTS), st.text(max_size=200), st.booleans())
def test_no_text_can_break_a_line(make: Callable[[Any], Command], value: str, utf8: bool) -> None:
    try:
        fragments = make(value).encode(Dialect(utf8=utf8))
    except Misused:
        return
    assert not set(_octets(fragments)) & {0, 10, 13}
    assert _is_closed(b"x".join(part for part in fragments if isinstance(part, bytes)))


@pytest.mark.parametrize("value", [None, 5, b"bytes", ["a"]])
@pytest.mark.parametrize("name", [Select, Create, Delete, Subscribe, GetQuotaRoot])
def test_a_folder_is_named_by_a_string(name: Callable[[Any], Command], value: object) -> None:
    with pytest.raises(Misused):
        name(value).encode(PLAIN)


NUMBERS: list[Callable[[Any], Command]] = [
    lambda number: Fetch(IDS, ("UID",), changed_since=number),
    lambda number: Fetch(IDS, ("UID",), partial=(number, number)),
    lambda number: Fetch(From(number), ("UID",)),
    lambda number: Store(IDS, "+", "seen", unchanged_since=number),
    lambda number: Select("a", qresync=Resync(number, 1)),
    lambda number: Select("a", qresync=Resync(1, number)),
    lambda number: Search(partial=(1, number)),
    lambda number: Append("a", (Upload(StreamLiteral(number)),)),
]


@pytest.mark.parametrize("value", [-1, 2**63, True, "5\r\n", 1.5, b"1"])
@pytest.mark.parametrize("make", NUMBERS)
def test_numbers_are_numbers(make: Callable[[Any], Command], value: object) -> None:
    if make is NUMBERS[-1] and value in (True, 2**63):
        return
    if make is NUMBERS[1] and value == -1:
        return
    with pytest.raises((Misused, TypeError)):
        make(value).encode(PLAIN)


@pytest.mark.parametrize(
    "command",
    [
        Fetch(UidSet(), ("UID",)),
        Fetch(IDS, ()),
        Fetch(IDS, ("UID",), vanished=True),
        Fetch(IDS, ("UID",), changed_since=1, vanished=True, by_sequence=True),
        Store(UidSet(), "+", "seen"),
        Store(IDS, "+", ()),
        Store(IDS, "+", "\\Recent"),
        Copy(UidSet(), "a"),
        Expunge(UidSet()),
        List(patterns=()),
        Status("a", ()),
        Enable(()),
        Create("a", "nonsense"),
        Select("a", qresync=Resync(1, 1, None, IDS, UidSet.of([1]))),
        Id({str(n): "x" for n in range(31)}),
        Id({"x" * 31: "x"}),
        Id({"x": "x" * 1_025}),
        Id({"x": "é"}),
    ],
)
def test_what_a_server_would_choke_on_is_refused(command: Command) -> None:
    with pytest.raises(Misused):
        command.encode(PLAIN)


def test_the_bounds_of_id_are_allowed() -> None:
    Id({f"{n:030}": "x" * 1_024 for n in range(30)}).encode(PLAIN)


SECRET = "pa55 wörd"
SECRETIVE: list[Command | AuthenticateResponse] = [
    Login("canary-user", Secret(SECRET)),
    Login("canary-user", Secret("canary-user")),
    Authenticate("PLAIN", b"\0canary-user\0" + SECRET.encode()),
    AuthenticateResponse(b"canary-user " + SECRET.encode()),
]


@pytest.mark.parametrize("command", SECRETIVE)
def test_secrets_are_not_shown(command: Command | AuthenticateResponse) -> None:
    from base64 import b64encode

    for text in (command.shown(), repr(command), str(command), f"{command}"):
        assert "canary" not in text
        assert "pa55" not in text
        assert b64encode(b"canary-user")[:12].decode() not in text
        assert "Y2FuYXJ5" not in text


def test_what_is_shown_of_signing_in() -> None:
    assert "LOGIN … …" == Login("ada", Secret("x")).shown()
    assert "AUTHENTICATE PLAIN …" == Authenticate("PLAIN", b"x").shown()
    assert "AUTHENTICATE PLAIN" == Authenticate("PLAIN").shown()
    assert "…" == AuthenticateResponse(b"x").shown()


def test_a_login_that_is_refused_does_not_tell_the_password() -> None:
    with pytest.raises(Misused) as caught:
        Login("ada", Secret("canary\r\n")).encode(PLAIN)
    assert "canary" not in str(caught.value)
    frames = [frame.frame for frame in caught.traceback]
    held = [repr(value) for frame in frames[1:] for value in frame.f_locals.values()]
    assert not any("canary" in value for value in held)


@pytest.mark.parametrize(("response", "line"), [(b"secret", b"c2VjcmV0"), (b"", b""), (None, b"*")])
def test_an_answer_to_a_challenge_is_a_line(response: bytes | None, line: bytes) -> None:
    assert line == AuthenticateResponse(response).encode()


def test_a_set_cut_to_size_keeps_the_line_short() -> None:
    scattered = UidSet.of(range(1, 2_000_001, 2))
    items = ("UID", "FLAGS", "RFC822.SIZE", "INTERNALDATE", "ENVELOPE", "BODYSTRUCTURE", peek())
    for piece in scattered.pieces(SET_OCTETS):
        (line,) = Fetch(piece, items, folder="INBOX").encode(PLAIN)
        assert isinstance(line, bytes)
        assert len(b"A1000000 " + line + b"\r\n") < COMMAND_LINE


def test_a_set_of_four_thousand_million_messages_is_short() -> None:
    every = UidSet(((1, 4_294_967_295),))
    assert [b"UID STORE 1:4294967295 +FLAGS.SILENT (\\Seen)"] == Store(every, "+", "seen").encode(
        PLAIN
    )


def test_commands_are_values() -> None:
    fetch = Fetch(IDS, ("UID",), folder="INBOX")
    assert fetch == Fetch(UidSet.of([9, 1, 2, 3]), ("UID",), folder="INBOX")
    assert fetch == pickle.loads(pickle.dumps(fetch))
    assert "INBOX" == fetch.folder
    assert Noop().folder is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        fetch.folder = "Sent"  # type: ignore[misc]  # That it cannot be done is the case.
    with pytest.raises(TypeError):
        Command()  # type: ignore[abstract]  # Likewise.
