"""The running server, as programs see it that other people have written."""

from __future__ import annotations

import poplib
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from courriel.sandbox import POP3_CAPABILITIES, Authority, Server
from tests.sandbox.pop3.dialogue import FIRST, SECOND


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with make(authority) as running:
        yield running


def make(authority: Authority, **options: Any) -> Server:
    server = Server({"ada": "secret", "bob": "hunter2"}, authority=authority, **options)
    server.deliver("ada", FIRST)
    server.deliver("ada", SECOND)
    return server


def plain(server: Server) -> poplib.POP3:
    return poplib.POP3(server.host, server.pop3_port, timeout=10)


def under_tls(server: Server) -> poplib.POP3_SSL:
    return poplib.POP3_SSL(
        server.host, server.pop3_tls_port, timeout=10, context=server.ssl_context
    )


def under_stls(server: Server) -> poplib.POP3:
    client = plain(server)
    client.stls(context=server.ssl_context)
    return client


def free(client: poplib.POP3) -> bool:
    """Sign in as ada, if nobody else has her maildrop."""
    client.user("ada")
    try:
        return client.pass_("secret").startswith(b"+OK")
    except poplib.error_proto as refused:
        if "IN-USE" not in str(refused):
            raise
        return False


def contents(server: Server) -> list[bytes]:
    return [message.content for message in server.mailbox("ada")]


class TestPoplib:
    """The standard library's client."""

    @pytest.mark.parametrize("connect", [plain, under_tls, under_stls])
    def test_reading_and_removing(
        self, server: Server, connect: Callable[[Server], poplib.POP3]
    ) -> None:
        client = connect(server)
        client.user("ada")
        client.pass_("secret")
        assert (2, len(FIRST) + len(SECOND)) == client.stat()
        _, listed, _ = client.list()
        assert [b"1 %d" % len(FIRST), b"2 %d" % len(SECOND)] == listed
        _, lines, _ = client.retr(1)
        assert FIRST.split(b"\r\n")[:-1] == lines
        _, lines, _ = client.top(1, 1)
        assert [b"Subject: first", b"", b"one"] == lines
        _, uids, _ = client.uidl()
        assert 2 == len({uid.split()[1] for uid in uids})
        client.dele(1)
        client.rset()
        client.dele(2)
        client.noop()
        assert [FIRST, SECOND] == contents(server)
        client.quit()
        assert [FIRST] == contents(server)

    def test_apop(self, server: Server) -> None:
        with closing(plain(server)) as client:
            assert b"+OK 2 messages" == client.apop("ada", "secret")

    def test_capabilities_and_utf8(self, server: Server) -> None:
        with closing(plain(server)) as client:
            assert {"PIPELINING", "SASL", "STLS", "TOP", "UIDL"} <= client.capa().keys()
            assert client.utf8().startswith(b"+OK")

    def test_a_wrong_password(self, server: Server) -> None:
        with closing(plain(server)) as client:
            client.user("ada")
            with pytest.raises(poplib.error_proto, match=r"-ERR \[AUTH\]"):
                client.pass_("wrong")

    def test_the_maildrop_is_there_for_one_and_then_for_the_next(self, server: Server) -> None:
        with closing(plain(server)) as first, closing(under_tls(server)) as second:
            first.user("ada")
            first.pass_("secret")
            second.user("ada")
            with pytest.raises(poplib.error_proto, match=r"-ERR \[IN-USE\]"):
                second.pass_("secret")
            first.quit()
            second.user("ada")
            assert second.pass_("secret").startswith(b"+OK")

    def test_a_client_that_vanishes_removes_nothing_and_gives_the_maildrop_back(
        self, server: Server
    ) -> None:
        with closing(plain(server)) as first:
            first.user("ada")
            first.pass_("secret")
            first.dele(1)
        with closing(plain(server)) as second:
            # The server hears of the end when its loop comes to it.
            while not free(second):
                pass
            assert 2 == second.stat()[0]

    def test_what_is_offered_can_be_chosen(self, authority: Authority) -> None:
        without = POP3_CAPABILITIES - {"UIDL", "TOP"}
        with make(authority, pop3_capabilities=without) as server:
            client = plain(server)
            client.user("ada")
            client.pass_("secret")
            with pytest.raises(poplib.error_proto, match="no such command"):
                client.uidl()
            client.quit()

    def test_mail_that_came_by_smtp_can_be_read(self, server: Server) -> None:
        stored = server.deliver("bob", FIRST)
        client = under_tls(server)
        client.user("bob@example.org")
        client.pass_("hunter2")
        identifier = server.mailbox("bob").uid_validity
        assert b"+OK 1 %d.%d" % (identifier, stored.id) == client.uidl(1)
        client.quit()


def test_a_client_that_reads_late_gets_everything(server: Server) -> None:
    content = b"x" * 98 + b"\r\n"
    server.deliver("bob", content * 10_000)
    with socket.create_connection((server.host, server.pop3_port), timeout=10) as client:
        words = b"USER bob\r\nPASS hunter2\r\n" + b"RETR 1\r\n" * 50 + b"QUIT\r\n"
        sender = threading.Thread(target=client.sendall, args=(words,))
        sender.start()
        heard = bytearray()
        while octets := client.recv(65_536):
            heard += octets
        sender.join()
    assert 50 * 10_000 == heard.count(content)
    assert heard.endswith(b"closes the connection\r\n")


def test_stopping_ends_it_and_removes_nothing(server: Server) -> None:
    with closing(under_tls(server)) as client:
        client.user("ada")
        client.pass_("secret")
        client.dele(1)
        server.stop()
        with pytest.raises(poplib.error_proto, match=r"\[SYS/TEMP\] The sandbox is closing"):
            client.noop()
    assert [FIRST, SECOND] == contents(server)


@pytest.fixture
def authority_file(server: Server, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_text(server.ca_pem)
    return file


@pytest.mark.server
class TestCurl:
    """Debian's curl."""

    @staticmethod
    def curl(*arguments: str) -> bytes:
        command = ["curl", "--silent", "--show-error", "--max-time", "20", *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    @pytest.mark.parametrize("mechanism", ["CRAM-MD5", "PLAIN", "LOGIN", "+APOP", "XOAUTH2"])
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
            f"pop3s://{server.host}:{server.pop3_tls_port}/1",
        )
        assert FIRST == got

    def test_a_list_under_stls(self, server: Server, authority_file: Path) -> None:
        got = self.curl(
            *("--cacert", str(authority_file), "--ssl-reqd", "--user", "ada:secret"),
            f"pop3://{server.host}:{server.pop3_port}/",
        )
        assert b"1 %d\r\n2 %d\r\n" % (len(FIRST), len(SECOND)) == got

    def test_removing(self, server: Server) -> None:
        self.curl(
            *("--user", "ada:secret", "--request", "DELE", "--head"),
            f"pop3://{server.host}:{server.pop3_port}/2",
        )
        assert [FIRST] == contents(server)


@pytest.mark.server
class TestMpop:
    """Debian's mpop, which pipelines."""

    @staticmethod
    def mpop(tmp_path: Path, server: Server, *lines: str) -> list[bytes]:
        """Fetch ada's mail into a Maildir and return what is in it."""
        for name in ("cur", "new", "tmp"):
            (tmp_path / "mail" / name).mkdir(parents=True, exist_ok=True)
        configuration = tmp_path / "mpoprc"
        configuration.write_text(
            "\n".join(
                (
                    "account sandbox",
                    f"host {server.host}",
                    "user ada",
                    "passwordeval echo secret",
                    f"uidls_file {tmp_path / 'uidls'}",
                    f"delivery maildir {tmp_path / 'mail'}",
                    "received_header off",
                    *lines,
                    "account default : sandbox",
                    "",
                )
            )
        )
        configuration.chmod(0o600)
        command = ["mpop", f"--file={configuration}", "--quiet", "--timeout=20"]
        subprocess.run(command, check=True, capture_output=True)
        return sorted(path.read_bytes() for path in (tmp_path / "mail" / "new").iterdir())

    @pytest.mark.parametrize("method", ["scram-sha-256", "cram-md5", "plain", "user", "apop"])
    def test_fetching_under_tls_and_removing(
        self, server: Server, tmp_path: Path, authority_file: Path, method: str
    ) -> None:
        got = self.mpop(
            tmp_path,
            server,
            f"port {server.pop3_tls_port}",
            f"auth {method}",
            "tls on",
            "tls_starttls off",
            f"tls_trust_file {authority_file}",
            "keep off",
        )
        assert [content.replace(b"\r\n", b"\n") for content in (FIRST, SECOND)] == got
        assert [] == contents(server)

    def test_fetching_many_under_stls_and_only_what_is_new(
        self, server: Server, tmp_path: Path, authority_file: Path
    ) -> None:
        options = (
            f"port {server.pop3_port}",
            "tls on",
            f"tls_trust_file {authority_file}",
            "keep on",
        )
        for number in range(300):
            server.deliver("ada", b"Subject: %d\r\n\r\n.\r\n" % number * 20)
        assert 302 == len(self.mpop(tmp_path, server, *options))
        server.deliver("ada", b"Subject: new\r\n\r\n")
        assert 303 == len(self.mpop(tmp_path, server, *options))
        assert 303 == len(contents(server))
