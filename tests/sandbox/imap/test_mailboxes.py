"""SELECT, CREATE, DELETE, RENAME, SUBSCRIBE, STATUS, LIST and what belongs to them."""

from __future__ import annotations

import pytest

from courriel.sandbox.imap.wildcards import matches
from tests.sandbox.imap.dialogue import ImapDialogue

HELLO = b"Subject: hello\r\n\r\nhello\r\n"


def test_selecting() -> None:
    dialogue = ImapDialogue.signed_in(HELLO, HELLO)
    dialogue.inbox.mark(1, "\\Seen", "$Label")
    dialogue.play(r"""
        C: a SELECT inbox
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label)
        S: * 2 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 2] The first unseen message
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label \*)] The flags …
        S: * OK [UIDVALIDITY 1] UIDs are valid
        S: * OK [UIDNEXT 3] The next UID
        S: * OK [HIGHESTMODSEQ 4] The highest
        S: a OK [READ-WRITE] The mailbox is open
        C: b EXAMINE INBOX (CONDSTORE)
        S: * FLAGS …
        S: * 2 EXISTS
        S: * 0 RECENT
        S: * OK [UNSEEN 2] …
        S: * OK [PERMANENTFLAGS ()] The flags that stay
        S: * OK [UIDVALIDITY 1] …
        S: * OK [UIDNEXT 3] …
        S: * OK [HIGHESTMODSEQ 4] …
        S: b OK [READ-ONLY] The mailbox is open
    """)


def test_a_select_that_fails_leaves_nothing_selected() -> None:
    ImapDialogue.selected(HELLO).play("""
        C: a SELECT Nowhere
        C: b FETCH 1 FLAGS
        C: c SELECT INBOX (QRESYNC (1 2))
        S: a NO [NONEXISTENT] There is no such mailbox
        S: b BAD Select a mailbox first
        S: c BAD …
    """)


def test_creating_and_deleting() -> None:
    dialogue = ImapDialogue.signed_in()
    dialogue.play("""
        C: a CREATE Work/Letters/
        C: b CREATE work/letters
        C: c CREATE Work
        C: d DELETE Work
        C: e DELETE Work
        C: f LIST "" W*
        S: a OK Created
        S: b OK Created
        S: c NO [ALREADYEXISTS] There is such a mailbox already
        S: d OK Deleted
        S: e NO [CANNOT] 'Work' has folders below it
        S: * LIST (\\Noselect \\HasChildren) "/" Work
        S: * LIST (\\HasNoChildren) "/" Work/Letters
        S: f OK That is all
        C: a CREATE Work
        C: b DELETE Nowhere
        C: c DELETE INBOX
        C: d CREATE "a//b"
        C: e SELECT Work
        S: a OK Created
        S: b NO [NONEXISTENT] There is no such mailbox
        S: c NO [CANNOT] INBOX cannot be deleted
        S: d NO [CANNOT] This is no name for a folder
        S: * FLAGS …
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK …
        S: * OK …
        S: * OK …
        S: * OK …
        S: e OK …
        C: a DELETE Work
        S: a NO [INUSE] The mailbox is open
    """)
    assert dialogue.folder("Work").uid_validity != dialogue.folder("work").uid_validity


def test_a_special_use_can_be_asked_for() -> None:
    dialogue = ImapDialogue.signed_in()
    dialogue.play(r"""
        C: a CREATE Sp&AOk-cial (USE (\Archive))
        C: b LIST (SPECIAL-USE) "" * RETURN (SUBSCRIBED)
        C: c CREATE Other (USE (\All))
        S: a OK Created
        S: * LIST (\HasNoChildren \Subscribed \Archive) "/" Archive
        S: * LIST (\HasNoChildren \Subscribed \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren \Subscribed \Junk) "/" Junk
        S: * LIST (\HasNoChildren \Subscribed \Sent) "/" Sent
        S: * LIST (\HasNoChildren \Archive) "/" Sp&AOk-cial
        S: * LIST (\HasNoChildren \Subscribed \Trash) "/" Trash
        S: b OK That is all
        S: c NO [USEATTR] …
    """)
    assert "\\Archive" == dialogue.store.folders("ada").use("Spécial")


def test_renaming() -> None:
    dialogue = ImapDialogue.signed_in(HELLO)
    dialogue.play("""
        C: a CREATE Work/Old
        C: b RENAME Work Home
        C: c RENAME Nowhere Home2
        C: d RENAME Home Sent
        C: e RENAME Home Home/Below
        C: f RENAME INBOX Before
        C: g STATUS Before (MESSAGES)
        S: a OK Created
        S: b OK Renamed
        S: c NO [NONEXISTENT] …
        S: d NO [ALREADYEXISTS] …
        S: e NO [CANNOT] A folder cannot be below itself
        S: f OK Renamed
        S: * STATUS Before (MESSAGES 1)
        S: g OK That is all
    """)
    assert ("Home", "Home/Old") == dialogue.store.folders("ada").names[-5:-3]
    assert 0 == len(dialogue.inbox)


def test_subscriptions() -> None:
    ImapDialogue.signed_in().play(r"""
        C: a UNSUBSCRIBE Junk
        C: b SUBSCRIBE Gone/Deeper
        C: c LSUB "" *
        S: a OK Unsubscribed
        S: b OK Subscribed
        S: * LSUB () "/" INBOX
        S: * LSUB () "/" Archive
        S: * LSUB () "/" Drafts
        S: * LSUB () "/" Gone/Deeper
        S: * LSUB () "/" Sent
        S: * LSUB () "/" Trash
        S: c OK That is all
        C: a LSUB "" G%
        C: b LIST (SUBSCRIBED) "" G*
        C: c LIST (SUBSCRIBED RECURSIVEMATCH) "" G%
        C: d LIST (RECURSIVEMATCH) "" %
        S: * LSUB (\Noselect) "/" Gone
        S: a OK That is all
        S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" Gone/Deeper
        S: b OK That is all
        S: * LIST (\NonExistent \HasNoChildren) "/" Gone ("CHILDINFO" ("SUBSCRIBED"))
        S: c OK That is all
        S: d BAD RECURSIVEMATCH wants another option beside it (RFC 5258, 3.1)
    """)


def test_status() -> None:
    dialogue = ImapDialogue.signed_in(HELLO, HELLO)
    dialogue.inbox.mark(1, "\\Seen", "\\Deleted")
    dialogue.play("""
        C: a STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE DELETED HIGHESTMODSEQ)
        C: b STATUS INBOX (APPENDLIMIT)
        C: c STATUS Nowhere (MESSAGES)
        C: d STATUS INBOX (GOPHERS)
        C: e STATUS INBOX ()
        S: * STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 1 SIZE 50 DELETED 1 …
        S: a OK That is all
        S: * STATUS INBOX (APPENDLIMIT 67108864)
        S: b OK That is all
        S: c NO [NONEXISTENT] …
        S: d BAD STATUS knows no such item
        S: e BAD …
    """)


def test_listing() -> None:
    ImapDialogue.signed_in(HELLO).play(r"""
        C: a LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: a OK That is the separator
        C: a LIST "" (INBOX "S%") RETURN (CHILDREN STATUS (MESSAGES UNSEEN))
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * STATUS INBOX (MESSAGES 1 UNSEEN 1)
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * STATUS Sent (MESSAGES 0 UNSEEN 0)
        S: a OK That is all
        C: a LIST S ent
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: a OK That is all
        C: a LIST (FROB) "" *
        C: b LIST "" * RETURN (FROB)
        C: c LIST "" * FROB
        S: a BAD LIST knows no such selection option
        S: b BAD LIST knows no such return option
        S: c BAD LIST ends with RETURN, or with its pattern
        C: a NAMESPACE
        S: * NAMESPACE (("" "/")) NIL NIL
        S: a OK That is all
    """)


def test_a_plain_server_lists_plainly() -> None:
    without = ["CHILDREN", "SPECIAL-USE", "LIST-EXTENDED"]
    ImapDialogue.signed_in(without=without).play("""
        C: a LIST "" S*
        S: * LIST () "/" Sent
        S: a OK That is all
        C: a LIST "" * RETURN ()
        S: a BAD There is something behind the last argument
    """)


def test_names_are_modified_utf_7_or_utf_8() -> None:
    dialogue = ImapDialogue.signed_in()
    dialogue.play("""
        C: a CREATE Entw&APw-rfe
        C: b LIST "" Entw*
        C: c ENABLE UTF8=ACCEPT
        C: d LIST "" "Entwü*"
        C: e CREATE "日本"
        S: a OK Created
        S: * LIST (\\HasNoChildren) "/" Entw&APw-rfe
        S: b OK That is all
        S: * ENABLED UTF8=ACCEPT
        S: c OK Enabled
        S: * LIST (\\HasNoChildren) "/" "Entwürfe"
        S: d OK That is all
        S: e OK Created
    """)
    assert {"Entwürfe", "日本"} <= set(dialogue.store.folders("ada").names)


def test_eight_bit_names_want_utf_8() -> None:
    (said,) = ImapDialogue.signed_in().asks('CREATE "Entwürfe"')
    assert said.startswith("a BAD The command wants a quoted string ")


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("INBOX", "*", True),
        ("a/b", "%", False),
        ("a/b", "%/%", True),
        ("a/b/c", "a/*", True),
        ("a/b/c", "*c", True),
        ("a/b/c", "%c", False),
        ("a", "a%", True),
        ("ab", "a", False),
        ("", "", True),
        ("a*b", "a*b", True),
        ("a" * 500, "*a" * 200 + "b", False),
    ],
)
def test_wildcards(name: str, pattern: str, expected: bool) -> None:
    assert expected is matches(name, pattern)
