"""Folders of IMAP sessions against transcripts: what is asked, in how many round trips."""

from __future__ import annotations

import pytest

from courriel import Garbled, Misused, NotSupported, Refused, where
from courriel.drive.scripted import ScriptedServer
from courriel.model.folder import Counters, Namespace, Namespaces, Quota
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

MODERN = opened("LIST-EXTENDED LIST-STATUS SPECIAL-USE")


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_a_modern_server_tells_everything_at_once(face: Face, chunk: int | None) -> None:
    server = ScriptedServer(
        MODERN
        + r"""
        C: A1 LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN *))
        S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
        S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 7)
        S: * LIST (\HasChildren \Sent) "/" "Gesendet"
        S: * LIST (\HasNoChildren \Subscribed) "/" "Gesendet/2026"
        S: * STATUS "Gesendet/2026" (MESSAGES 0 UNSEEN 0 UIDNEXT 1 UIDVALIDITY 8)
        S: * LIST (\HasNoChildren) "/" "Sent"
        S: * LIST (\HasNoChildren) "/" "Entw&APw-rfe"
        S: A1 OK done
        """
        + bye(2),
        chunk=chunk,
    )
    async with imap(face, server) as session:
        before = server.flights
        inbox, sent, archive, other, drafts = await session.folders()
        assert 1 == server.flights - before
    server.check()
    assert ("INBOX", "inbox", "server", True) == (
        inbox.name,
        inbox.use,
        inbox.use_source,
        inbox.subscribed,
    )
    assert Counters(messages=3, unseen=1, uid_next=9, uid_validity=7) == inbox.counters
    assert ("sent", "server", False, None) == (
        sent.use,
        sent.use_source,
        sent.subscribed,
        sent.counters,
    )
    assert (True, False) == (sent.has_children, inbox.has_children)
    assert ("Gesendet", "2026", None) == (archive.parent, archive.short_name, archive.use)
    # The server has said which one is for what was sent, so that no name is asked.
    assert (None, None) == (other.use, other.use_source)
    assert ("Entwürfe", "drafts", "name") == (drafts.name, drafts.use, drafts.use_source)
    assert b"Entw&APw-rfe" == drafts.raw


async def test_an_old_server_is_asked_for_both_lists_in_one_flight(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + r"""
        C: A1 LIST "" "*"
        C: A2 LSUB "" "*"
        S: * LIST () "." INBOX
        S: * LIST (\Noselect) "." INBOX.Lists
        S: * LIST () "." INBOX.Papierkorb
        S: * LIST () "." INBOX.Papierkorb
        S: A1 OK done
        S: * LSUB () "." INBOX
        S: * LSUB (\Noselect) "." INBOX.Lists
        S: * LSUB () "." INBOX.gone
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        before = server.flights
        inbox, lists, trash = await session.folders()
        assert 1 == server.flights - before
    server.check()
    assert [True, False, False] == [inbox.subscribed, lists.subscribed, trash.subscribed]
    assert [True, False, True] == [inbox.selectable, lists.selectable, trash.selectable]
    assert ("trash", "name") == (trash.use, trash.use_source)


async def test_a_server_without_subscriptions_says_nothing_of_them(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 LIST "" "%"
        C: A2 LSUB "" "%"
        S: * LIST () NIL INBOX
        S: A1 OK done
        S: A2 NO what?
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        (inbox,) = await session.folders("%")
    server.check()
    assert (None, None) == (inbox.subscribed, inbox.separator)


async def test_one_that_stumbles_over_its_own_extension_is_asked_again(face: Face) -> None:
    server = ScriptedServer(
        opened("LIST-EXTENDED")
        + """
        C: A1 LIST "" "*" RETURN (SUBSCRIBED CHILDREN)
        S: A1 BAD syntax
        C: A2 LIST "" "*"
        C: A3 LSUB "" "*"
        S: * LIST () "/" INBOX
        S: A2 OK done
        S: A3 OK done
        """
        + bye(4)
    )
    async with imap(face, server) as session:
        assert ["INBOX"] == [folder.name for folder in await session.folders()]
    server.check()


async def test_xlist_tells_uses_where_nothing_better_does(face: Face) -> None:
    server = ScriptedServer(
        opened("XLIST")
        + r"""
        C: A1 XLIST "" "*"
        C: A2 LSUB "" "*"
        S: * XLIST (\HasNoChildren \Inbox) "/" "INBOX"
        S: * XLIST (\HasNoChildren \Spam) "/" "[Gmail]/Fishy"
        S: * XLIST (\HasNoChildren \AllMail) "/" "[Gmail]/Everything"
        S: A1 OK done
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        found = {folder.name: folder.use for folder in await session.folders()}
    server.check()
    assert {"INBOX": "inbox", "[Gmail]/Fishy": "junk", "[Gmail]/Everything": "all"} == found


async def test_names_that_no_rule_spells_can_be_used(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 LIST "" "*"
        C: A2 LSUB "" "*"
        S: * LIST () "/" "R&D"
        S: * LIST () "/" "Entw\xc3\xbcrfe"
        S: * LIST () "/" "caf\xe9"
        S: A1 OK done
        S: A2 OK done
        C: A3 SUBSCRIBE "R&D"
        S: A3 OK done
        C: A4 STATUS {9}
        S: + go on
        C: Entw\xfcrfe (MESSAGES)
        S: * STATUS "Entw\xc3\xbcrfe" (MESSAGES 4)
        S: A4 OK done
        C: A5 STATUS {4}
        S: + go on
        C: caf\udce9 (MESSAGES)
        S: * STATUS "caf\xe9" (MESSAGES 5)
        S: A5 OK done
        """
        + bye(6)
    )
    async with imap(face, server) as session:
        odd, utf8, latin = await session.folders()
        await session.subscribe(odd)
        assert "Entwürfe" == utf8.name
        assert 4 == await session.count(utf8)
        assert 5 == await session.count(latin)
    server.check()


async def test_counters_are_asked_for_as_far_as_the_server_counts(face: Face) -> None:
    server = ScriptedServer(
        opened("CONDSTORE STATUS=SIZE OBJECTID APPENDLIMIT=1000")
        + """
        C: A1 STATUS "Entw&APw-rfe" (* UIDVALIDITY HIGHESTMODSEQ SIZE MAILBOXID RECENT)
        S- * STATUS "Entw&APw-rfe" (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 77
        S:  SIZE 900 MAILBOXID (F1) RECENT 0)
        S: A1 OK done
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        counters = await session.status("Entwürfe")
    server.check()
    assert (3, 77, 900, "F1", 1000) == (
        counters.messages,
        counters.highest_modseq,
        counters.size,
        counters.mailbox_id,
        counters.append_limit,
    )


async def test_cyrus_is_not_asked_for_the_id_that_it_makes_up(face: Face) -> None:
    server = ScriptedServer(
        opened("CONDSTORE OBJECTID X-REPLICATION")
        + """
        C: A1 STATUS a (* HIGHESTMODSEQ RECENT)
        S: * STATUS a (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 77 RECENT 0)
        S: A1 OK done
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        counters = await session.status("a")
    server.check()
    assert (3, None) == (counters.messages, counters.mailbox_id)


async def test_counters_that_are_refused_are_done_without(face: Face) -> None:
    server = ScriptedServer(
        opened("STATUS=SIZE")
        + """
        C: A1 STATUS a (MESSAGES UNSEEN UIDNEXT UIDVALIDITY SIZE RECENT)
        S: A1 BAD Invalid status item SIZE
        C: A2 STATUS a (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
        S: * STATUS a (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 7)
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        counters = await session.status("a")
    server.check()
    assert (3, None) == (counters.messages, counters.size)


@pytest.mark.parametrize(
    ("words", "items", "answer", "condition"),
    [
        ("STATUS=SIZE", " SIZE", "[NONEXISTENT] There is no such mailbox", "NONEXISTENT"),
        ("", "", "What the folder holds is not for you", None),
    ],
    ids=["no-such-folder", "nothing-to-do-without"],
)
async def test_counters_are_not_asked_for_twice_in_vain(
    face: Face, words: str, items: str, answer: str, condition: str | None
) -> None:
    server = ScriptedServer(
        opened(words)
        + f"""
        C: A1 STATUS a (MESSAGES UNSEEN UIDNEXT UIDVALIDITY{items} RECENT)
        S: A1 NO {answer}
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        with pytest.raises(Refused) as caught:
            await session.status("a")
    server.check()
    assert ("status", condition) == (caught.value.operation, caught.value.condition)


async def test_a_count_that_was_not_told_is_no_number(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + """
        C: A1 STATUS INBOX (MESSAGES)
        S: A1 OK done
        C: A2 NOOP
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        with pytest.raises(Garbled) as caught:
            await session.count()
        assert caught.value.session_usable
        await session.noop()
    server.check()


async def test_folders_come_and_go(face: Face) -> None:
    server = ScriptedServer(
        opened("CREATE-SPECIAL-USE")
        + r"""
        C: A1 CREATE Ablage (USE (\Archive))
        S: A1 OK done
        C: A2 RENAME Ablage Archiv
        S: A2 OK done
        C: A3 UNSUBSCRIBE Archiv
        S: A3 OK done
        C: A4 DELETE Archiv
        S: A4 NO [NOPERM] never
        """
        + bye(5)
    )
    async with imap(face, server) as session:
        await session.create_folder("Ablage", use="archive")
        await session.rename_folder("Ablage", "Archiv")
        await session.unsubscribe("Archiv")
        with pytest.raises(Refused) as caught:
            await session.delete_folder("Archiv")
    server.check()
    assert ("delete_folder", "NOPERM") == (caught.value.operation, caught.value.condition)


async def test_the_selected_folder_is_left_before_it_is_deleted(face: Face) -> None:
    server = ScriptedServer(
        opened("UNSELECT ESEARCH")
        + """
        C: A1 EXAMINE old
        """
        + examined(1, "old")
        + """
        C: A2 UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG "A2") UID ALL 1:10
        S: A2 OK done
        C: A3 UNSELECT
        S: A3 OK done
        C: A4 DELETE old
        S: A4 OK done
        C: A5 CREATE old
        S: A5 OK done
        C: A6 EXAMINE old
        S: * 0 EXISTS
        S: * OK [UIDVALIDITY 8] ok
        S: A6 OK [READ-ONLY] done
        C: A7 UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG "A7") UID
        S: A7 OK done
        """
        + bye(8)
    )
    async with imap(face, server) as session:
        assert 10 == len(await session.search(where.all, "old"))
        await session.delete_folder("old")
        await session.create_folder("old")
        # It is another one, and we know it.
        assert [] == await session.search(where.all, "old")
    server.check()


async def test_what_the_server_lacks_is_named(face: Face) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server) as session:
        for capability, call in (
            ("CREATE-SPECIAL-USE", session.create_folder("a", use="junk")),
            ("QUOTA", session.quota("INBOX") if not face.blocking else session.quota()),
            ("ID", session.identify(name="me")),
        ):
            with pytest.raises(NotSupported) as caught:
                await call
            assert capability == caught.value.capability
            assert caught.value.operation
        for wrong in ("", "a\r\nA9 LOGOUT", "a\x00"):
            with pytest.raises(Misused):
                await session.create_folder(wrong)
    server.check()


async def test_namespaces_are_asked_once(face: Face) -> None:
    server = ScriptedServer(
        opened("NAMESPACE")
        + """
        C: A1 NAMESPACE
        S: * NAMESPACE (("" "/")) (("Other/" "/")) NIL
        S: A1 OK done
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        for _ in range(2):
            assert (
                Namespaces((Namespace("", "/"),), (Namespace("Other/", "/"),), ())
                == await session.namespaces()
            )
    server.check()


async def test_without_namespaces_all_folders_are_ones_own(face: Face) -> None:
    server = ScriptedServer(
        opened()
        + r"""
        C: A1 LIST "" ""
        S: * LIST (\Noselect) "." ""
        S: A1 OK done
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        assert Namespaces((Namespace("", "."),)) == await session.namespaces()
    server.check()


async def test_quotas_come_in_the_order_of_their_roots(face: Face) -> None:
    server = ScriptedServer(
        opened("QUOTA")
        + """
        C: A1 GETQUOTAROOT INBOX
        S: * QUOTAROOT INBOX "mail" ""
        S: * QUOTA "" (STORAGE 10 512)
        S: * QUOTA "mail" (MESSAGE 3 100)
        S: A1 OK done
        """
        + bye(2)
    )
    async with imap(face, server) as session:
        mail, whole = await session.quota()
    server.check()
    assert Quota("mail", {"MESSAGE": (3, 100)}) == mail
    assert (10 * 1024, 512 * 1024) == whole.storage


async def test_who_is_there(face: Face) -> None:
    server = ScriptedServer(
        opened("ID")
        + """
        C: A1 ID (*)
        S: * ID ("name" "Dovecot")
        S: A1 OK done
        C: A2 ID ("name" "me" "support-url" "https://example.org/")
        S: * ID ("name" "Dovecot" "os" NIL)
        S: A2 OK done
        """
        + bye(3)
    )
    async with imap(face, server) as session:
        told = await session.identify(name="me", support_url="https://example.org/")
    server.check()
    assert {"name": "Dovecot", "os": None} == told
