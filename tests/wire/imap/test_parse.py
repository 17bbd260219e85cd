"""Answers of the RFCs' own examples become the values that their texts say."""

from __future__ import annotations

import pytest

from courriel.errors import Garbled
from courriel.model.folder import Counters, Namespace, Namespaces, Quota
from courriel.model.limits import Limits
from courriel.model.uids import UidSet
from courriel.wire.imap.answers import (
    Answer,
    Appended,
    CapabilityList,
    Code,
    Condition,
    Continuation,
    Copied,
    Enabled,
    Exists,
    Expunged,
    FlagList,
    Found,
    Identity,
    Listed,
    NamespaceList,
    QuotaOf,
    QuotaRoots,
    Recent,
    Slice,
    StatusOf,
    Tagged,
    Threads,
    Unknown,
    Vanished,
)
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.parse import parse

NOTHING = UidSet(())


def read(text: bytes, *literals: bytes, utf8: bool = False) -> Answer:
    return parse(Frame(text, literals), Limits(), utf8=utf8)


CONDITIONS = [
    # RFC 3501, 7.1 and 8; RFC 9051, 7.1.
    (b"* OK IMAP4rev1 server ready", Condition("OK", None, "IMAP4rev1 server ready")),
    (b"* PREAUTH logged in as Smith", Condition("PREAUTH", None, "logged in as Smith")),
    (
        b"* BYE Autologout; idle for too long",
        Condition("BYE", None, "Autologout; idle for too long"),
    ),
    (b"A001 NO [ALERT] System shutdown", Tagged(b"A001", "NO", Code("ALERT"), "System shutdown")),
    (
        b"a002 OK [READ-WRITE] SELECT completed",
        Tagged(b"a002", "OK", Code("READ-WRITE"), "SELECT completed"),
    ),
    (b"B1 BAD No such command", Tagged(b"B1", "BAD", None, "No such command")),
    (b"* OK [UNSEEN 17] first unseen", Condition("OK", Code("UNSEEN", 17), "first unseen")),
    (b"* OK [UIDNEXT 4392] next", Condition("OK", Code("UIDNEXT", 4392), "next")),
    (
        b"* OK [UIDVALIDITY 3857529045] valid",
        Condition("OK", Code("UIDVALIDITY", 3857529045), "valid"),
    ),
    (
        b"* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited",
        Condition(
            "OK", Code("PERMANENTFLAGS", frozenset({"\\Deleted", "\\Seen", "\\*"})), "Limited"
        ),
    ),
    (
        b"* OK [CAPABILITY IMAP4rev1 sasl-ir AUTH=PLAIN] ready",
        Condition(
            "OK", Code("CAPABILITY", frozenset({"IMAP4REV1", "SASL-IR", "AUTH=PLAIN"})), "ready"
        ),
    ),
    (
        b"A1 NO [BADCHARSET (UTF-8 US-ASCII)] no",
        Tagged(b"A1", "NO", Code("BADCHARSET", ("UTF-8", "US-ASCII")), "no"),
    ),
    (b"A1 NO [BADCHARSET] no", Tagged(b"A1", "NO", Code("BADCHARSET", ()), "no")),
    # RFC 4315, 3.
    (
        b"A003 OK [APPENDUID 38505 3955] APPEND completed",
        Tagged(
            b"A003", "OK", Code("APPENDUID", Appended(38505, UidSet.of([3955]))), "APPEND completed"
        ),
    ),
    (
        b"A004 OK [COPYUID 38505 304,319:320 3956:3958] Done",
        Tagged(
            b"A004",
            "OK",
            Code("COPYUID", Copied(38505, ((304, 304), (319, 320)), ((3956, 3958),))),
            "Done",
        ),
    ),
    (
        b"A4 NO [UIDNOTSTICKY] Non-persistent UIDs",
        Tagged(b"A4", "NO", Code("UIDNOTSTICKY"), "Non-persistent UIDs"),
    ),
    # RFC 7162, 3.1.
    (
        b"* OK [HIGHESTMODSEQ 715194045007] x",
        Condition("OK", Code("HIGHESTMODSEQ", 715194045007), "x"),
    ),
    (b"* OK [NOMODSEQ] Sorry", Condition("OK", Code("NOMODSEQ"), "Sorry")),
    (
        b"d105 OK [MODIFIED 7,9] failed",
        Tagged(b"d105", "OK", Code("MODIFIED", UidSet.of([7, 9])), "failed"),
    ),
    (b"* OK [CLOSED] previous", Condition("OK", Code("CLOSED"), "previous")),
    # RFC 5530, RFC 5182, RFC 8474, RFC 9590 and codes that are not known.
    (
        b"B NO [AUTHENTICATIONFAILED] Invalid",
        Tagged(b"B", "NO", Code("AUTHENTICATIONFAILED"), "Invalid"),
    ),
    (b"B NO [NOTSAVED] no", Tagged(b"B", "NO", Code("NOTSAVED"), "no")),
    (b"3 OK [MAILBOXID (F2212ea87)] ok", Tagged(b"3", "OK", Code("MAILBOXID", "F2212ea87"), "ok")),
    (b"* OK [X-THING a b] ok", Condition("OK", Code("X-THING", "a b"), "ok")),
    (b"* NO [REFERRAL imap://u@h/] go", Condition("NO", Code("REFERRAL", "imap://u@h/"), "go")),
    ("* OK grüße".encode(), Condition("OK", None, "grüße")),
    (b"* OK a\x00b", Condition("OK", None, "a\ufffdb")),
    (b"* OK see {5}", Condition("OK", None, "see {5}")),
    # Continuations.
    (b"+ Ready for literal data", Continuation(b"Ready for literal data")),
    (b"+ ", Continuation(b"")),
    (b"+", Continuation(b"")),
    (b"+ Zm9v", Continuation(b"Zm9v")),
]


@pytest.mark.parametrize(("text", "expected"), CONDITIONS)
def test_conditions(text: bytes, expected: Answer) -> None:
    assert expected == read(text)


LISTS = [
    (
        b'* LIST (\\Noselect) "/" ~/Mail/foo',
        Listed(frozenset({"\\Noselect"}), "/", "~/Mail/foo", b"~/Mail/foo"),
    ),
    (
        b'* LIST (\\noinferiors \\marked) "." inbox',
        Listed(frozenset({"\\Noinferiors", "\\Marked"}), ".", "INBOX", b"inbox"),
    ),
    (b'* LSUB () "." #news.comp', Listed(frozenset(), ".", "#news.comp", b"#news.comp", {}, True)),
    (b'* LIST () "\\\\" "a\\"b"', Listed(frozenset(), "\\", 'a"b', b'a"b')),
    (b'* LIST () "\\"" "x"', Listed(frozenset(), '"', "x", b"x")),
    (b"* LIST () NIL flat", Listed(frozenset(), None, "flat", b"flat")),
    (b'* LIST () "/" "&U,BTFw-"', Listed(frozenset(), "/", "台北", b"&U,BTFw-")),
    # RFC 5258, 5; RFC 9051, 6.3.9.7; RFC 6154, 5.3.
    (
        b'* LIST (\\NonExistent) "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))',
        Listed(frozenset({"\\NonExistent"}), "/", "Foo", b"Foo", {"CHILDINFO": ("SUBSCRIBED",)}),
    ),
    (
        b'* LIST () "/" NewName ("OLDNAME" ("OldName"))',
        Listed(frozenset(), "/", "NewName", b"NewName", {"OLDNAME": "OldName"}),
    ),
    (
        b'* LIST (\\Sent \\HasNoChildren) "/" Sent (X-ITEM (1 "a)"))',
        Listed(
            frozenset({"\\Sent", "\\HasNoChildren"}), "/", "Sent", b"Sent", {"X-ITEM": b'(1 "a)")'}
        ),
    ),
    (
        b'* XLIST (\\Inbox) "/" "Eingang"',
        Listed(frozenset({"\\Inbox"}), "/", "Eingang", b"Eingang"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_lists(text: bytes, expected: Answer) -> None:
    assert expected == read(text)


def test_a_name_as_a_literal() -> None:
    assert Listed(frozenset(), "/", 'a"b', b'a"b') == read(b'* LIST () "/" {3}', b'a"b')


def test_names_are_utf8_when_it_is_enabled() -> None:
    answer = read('* LIST () "/" "Entwürfe &-"'.encode(), utf8=True)
    assert isinstance(answer, Listed)
    assert "Entwürfe &-" == answer.name


FOLDERS = [
    (
        b"* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)",
        StatusOf("blurdybloop", b"blurdybloop", Counters(messages=231, uid_next=44292)),
    ),
    # RFC 8438, RFC 7889, RFC 8474, RFC 7162, RFC 9051.
    (
        (
            b'* STATUS "a b" (SIZE 9000000000 APPENDLIMIT 257890 MAILBOXID (F1) HIGHESTMODSEQ 7 '
            b"DELETED 2 X-NEW (1 2))"
        ),
        StatusOf(
            "a b",
            b"a b",
            Counters(
                size=9000000000, append_limit=257890, mailbox_id="F1", highest_modseq=7, deleted=2
            ),
        ),
    ),
    (b"* STATUS INBOX (APPENDLIMIT NIL)", StatusOf("INBOX", b"INBOX", Counters())),
    (b"* STATUS INBOX ()", StatusOf("INBOX", b"INBOX", Counters())),
    # RFC 2342, 5.
    (
        b'* NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) NIL (("#shared/" "/"))',
        NamespaceList(
            Namespaces(
                (Namespace("", "/"), Namespace("#mh/", "/")), (), (Namespace("#shared/", "/"),)
            )
        ),
    ),
    (b"* NAMESPACE NIL NIL NIL", NamespaceList(Namespaces())),
    # RFC 9208, 4.1.
    (b'* QUOTA "" (STORAGE 10 512)', QuotaOf(Quota("", {"STORAGE": (10, 512)}))),
    (b'* QUOTA "!partition/sda4" ()', QuotaOf(Quota("!partition/sda4", {}))),
    (b'* QUOTAROOT INBOX "" {3}', QuotaRoots("INBOX", b"INBOX", ("", "a b"))),
    (b"* QUOTAROOT comp.mail.mime", QuotaRoots("comp.mail.mime", b"comp.mail.mime", ())),
    (b"* 23 EXISTS", Exists(23)),
    (b"* 5 RECENT", Recent(5)),
    (b"* 44 EXPUNGE", Expunged(44)),
    (
        b"* FLAGS (\\answered \\Seen $Forwarded)",
        FlagList(frozenset({"\\Answered", "\\Seen", "$Forwarded"})),
    ),
    (
        b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED ",
        CapabilityList(frozenset({"IMAP4REV1", "STARTTLS", "LOGINDISABLED"})),
    ),
    (b"* ENABLED CONDSTORE", Enabled(frozenset({"CONDSTORE"}))),
    (b"* ENABLED", Enabled(frozenset())),
    # RFC 2971, 3.2.
    (b'* ID ("Name" "Cyrus" "os" NIL)', Identity({"name": "Cyrus", "os": None})),
    (b"* ID NIL", Identity({})),
    # RFC 7162, 3.2.10.
    (b"* VANISHED (EARLIER) 41,43:116,118", Vanished(True, UidSet.parse(b"41,43:116,118"))),
    (b"* VANISHED 405", Vanished(False, UidSet.of([405]))),
    # Not for us.
    (b"* 99 NOOP", Unknown(b"* 99 NOOP")),
    (b"* ACL INBOX fred rwipslda", Unknown(b"* ACL INBOX fred rwipslda")),
    (b"* ", Unknown(b"* ")),
    (b"*", Unknown(b"*")),
]


@pytest.mark.parametrize(("text", "expected"), FOLDERS)
def test_folders_and_the_session(text: bytes, expected: Answer) -> None:
    literals = (b"a b",) if b"{3}" in text else ()
    assert expected == read(text, *literals)


FINDINGS = [
    (b"* SEARCH 2 84 882", Found("SEARCH", numbers=UidSet.of([2, 84, 882]))),
    (b"* SEARCH", Found("SEARCH")),
    (
        b"* SEARCH 2 5 6 (MODSEQ 917162500)",
        Found("SEARCH", numbers=UidSet.of([2, 5, 6]), modseq=917162500),
    ),
    (b"* SORT 2 84 5", Found("SORT", numbers=(2, 84, 5))),
    (b"* SORT", Found("SORT", numbers=())),
    # RFC 9051, 7.3.4; RFC 5267; RFC 7162, 3.1.5; RFC 9394, 3.1.
    (
        b'* ESEARCH (TAG "A282") MIN 2 COUNT 3',
        Found("ESEARCH", tag=b"A282", by_uid=False, least=2, count=3),
    ),
    (
        b'* ESEARCH (TAG "A283") ALL 2,10:11',
        Found(
            "ESEARCH",
            tag=b"A283",
            by_uid=False,
            numbers=UidSet.of([2, 10, 11]),
            order=((2, 2), (10, 11)),
        ),
    ),
    (b'* ESEARCH (TAG "A284")', Found("ESEARCH", tag=b"A284", by_uid=False)),
    (
        b'* ESEARCH (TAG "a") UID MIN 7 MAX 3800 MODSEQ 1236 X-NEW (a "b") COUNT 15',
        Found("ESEARCH", tag=b"a", by_uid=True, least=7, greatest=3800, modseq=1236, count=15),
    ),
    (
        b'* ESEARCH (TAG "A01") UID PARTIAL (-1:-100 200:250,252)',
        Found(
            "ESEARCH",
            tag=b"A01",
            by_uid=True,
            partial=Slice(-1, -100, UidSet.parse(b"200:250,252"), ((200, 250), (252, 252))),
        ),
    ),
    (
        b'* ESEARCH (TAG "A01") UID PARTIAL (1:10 NIL)',
        Found("ESEARCH", tag=b"A01", by_uid=True, partial=Slice(1, 10, NOTHING)),
    ),
    (
        b'* ESEARCH (TAG "A1") UID ALL 23765,23764,23763:23761',
        Found(
            "ESEARCH",
            tag=b"A1",
            by_uid=True,
            numbers=UidSet(((23761, 23765),)),
            order=((23765, 23765), (23764, 23764), (23763, 23761)),
        ),
    ),
    # RFC 5256, 4.
    (b"* THREAD", Threads(())),
    (
        b"* THREAD (2)(3 6 (4 23)(44 7 96))",
        Threads(((2, 0), (3, 0), (6, 1), (4, 2), (23, 3), (44, 2), (7, 3), (96, 4))),
    ),
    (b"* THREAD ((3)(5))", Threads(((0, 0), (3, 1), (5, 1)))),
    (b"* THREAD (1 ((2)(3)) (4))", Threads(((1, 0), (0, 1), (2, 2), (3, 2), (4, 1)))),
]


@pytest.mark.parametrize(("text", "expected"), FINDINGS)
def test_findings(text: bytes, expected: Answer) -> None:
    assert expected == read(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"A1",
        b"A1 MAYBE later",
        b"A1 PREAUTH no",
        b"(A1 OK x",
        b"* 99999999999 EXISTS",
        b"* 0 EXPUNGE",
        b"* LIST",
        b'* LIST () "/"',
        b'* LIST (\\Seen "/" x',
        b"* STATUS INBOX",
        b"* STATUS INBOX (MESSAGES x)",
        b"* SEARCH 1 x",
        b"* SEARCH 0",
        b"* SEARCH 4294967296",
        b'* ESEARCH (TAG "A"',
        b"* ESEARCH UID ALL 0",
        b"* ESEARCH UID PARTIAL (1:2",
        b"* THREAD (1",
        b"* THREAD 1)",
        b"* THREAD 1",
        b"* VANISHED (LATER) 1",
        b"* VANISHED 1:*",
        b"* VANISHED 1,,2",
        b"* ESEARCH UID ALL 1:5,,9",
        b"* QUOTA",
        b'* LIST () "/" {3}',
    ],
)
def test_nonsense_is_garbled(text: bytes) -> None:
    with pytest.raises(Garbled) as caught:
        read(text)
    assert caught.value.expected


def test_where_the_new_uids_are() -> None:
    copied = Copied(1, ((304, 304), (320, 319)), ((3956, 3958),))
    assert [3956, 3957, 3958, None] == [copied.target_of(uid) for uid in (304, 320, 319, 7)]
    assert [(304, 3956), (320, 3957), (319, 3958)] == list(copied.pairs())
    assert Copied(1, ((1, 2),), ((9, 8),)).target_of(2) == 8
    assert Copied(1, ((1, 2),), ((9, 9),)).target_of(2) is None
