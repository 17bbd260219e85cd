"""The examples of RFC 3501, RFC 9051 and of the extensions up to RFC 5258, as conversations.

Each trace is one or more commands of the machine with the line that the RFC has for it, and what
the server answers there; ``TAG`` is the command's tag on both sides. Where an example works by
message numbers, ours works by UID, as everything does here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TypeAlias

from courriel import where
from courriel.model.secret import Secret
from courriel.model.uids import UidSet
from courriel.wire.imap import commands
from courriel.wire.imap.commands import Command, Fetch, Search, Select, Store
from courriel.wire.imap.fragments import Literal
from courriel.wire.imap.items import peek

Step: TypeAlias = tuple[Command, list[str], list[str]]

TEN = [
    *("* 172 EXISTS", "* 1 RECENT", "* OK [UNSEEN 12] Message 12 is first unseen"),
    *("* OK [UIDVALIDITY 3857529045] UIDs valid", "* OK [UIDNEXT 4392] Predicted next UID"),
    *(
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
        "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited",
    ),
]
SELECT: Step = (
    Select("INBOX"),
    ["TAG SELECT INBOX"],
    [*TEN, "TAG OK [READ-WRITE] SELECT completed"],
)
LETTER = (
    '* 12 FETCH (UID 12 FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" '
    'RFC822.SIZE 4286 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" '
    '"IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) '
    '(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" '
    '"cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" '
    '"CNRI.Reston.VA.US") ("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL '
    '"<B27397-0100000@cac.washington.edu>") BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL '
    '"7BIT" 3028 92))'
)


def uids(*numbers: int) -> UidSet:
    return UidSet.of(numbers)


EARLY: dict[str, tuple[str, list[Step]]] = {
    "RFC 3501, 8": (
        "",
        [
            (
                commands.Login("mrc", Secret("secret")),
                ["TAG LOGIN mrc secret"],
                ["TAG OK LOGIN completed"],
            ),
            SELECT,
            (
                Fetch(
                    uids(12),
                    ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
                    folder="INBOX",
                ),
                ["TAG UID FETCH 12 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)"],
                [LETTER, "TAG OK FETCH completed"],
            ),
            (
                Fetch(uids(12), (peek("HEADER"),), folder="INBOX"),
                ["TAG UID FETCH 12 (BODY.PEEK[HEADER])"],
                ["* 12 FETCH (UID 12 BODY[HEADER] {14}", "Subject: hi", ")", "TAG OK done"],
            ),
            (
                Store(uids(12), "+", "\\Deleted", silent=False, folder="INBOX"),
                ["TAG UID STORE 12 +FLAGS (\\Deleted)"],
                ["* 12 FETCH (UID 12 FLAGS (\\Seen \\Deleted))", "TAG OK +FLAGS completed"],
            ),
            (commands.Logout(), ["TAG LOGOUT"], ["* BYE IMAP4rev1 server", "TAG OK LOGOUT"]),
        ],
    ),
    "RFC 9051, 6.3": (
        "IMAP4rev2",
        [
            (
                commands.Enable(("IMAP4rev2",)),
                ["TAG ENABLE IMAP4rev2"],
                ["* ENABLED IMAP4rev2", "TAG OK ENABLE completed"],
            ),
            (
                Select("INBOX"),
                ["TAG SELECT INBOX"],
                [*TEN[:1], '* LIST () "/" INBOX ("OLDNAME" ("inbox"))', "TAG OK [READ-WRITE] done"],
            ),
            (
                commands.Status("blurdybloop", ("UIDNEXT", "MESSAGES")),
                ["TAG STATUS blurdybloop (UIDNEXT MESSAGES)"],
                ["* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)", "TAG OK STATUS completed"],
            ),
            (
                Search(where.flagged & where.since(date(1994, 2, 1)), folder="INBOX"),
                ["TAG UID SEARCH FLAGGED SINCE 1-Feb-1994"],
                ['* ESEARCH (TAG "TAG") UID ALL 2,84,882', "TAG OK SEARCH completed"],
            ),
        ],
    ),
    "RFC 2177, 3: IDLE": (
        "IDLE",
        [
            SELECT,
            (
                commands.Idle(folder="INBOX"),
                ["TAG IDLE"],
                ["+ idling", "* 2 EXPUNGE", "* 3 EXISTS", "TAG OK IDLE terminated"],
            ),
        ],
    ),
    "RFC 2342, 5: NAMESPACE": (
        "NAMESPACE",
        [
            (
                commands.Namespace(),
                ["TAG NAMESPACE"],
                [
                    (
                        '* NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) '
                        '(("~" "/")) (("#shared/" "/")("#public/" "/"))'
                    ),
                    "TAG OK NAMESPACE command completed",
                ],
            )
        ],
    ),
    "RFC 2971, 3: ID": (
        "ID",
        [
            (
                commands.Id({"name": "sodr", "version": "19.34"}),
                ['TAG ID ("name" "sodr" "version" "19.34")'],
                ['* ID ("name" "Cyrus" "version" "1.5" "os" NIL)', "TAG OK ID completed"],
            )
        ],
    ),
    "RFC 3502, 6.3.11: MULTIAPPEND": (
        "MULTIAPPEND LITERAL+ UIDPLUS",
        [
            (
                commands.Append(
                    "saved-messages",
                    (
                        commands.Upload(Literal(b"one"), ("\\Seen",)),
                        commands.Upload(
                            Literal(b"three"),
                            ("\\Flagged",),
                            datetime(1994, 2, 7, 22, 43, 4, tzinfo=timezone(timedelta(hours=-8))),
                        ),
                    ),
                ),
                [
                    "TAG APPEND saved-messages (\\Seen) {3+}",
                    'one (\\Flagged) " 7-Feb-1994 22:43:04 -0800" {5+}',
                    "three",
                ],
                ["TAG OK [APPENDUID 38505 3955:3956] APPEND completed"],
            )
        ],
    ),
    "RFC 3516, 4.2: BINARY": (
        "BINARY",
        [
            SELECT,
            (
                Fetch(uids(3), ("BINARY.SIZE[1]", "BINARY.PEEK[1]"), folder="INBOX"),
                ["TAG UID FETCH 3 (BINARY.SIZE[1] BINARY.PEEK[1])"],
                ["* 3 FETCH (UID 3 BINARY.SIZE[1] 3 BINARY[1] ~{3}", "a\0b)", "TAG OK done"],
            ),
        ],
    ),
    "RFC 3691, 2: UNSELECT": (
        "UNSELECT",
        [SELECT, (commands.Unselect(), ["TAG UNSELECT"], ["TAG OK Returned"])],
    ),
    "RFC 4315: UIDPLUS": (
        "UIDPLUS",
        [
            SELECT,
            (
                commands.Expunge(UidSet.parse(b"3000:3002"), folder="INBOX"),
                ["TAG UID EXPUNGE 3000:3002"],
                ["* 3 EXPUNGE", "* 3 EXPUNGE", "* 3 EXPUNGE", "TAG OK UID EXPUNGE completed"],
            ),
            (
                commands.Copy(UidSet.parse(b"2:4"), "meeting", folder="INBOX"),
                ["TAG UID COPY 2:4 meeting"],
                ["TAG OK [COPYUID 38505 304,319:320 3956:3958] Done"],
            ),
        ],
    ),
    "RFC 4731, 3: ESEARCH": (
        "ESEARCH",
        [
            SELECT,
            (
                Search(
                    where.answered & where.sender("example@example.com"),
                    return_options=("MIN", "COUNT"),
                    folder="INBOX",
                ),
                ['TAG UID SEARCH RETURN (MIN COUNT) ANSWERED FROM "example@example.com"'],
                ['* ESEARCH (TAG "TAG") UID MIN 7 COUNT 3', "TAG OK SEARCH completed"],
            ),
        ],
    ),
    "RFC 5032, 3: WITHIN": (
        "WITHIN",
        [
            SELECT,
            (
                Search(where.unseen & where.younger(259_200), folder="INBOX"),
                ["TAG UID SEARCH UNSEEN YOUNGER 259200"],
                ["* SEARCH 4 8 15 16 23 42", "TAG OK UID SEARCH completed"],
            ),
        ],
    ),
    "RFC 5256: SORT and THREAD": (
        "SORT THREAD=REFERENCES",
        [
            SELECT,
            (
                commands.Sort(
                    where.since(date(1994, 2, 1)),
                    "UTF-8",
                    keys=("SUBJECT", "REVERSE DATE"),
                    folder="INBOX",
                ),
                ["TAG UID SORT (SUBJECT REVERSE DATE) UTF-8 SINCE 1-Feb-1994"],
                ["* SORT 5 3 4 1 2", "TAG OK SORT completed"],
            ),
            (
                commands.Thread(where.since(date(2000, 3, 5)), "UTF-8", folder="INBOX"),
                ["TAG UID THREAD REFERENCES UTF-8 SINCE 5-Mar-2000"],
                [
                    "* THREAD (166)(167)(168)(169)(172)((170)(179))(171)(173)(174 (175)(176)(178))",
                    "TAG OK THREAD completed",
                ],
            ),
        ],
    ),
    "RFC 5258, 5: LIST-EXTENDED": (
        "LIST-EXTENDED",
        [
            (
                commands.List("", ("%",), (), ("CHILDREN", "SUBSCRIBED")),
                ['TAG LIST "" "%" RETURN (CHILDREN SUBSCRIBED)'],
                [
                    '* LIST (\\Marked \\NoInferiors) "/" "inbox"',
                    '* LIST (\\Subscribed \\NonExistent) "/" "Fruit/Peach"',
                    '* LIST (\\HasChildren) "/" "Fruit" ("CHILDINFO" ("SUBSCRIBED"))',
                    "TAG OK done",
                ],
            )
        ],
    ),
}
