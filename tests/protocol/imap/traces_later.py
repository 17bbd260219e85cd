"""The examples of the extensions from RFC 5819 on, and of three before it, as conversations.

Each trace is one or more commands of the machine with the line that the RFC has for it, and what
the server answers there; ``TAG`` is the command's tag on both sides. Where an example works by
message numbers, ours works by UID, as everything does here.
"""

from __future__ import annotations

from courriel import where
from courriel.model.uids import UidSet
from courriel.wire.imap import commands
from courriel.wire.imap.commands import Fetch, Search, Select, Store
from tests.protocol.imap.traces import SELECT, TEN, Step, uids

LATER: dict[str, tuple[str, list[Step]]] = {
    "RFC 5819, 2: LIST-STATUS": (
        "LIST-EXTENDED LIST-STATUS",
        [
            (
                commands.List("", ("%",), (), (), ("MESSAGES", "UNSEEN")),
                ['TAG LIST "" "%" RETURN (STATUS (MESSAGES UNSEEN))'],
                [
                    '* LIST () "." "INBOX"',
                    '* STATUS "INBOX" (MESSAGES 17 UNSEEN 16)',
                    "TAG OK List completed.",
                ],
            )
        ],
    ),
    "RFC 6154, 5: SPECIAL-USE": (
        "SPECIAL-USE CREATE-SPECIAL-USE",
        [
            (
                commands.List("", ("%",), (), ("SPECIAL-USE",)),
                ['TAG LIST "" "%" RETURN (SPECIAL-USE)'],
                ['* LIST (\\Marked \\Sent) "/" SentMail', '* LIST () "/" Clients', "TAG OK done"],
            ),
            (
                commands.Create("MySpecial", "drafts"),
                ["TAG CREATE MySpecial (USE (\\Drafts))"],
                ["TAG OK MySpecial created"],
            ),
        ],
    ),
    "RFC 6851, 3: MOVE": (
        "MOVE UIDPLUS",
        [
            SELECT,
            (
                commands.Move(UidSet.parse(b"42:69"), "foo", folder="INBOX"),
                ["TAG UID MOVE 42:69 foo"],
                [
                    "* OK [COPYUID 432432 42:69 1202:1229] done",
                    "* 22 EXPUNGE",
                    "TAG OK Done",
                ],
            ),
        ],
    ),
    "RFC 7162: CONDSTORE": (
        "CONDSTORE",
        [
            (
                Select("INBOX", condstore=True),
                ["TAG SELECT INBOX (CONDSTORE)"],
                [*TEN, "* OK [HIGHESTMODSEQ 715194045007] Highest", "TAG OK [READ-WRITE] done"],
            ),
            (
                Fetch(uids(1, 2, 3), ("FLAGS",), changed_since=12_345, folder="INBOX"),
                ["TAG UID FETCH 1:3 (FLAGS) (CHANGEDSINCE 12345)"],
                [
                    "* 1 FETCH (UID 4 MODSEQ (65402) FLAGS (\\Seen))",
                    "* 2 FETCH (UID 6 MODSEQ (75403) FLAGS (\\Deleted))",
                    "TAG OK FETCH completed",
                ],
            ),
            (
                Store(
                    uids(7, 5, 9),
                    "+",
                    "\\Deleted",
                    silent=True,
                    unchanged_since=320_162_338,
                    folder="INBOX",
                ),
                ["TAG UID STORE 5,7,9 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)"],
                [
                    "* 5 FETCH (UID 5 MODSEQ (320162350))",
                    "TAG OK [MODIFIED 7,9] Conditional STORE failed",
                ],
            ),
        ],
    ),
    "RFC 7162, 3.2.5: QRESYNC": (
        "QRESYNC",
        [
            (
                commands.Enable(("QRESYNC",)),
                ["TAG ENABLE QRESYNC"],
                ["* ENABLED QRESYNC", "TAG OK done"],
            ),
            (
                Select(
                    "INBOX",
                    qresync=commands.Resync(67_890_007, 20_050_715_194_045_000, uids(41, 43)),
                ),
                ["TAG SELECT INBOX (QRESYNC (67890007 20050715194045000 41,43))"],
                [
                    *("* OK [CLOSED] closed", "* 100 EXISTS", "* OK [UIDVALIDITY 67890007] ok"),
                    "* VANISHED (EARLIER) 41,43:116,118,120:211,214:540",
                    "* 49 FETCH (UID 117 FLAGS (\\Seen \\Answered) MODSEQ (20010715194045001))",
                    "TAG OK [READ-WRITE] mailbox selected",
                ],
            ),
        ],
    ),
    "RFC 8438 and RFC 7889: sizes": (
        "STATUS=SIZE APPENDLIMIT",
        [
            (
                commands.Status("blurdybloop", ("SIZE", "APPENDLIMIT")),
                ["TAG STATUS blurdybloop (SIZE APPENDLIMIT)"],
                ["* STATUS blurdybloop (SIZE 44421 APPENDLIMIT 257890)", "TAG OK done"],
            )
        ],
    ),
    "RFC 8474, 5: OBJECTID": (
        "OBJECTID",
        [
            SELECT,
            (
                Fetch(uids(1), ("EMAILID", "THREADID"), folder="INBOX"),
                ["TAG UID FETCH 1 (EMAILID THREADID)"],
                [
                    "* 1 FETCH (UID 1 EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9))",
                    "* 2 FETCH (UID 2 EMAILID (M288836c4c7a762) THREADID NIL)",
                    "TAG OK done",
                ],
            ),
        ],
    ),
    "RFC 8970, 4: PREVIEW": (
        "PREVIEW",
        [
            SELECT,
            (
                Fetch(uids(1), ("PREVIEW (LAZY)",), folder="INBOX"),
                ["TAG UID FETCH 1 (PREVIEW (LAZY))"],
                [
                    '* 1 FETCH (UID 1 PREVIEW "Preview text for message 1")',
                    "* 2 FETCH (UID 2 PREVIEW NIL)",
                    "TAG OK FETCH complete.",
                ],
            ),
        ],
    ),
    "RFC 9208, 4: QUOTA": (
        "QUOTA",
        [
            (
                commands.GetQuotaRoot("INBOX"),
                ["TAG GETQUOTAROOT INBOX"],
                [
                    '* QUOTAROOT INBOX "#user/alice" comp',
                    '* QUOTA "#user/alice" (MESSAGE 42 1000)',
                    "* QUOTA comp (STORAGE 10 512 MESSAGE 1 2)",
                    "TAG OK Getquotaroot completed",
                ],
            )
        ],
    ),
    "RFC 9394, 3: PARTIAL": (
        "PARTIAL ESEARCH",
        [
            SELECT,
            (
                Search(~where.deleted, partial=(-1, -100), folder="INBOX"),
                ["TAG UID SEARCH RETURN (PARTIAL -1:-100) NOT DELETED"],
                ['* ESEARCH (TAG "TAG") UID PARTIAL (-1:-100 200:250,252:300)', "TAG OK done"],
            ),
        ],
    ),
    "RFC 4978, 3: COMPRESS": (
        "COMPRESS=DEFLATE",
        [
            (
                commands.Compress(),
                ["TAG COMPRESS DEFLATE"],
                ["TAG NO [COMPRESSIONACTIVE] DEFLATE active via TLS"],
            )
        ],
    ),
    "RFC 6855, 3: UTF8=ACCEPT": (
        "UTF8=ACCEPT",
        [
            (
                commands.Enable(("UTF8=ACCEPT",)),
                ["TAG ENABLE UTF8=ACCEPT"],
                ["* ENABLED UTF8=ACCEPT", "TAG OK done"],
            ),
            (
                commands.Create("été"),
                ['TAG CREATE "Ã©tÃ©"'],
                ["TAG OK done"],
            ),
        ],
    ),
}
