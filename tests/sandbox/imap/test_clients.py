"""The running server, as programs see it that other people have written."""

from __future__ import annotations

import imaplib
import select
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from courriel.sandbox import IMAP_CAPABILITIES, Authority, Server
from tests.toil import linear

FIRST = b"From: Bob <bob@example.org>\r\nSubject: first\r\n\r\none\r\n.two\r\n"
SECOND = b"From: Eve <eve@example.org>\r\nSubject: second\r\n\r\n" + b"x" * 5_000 + b"\r\n"


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with make(authority) as running:
        yield running


def make(authority: Authority, **options: Any) -> Server:
    server = Server({"ada": "secret", "bob": "hunter2"}, authority=authority, **options)
    server.deliver("ada", FIRST)
    server.deliver("ada", SECOND)
    return server


def plain(server: Server) -> imaplib.IMAP4:
    return imaplib.IMAP4(server.host, server.imap_port, timeout=10)


def under_tls(server: Server) -> imaplib.IMAP4:
    return imaplib.IMAP4_SSL(
        server.host, server.imap_tls_port, timeout=10, ssl_context=server.ssl_context
    )


def under_starttls(server: Server) -> imaplib.IMAP4:
    client = plain(server)
    client.starttls(ssl_context=server.ssl_context)
    return client


def signed_in(server: Server) -> imaplib.IMAP4:
    client = under_tls(server)
    client.login("ada", "secret")
    return client


class TestImaplib:
    """The standard library's client."""

    @pytest.mark.parametrize("connect", [plain, under_tls, under_starttls])
    def test_reading_and_removing(
        self, server: Server, connect: Callable[[Server], imaplib.IMAP4]
    ) -> None:
        with connect(server) as client:
            client.login("ada", "secret")
            assert ("OK", [b"2"]) == client.select()
            _, found = client.fetch("1:2", "(RFC822.SIZE BODY.PEEK[])")
            assert [FIRST, SECOND] == [each[1] for each in found if isinstance(each, tuple)]
            assert ("OK", [b"1 2"]) == client.search(None, "UNSEEN")
            client.store("1", "+FLAGS", "(\\Deleted)")
            assert ("OK", [b"1"]) == client.expunge()
        assert [SECOND] == [message.content for message in server.mailbox("ada")]

    def test_signing_in_by_cram_md5(self, server: Server) -> None:
        with plain(server) as client:
            assert "OK" == client.login_cram_md5("ada", "secret")[0]

    def test_a_wrong_password(self, server: Server) -> None:
        with plain(server) as client, pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONF"):
            client.login("ada", "wrong")

    def test_appending_copying_and_folders(self, server: Server) -> None:
        with signed_in(server) as client:
            client.create("Work")
            assert "OK" == client.append("Work", "(\\Seen)", imaplib.Time2Internaldate(0), FIRST)[0]
            client.select("Work")
            assert "OK" == client.uid("COPY", "1", "Sent")[0]
            assert "OK" == client.uid("MOVE", "1", "Trash")[0]
        (message,) = server.mailbox("ada", "Sent").wait()
        assert (FIRST, 1970) == (message.content, message.arrived.year)
        assert {"\\Seen"} == server.mailbox("ada", "Trash").flags(1)
        assert 0 == len(server.mailbox("ada", "Work"))

    def test_what_arrives_by_smtp_is_told_to_who_idles(self, server: Server) -> None:
        client = signed_in(server)
        client.select()
        client.send(b"x IDLE\r\n")
        assert client.readline().startswith(b"+ ")
        delivered = threading.Thread(target=server.deliver, args=("ada", FIRST))
        delivered.start()
        assert b"* 3 EXISTS\r\n" == client.readline()
        assert b"* 3 RECENT\r\n" == client.readline()
        server.mailbox("ada").remove(1)
        assert b"* 1 EXPUNGE\r\n" == client.readline()
        client.send(b"DONE\r\n")
        assert b"x OK Idled\r\n" == client.readline()
        delivered.join()
        client.shutdown()

    def test_what_is_offered_can_be_chosen(self, authority: Authority) -> None:
        without = IMAP_CAPABILITIES - {"IDLE", "MOVE"}
        with make(authority, imap_capabilities=without) as server, signed_in(server) as client:
            assert not {"IDLE", "MOVE"} & set(client.capabilities)
            client.select()
            with pytest.raises(imaplib.IMAP4.error, match="MOVE is not offered"):
                client.uid("MOVE", "1", "Trash")

    def test_tls_can_be_insisted_on(self, authority: Authority) -> None:
        with make(authority, auth_requires_tls=True) as server:
            with plain(server) as client, pytest.raises(imaplib.IMAP4.error, match="STARTTLS"):
                client.login("ada", "secret")
            with under_starttls(server) as client:
                assert "OK" == client.login("ada", "secret")[0]

    def test_a_thousand_messages(self, authority: Authority) -> None:
        with make(authority) as server:
            for number in range(1_000):
                server.deliver("bob", b"Subject: %d\r\n\r\n" % number + b"x" * 2_000)
            with plain(server) as client:
                client.login("bob", "hunter2")
                client.select()
                with linear():
                    _, found = client.fetch("1:*", "(UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])")
                assert 1_000 == len([each for each in found if isinstance(each, tuple)])

    def test_stopping_ends_it(self, server: Server) -> None:
        client = signed_in(server)
        server.stop()
        with pytest.raises(imaplib.IMAP4.abort, match="closing"):
            client.noop()
        client.shutdown()


def test_a_client_that_reads_late_gets_everything(server: Server) -> None:
    content = b"x" * 98 + b"\r\n"
    server.deliver("bob", content * 10_000)
    with socket.create_connection((server.host, server.imap_port), timeout=10) as client:
        words = b"a LOGIN bob hunter2\r\nb SELECT INBOX\r\n" + b"c FETCH 1 BODY[]\r\n" * 50
        client.sendall(words + b"d LOGOUT\r\n")
        select.select([client], [], [], 10)
        heard = bytearray()
        while octets := client.recv(65_536):
            heard += octets
    assert 50 * 10_000 == heard.count(content)
    assert heard.endswith(b"d OK Goodbye\r\n")


def test_a_client_that_vanishes_while_idling_is_forgotten(server: Server) -> None:
    for _ in range(10):
        with socket.create_connection((server.host, server.imap_port), timeout=10) as client:
            client.sendall(b"a LOGIN ada secret\r\nb SELECT INBOX\r\nc IDLE\r\n")
            while b"+ Idling" not in client.recv(65_536):
                pass
        server.deliver("ada", FIRST)
    assert 12 == len(server.mailbox("ada"))


@pytest.fixture
def authority_file(server: Server, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_text(server.ca_pem)
    return file


@pytest.mark.server
@pytest.mark.usefixtures("server_packages")
class TestCurl:
    """Debian's curl."""

    @staticmethod
    def curl(*arguments: str) -> bytes:
        command = ["curl", "--silent", "--show-error", "--max-time", "20", *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    @pytest.mark.parametrize("mechanism", ["CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2"])
    def test_a_message_under_tls(
        self, server: Server, authority_file: Path, mechanism: str
    ) -> None:
        secret = (
            ["--user", "ada:", "--oauth2-bearer", "secret"]
            if mechanism == "XOAUTH2"
            else ["--user", "ada:secret"]
        )
        got = self.curl(
            *("--cacert", str(authority_file)),
            *secret,
            *("--login-options", f"AUTH={mechanism}"),
            f"imaps://{server.host}:{server.imap_tls_port}/INBOX;UID=1",
        )
        assert FIRST == got

    def test_folders_under_starttls(self, server: Server, authority_file: Path) -> None:
        got = self.curl(
            *("--cacert", str(authority_file), "--ssl-reqd", "--user", "ada:secret"),
            f"imap://{server.host}:{server.imap_port}/",
        )
        assert b'* LIST (\\HasNoChildren \\Sent) "/" Sent\r\n' in got

    def test_a_section_and_a_search(self, server: Server) -> None:
        place = f"imap://{server.host}:{server.imap_port}/INBOX"
        got = self.curl(
            "--user", "ada:secret", f"{place};MAILINDEX=2;SECTION=HEADER.FIELDS%20(SUBJECT)"
        )
        assert b"Subject: second\r\n\r\n" == got
        assert b"* SEARCH 2\r\n" == self.curl("--user", "ada:secret", f"{place}?SUBJECT%20second")

    def test_appending(self, server: Server, tmp_path: Path) -> None:
        file = tmp_path / "message"
        file.write_bytes(SECOND)
        place = f"imap://{server.host}:{server.imap_port}/Sent"
        self.curl("--user", "ada:secret", "--upload-file", str(file), place)
        (message,) = server.mailbox("ada", "Sent")
        assert SECOND == message.content


@pytest.mark.server
@pytest.mark.usefixtures("server_packages")
class TestMbsync:
    """Debian's mbsync, which pipelines and knows UIDPLUS."""

    @staticmethod
    def sync(tmp_path: Path, server: Server, authority_file: Path, *lines: str) -> None:
        """Synchronise all of ada's folders with Maildirs, both ways."""
        mail = tmp_path / "mail"
        mail.mkdir(exist_ok=True)
        configuration = tmp_path / "mbsyncrc"
        configuration.write_text(
            "\n".join(
                (
                    "IMAPStore far",
                    # It looks for names in certificates, not for addresses.
                    "Host localhost",
                    "User ada",
                    'PassCmd "echo secret"',
                    f"CertificateFile {authority_file}",
                    *lines,
                    "",
                    "MaildirStore near",
                    f"Path {mail}/",
                    f"Inbox {mail}/INBOX",
                    "SubFolders Verbatim",
                    "",
                    "Channel both",
                    "Far :far:",
                    "Near :near:",
                    "Patterns *",
                    "Create Both",
                    "Expunge Both",
                    f"SyncState {tmp_path}/state-",
                    "",
                )
            )
        )
        command = ["mbsync", "--config", str(configuration), "--all", "--quiet"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    @staticmethod
    def near(tmp_path: Path, folder: str) -> list[Path]:
        return sorted(path for path in (tmp_path / "mail" / folder).glob("???/*") if path.is_file())

    @pytest.mark.parametrize("tls", ["IMAPS", "STARTTLS"])
    def test_both_ways(
        self, server: Server, tmp_path: Path, authority_file: Path, tls: str
    ) -> None:
        port = server.imap_tls_port if tls == "IMAPS" else server.imap_port
        options = (f"SSLType {tls}", f"Port {port}")
        server.folders("ada").create("Entwürfe/Alt")
        for number in range(300):
            server.deliver("ada", b"Subject: %d\r\n\r\n.\r\n" % number * 20)
        self.sync(tmp_path, server, authority_file, *options)
        assert 302 == len(self.near(tmp_path, "INBOX"))
        assert (tmp_path / "mail" / "Entw&APw-rfe" / "Alt" / "cur").is_dir()
        # One is read and one removed here, one is written there, one removed at the server.
        first, second, *_ = self.near(tmp_path, "INBOX")
        cur = tmp_path / "mail" / "INBOX" / "cur"
        first.rename(cur / f"{first.name.partition(':')[0]}:2,S")
        second.unlink()
        (tmp_path / "mail" / "Sent" / "new" / "1.1.x").write_bytes(FIRST.replace(b"\r\n", b"\n"))
        server.mailbox("ada").remove(300)
        self.sync(tmp_path, server, authority_file, *options)
        inbox = server.mailbox("ada")
        assert 300 == len(self.near(tmp_path, "INBOX")) == len(inbox)
        assert 1 == sum(entry.seen for entry in inbox.entries())
        (sent,) = server.mailbox("ada", "Sent")
        assert FIRST.split(b"\r\n")[:2] == sent.content.split(b"\r\n")[:2]
