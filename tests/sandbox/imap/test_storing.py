"""STORE, COPY, MOVE, EXPUNGE and the ways to leave a mailbox."""

from __future__ import annotations

import pytest

from tests.sandbox.imap.dialogue import ImapDialogue


@pytest.fixture
def dialogue() -> ImapDialogue:
    return ImapDialogue.selected(b"one", b"two", b"three")


def test_flags(dialogue: ImapDialogue) -> None:
    dialogue.play(r"""
        C: a STORE 1:2 +FLAGS (\seen $Label)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label)
        S: * 1 FETCH (FLAGS ($Label \Recent \Seen))
        S: * 2 FETCH (FLAGS ($Label \Recent \Seen))
        S: a OK Stored
        C: a UID STORE 1 -FLAGS $LABEL \SEEN
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: a OK Stored
        C: a STORE 2 FLAGS.SILENT (\Draft)
        C: b STORE 2 -FLAGS.SILENT ()
        S: a OK Stored
        S: b OK Stored
        C: a STORE 1 FLAGS (\Recent)
        C: b STORE 1 FROB (\Seen)
        C: c STORE 9 FLAGS ()
        S: a BAD There is no such system flag, or it cannot be set
        S: b BAD STORE changes FLAGS
        S: c BAD There is no message of that number
    """)
    assert [set(), {"\\Draft"}, set()] == [each.flags for each in dialogue.inbox.entries()]


def test_unchanged_since(dialogue: ImapDialogue) -> None:
    dialogue.inbox.mark(2, "\\Flagged")
    dialogue.play(r"""
        C: a STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\Seen)
        S: * 1 FETCH (MODSEQ (6))
        S: * 3 FETCH (MODSEQ (7))
        S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent) MODSEQ (5))
        S: a OK [MODIFIED 2] Some had changed
        C: a UID STORE 1:3 (UNCHANGEDSINCE 6) -FLAGS (\Seen)
        S: * 1 FETCH (UID 1 FLAGS (\Recent) MODSEQ (8))
        S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent) MODSEQ (5))
        S: a OK [MODIFIED 3] Some had changed
    """)


def test_expunging(dialogue: ImapDialogue) -> None:
    dialogue.play(r"""
        C: a STORE 1:2 +FLAGS.SILENT (\Deleted)
        C: b UID EXPUNGE 2:9
        C: c EXPUNGE
        C: d FETCH 1:* UID
        S: a OK Stored
        S: * 2 EXPUNGE
        S: b OK Expunged
        S: * 1 EXPUNGE
        S: c OK Expunged
        S: * 1 FETCH (UID 3)
        S: d OK That is all
    """)


def test_several_are_numbered_as_they_go(dialogue: ImapDialogue) -> None:
    dialogue.play(r"""
        C: a STORE 1:3 +FLAGS.SILENT (\Deleted)
        C: b EXPUNGE
        S: a OK Stored
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: b OK Expunged
    """)


def test_closing(dialogue: ImapDialogue) -> None:
    dialogue.play(r"""
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        C: b UNSELECT
        C: c EXAMINE INBOX
        S: a OK Stored
        S: b OK Closed
        S: * FLAGS …
        S: * 3 EXISTS
        S: * 0 RECENT
        S: * OK …
        S: * OK …
        S: * OK …
        S: * OK …
        S: * OK …
        S: c OK [READ-ONLY] …
        C: a CLOSE
        C: b FETCH 1 UID
        S: a OK Closed
        S: b BAD Select a mailbox first
    """)
    assert 3 == len(dialogue.inbox)
    dialogue.selects()
    assert ["a OK Closed"] == dialogue.asks("CLOSE")
    assert [2, 3] == [message.id for message in dialogue.inbox]


@pytest.mark.parametrize(
    "command", ["STORE 1 FLAGS ()", "EXPUNGE", "UID EXPUNGE 1", "MOVE 1 Trash", "UID MOVE 1 Trash"]
)
def test_examining_permits_no_change(command: str) -> None:
    dialogue = ImapDialogue.signed_in(b"one")
    dialogue.selects("EXAMINE")
    assert ["a NO [READ-ONLY] The mailbox was opened by EXAMINE"] == dialogue.asks(command)


def test_copying(dialogue: ImapDialogue) -> None:
    dialogue.inbox.mark(3, "\\Flagged")
    dialogue.play("""
        C: a COPY 1,3 Archive
        C: b UID COPY 2 Nowhere
        C: c UID COPY 9 Archive
        C: d COPY 2 INBOX
        S: * 3 FETCH (UID 3 FLAGS (\\Flagged \\Recent))
        S: a OK [COPYUID 2 1,3 1:2] Copied
        S: b NO [TRYCREATE] There is no such mailbox
        S: c OK Copied
        S: * 4 EXISTS
        S: * 4 RECENT
        S: d OK [COPYUID 1 2 4] Copied
    """)
    copies = dialogue.folder("Archive").entries()
    assert [b"one", b"three"] == [copy.message.content for copy in copies]
    assert [set(), {"\\Flagged"}] == [copy.flags for copy in copies]
    assert [dialogue.inbox[0].arrived] * 2 == [copy.message.arrived for copy in copies]


def test_moving(dialogue: ImapDialogue) -> None:
    dialogue.play("""
        C: a MOVE 1:2 Trash
        C: b UID MOVE 3 Nowhere
        C: c UID MOVE 3 INBOX
        S: * OK [COPYUID 6 1:2 1:2] Moved
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: a OK Moved
        S: b NO [TRYCREATE] There is no such mailbox
        S: * OK [COPYUID 1 3 4] Moved
        S: * 1 EXPUNGE
        S: * 1 EXISTS
        S: * 1 RECENT
        S: c OK Moved
    """)
    assert [b"one", b"two"] == [message.content for message in dialogue.folder("Trash")]


def test_a_copy_that_does_not_fit_copies_nothing() -> None:
    dialogue = ImapDialogue.selected(b"x" * 400_000, b"x" * 300_000)
    dialogue.play("""
        C: a COPY 1:2 Archive
        C: b MOVE 1:2 Archive
        S: a NO [OVERQUOTA] Insufficient system storage
        S: * OK [COPYUID 2 1:2 1:2] Moved
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: b OK Moved
    """)


def test_without_uidplus() -> None:
    dialogue = ImapDialogue.selected(b"one", b"two", without=["UIDPLUS"])
    dialogue.play("""
        C: a COPY 1 Archive
        C: b MOVE 1 Archive
        S: a OK Copied
        S: * 1 EXPUNGE
        S: b OK Moved
    """)
