"""Reading on the command line, over POP3 and over IMAP: the same words, the same answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from courriel.sandbox import Server
from courriel.testing.letters import ATTACHED, LETTERS, PICTURE
from tests.cli.conftest import Courriel
from tests.cli.program import PROGRAM

# Each starts programs, for a second or two.
pytestmark = pytest.mark.slow

ESCAPE = b"Subject: \x1b[31mred\r\n\r\n\x1b]0;title\x07 body\r\n"


@pytest.fixture
def environment(environment: dict[str, str], mail_server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of ada, who has five letters and trusts the server."""
    for source in LETTERS:
        mail_server.deliver("ada", source)
    authority = tmp_path / "ca.pem"
    authority.write_text(mail_server.ca_pem)
    return {**environment, "SSL_CERT_FILE": str(authority), "COURRIEL_PASSWORD": "secret"}


@pytest.fixture
def pop3(environment: dict[str, str], mail_server: Server) -> dict[str, str]:
    """Ada's account, read over POP3."""
    url = f"pop3s://ada@{mail_server.host}:{mail_server.pop3_tls_port}"
    environment["COURRIEL_ACCOUNT"] = url
    return environment


@pytest.fixture
def imap(environment: dict[str, str], mail_server: Server) -> dict[str, str]:
    """Ada's account, read over IMAP."""
    url = f"imaps://ada@{mail_server.host}:{mail_server.imap_tls_port}"
    environment["COURRIEL_ACCOUNT"] = url
    return environment


@pytest.fixture(params=["pop3", "imap"])
def protocol(request: pytest.FixtureRequest) -> str:
    """Each protocol in turn."""
    request.getfixturevalue(request.param)
    return str(request.param)


def subjects(ended: Any) -> list[str]:
    """Return the subjects that a listing shows."""
    assert (0, "") == (ended.status, ended.err)
    outcome = ended.json
    assert (True, None) == (outcome["ok"], outcome["error"])
    return [message["subject"] for message in outcome["messages"]]


def newest(courriel: Courriel) -> str:
    """Return the id of the newest letter, which has an attachment."""
    (message,) = courriel("list", "--limit", "1", "--json").json["messages"]
    return str(message["id"])


@pytest.mark.usefixtures("protocol")
class TestWithBoth:
    """What POP3 and IMAP do alike."""

    def test_listing(self, courriel: Courriel) -> None:
        ended = courriel("list", "--json")
        assert ["Photos de l'été", "A long one", "Re: Lunch", "The report", "Lunch"] == (
            subjects(ended)
        )
        first = ended.json["messages"][0]
        assert {"name": "Grégoire", "address": "gregoire@example.net"} == first["from"]
        assert ["ada@example.org", "bob@example.org"] == [each["address"] for each in first["to"]]
        assert (len(ATTACHED), "INBOX") == (first["size"], first["folder"])
        assert "2026-06-05T18:30:00+00:00" == first["date"]

    def test_listing_some(self, courriel: Courriel) -> None:
        assert ["Photos de l'été", "A long one"] == subjects(
            courriel("list", "--limit", "2", "--json")
        )
        assert ["Lunch", "The report"] == subjects(
            courriel("list", "--limit", "2", "--oldest-first", "--json")
        )
        assert 5 == len(subjects(courriel("list", "--limit", "0", "--json")))

    def test_listing_for_people(self, courriel: Courriel) -> None:
        ended = courriel("list")
        assert (0, "") == (ended.status, ended.err)
        assert "Grégoire" in ended.words
        assert "2026-06-01 10:00" in ended.words
        assert "carol@example.com" in ended.words

    def test_searching(self, courriel: Courriel) -> None:
        found = {
            ("--from", "bob", "--subject", "re:"): ["Re: Lunch"],
            ("--body", "noon it is"): ["Re: Lunch"],
            ("--header", "List-Id"): ["Photos de l'été"],
            ("--header", "List-Id: holidays"): ["Photos de l'été"],
            ("--larger", "4000", "--cc", "eve"): ["Photos de l'été"],
            ("--smaller", "4000", "--to", "ada", "--since", "2020-01-01", "--limit", "1"): [
                "A long one"
            ],
            ("--before", "2020-01-01"): [],
        }
        for options, expected in found.items():
            assert expected == subjects(courriel("search", *options, "--json")), options
        ended = courriel("search", "--subject", "nobody wrote this")
        assert (0, "", "No messages.\n") == (ended.status, ended.out, ended.err)

    def test_a_search_for_nothing_is_wrong_usage(self, courriel: Courriel) -> None:
        ended = courriel("search")
        assert (2, "") == (ended.status, ended.out)
        assert "Nothing was said to search for." in ended.words

    def test_reading(self, courriel: Courriel) -> None:
        ended = courriel("read", newest(courriel))
        assert (0, "") == (ended.status, ended.err)
        assert "Grégoire" in ended.words
        assert "summer.png (image/png, 3.0 KiB)" in ended.words
        assert "L'été." in ended.words

    def test_reading_as_json(self, courriel: Courriel) -> None:
        (listed,) = courriel("list", "--limit", "1", "--json").json["messages"]
        message = courriel("read", str(listed["id"]), "--json").json["message"]
        # A number over IMAP, a text over POP3, wherever it stands.
        assert (listed["id"], len(ATTACHED)) == (message["id"], message["size"])
        assert "<p>L'&eacute;t&eacute;.</p>" == message["html"].strip()
        assert ["1.1", "1.2", "2"] == [part["path"] for part in message["parts"]]
        assert ["Message-ID", "<photos@example.net>"] in message["headers"]

    def test_reading_the_source(self, courriel: Courriel, tmp_path: Path) -> None:
        ended = courriel("read", newest(courriel), "--source")
        assert ATTACHED.decode() == ended.out
        assert 2 == courriel("read", "1", "--source", "--json").status

    def test_saving(self, courriel: Courriel, tmp_path: Path) -> None:
        identifier = newest(courriel)
        target = tmp_path / "saved"
        target.mkdir()
        (file,) = courriel("save", identifier, "--to", str(target), "--json").json["files"]
        assert {"path": str(target / "summer.png"), "part": "2", "size": len(PICTURE)} == file
        assert PICTURE == (target / "summer.png").read_bytes()
        again = courriel("save", identifier, "--to", str(target))
        assert (0, "") == (again.status, again.err)
        assert 2 == len(list(target.iterdir()))

    def test_saving_one_part(self, courriel: Courriel, tmp_path: Path) -> None:
        identifier = newest(courriel)
        ended = courriel("save", identifier, "--part", "1.2", "--to", str(tmp_path), "--json")
        (file,) = ended.json["files"]
        assert b"<p>L'&eacute;t&eacute;.</p>" == Path(file["path"]).read_bytes().strip()
        ended = courriel("save", identifier, "--part", "7", "--to", str(tmp_path))
        assert 2 == ended.status
        assert "Its parts are 1.1, 1.2, 2" in ended.words

    def test_nothing_to_save(self, courriel: Courriel, tmp_path: Path) -> None:
        (message,) = courriel("list", "--limit", "1", "--oldest-first", "--json").json["messages"]
        ended = courriel("save", str(message["id"]), "--to", str(tmp_path))
        assert (0, "The message has no attachments.\n") == (ended.status, ended.err)

    def test_a_message_that_is_not_there(self, courriel: Courriel, tmp_path: Path) -> None:
        for command in (("read", "4000"), ("save", "4000", "--to", str(tmp_path))):
            ended = courriel(*command)
            assert ended.status in (2, 3)
            assert "no message" in ended.words

    def test_a_wrong_password(self, courriel: Courriel) -> None:
        ended = courriel("list", "--json", COURRIEL_PASSWORD="pa55-for-nobody")
        assert 3 == ended.status
        assert (False, None) == (ended.json["ok"], ended.json["messages"])
        assert "Unauthorised" == ended.json["error"]["kind"]
        assert "pa55" not in ended.words

    def test_what_a_mail_says_does_not_reach_the_terminal(
        self, courriel: Courriel, mail_server: Server
    ) -> None:
        mail_server.deliver("ada", ESCAPE)
        listed, read = courriel("list"), courriel("read", newest(courriel))
        assert "red" in listed.out
        assert "body" in read.out
        assert "\x1b" not in listed.out + read.out
        assert "\x07" not in listed.out + read.out

    def test_reading_marks_nothing(
        self, courriel: Courriel, mail_server: Server, tmp_path: Path
    ) -> None:
        identifier = newest(courriel)
        courriel("read", identifier)
        courriel("save", identifier, "--to", str(tmp_path))
        flags = [entry.flags - {"\\Recent"} for entry in mail_server.mailbox("ada").entries()]
        assert [frozenset()] * len(LETTERS) == flags


@pytest.mark.usefixtures("pop3")
class TestWithPop3:
    """What POP3 cannot do is said."""

    @pytest.mark.parametrize(
        "command",
        [
            ("folders",),
            ("watch",),
            ("list", "--unread"),
            ("search", "--flagged"),
            ("search", "--gmail", "has:attachment"),
            ("list", "--folder", "Archive"),
            ("read", "1", "--folder", "Archive"),
        ],
    )
    def test_what_is_not_supported(self, courriel: Courriel, command: tuple[str, ...]) -> None:
        ended = courriel(*command, "--json")
        assert (3, "") == (ended.status, ended.err)
        assert "NotSupported" == ended.json["error"]["kind"]
        assert ended.json["error"]["hint"]


@pytest.mark.usefixtures("imap")
class TestWithImap:
    """What only IMAP can do."""

    def test_flags(self, courriel: Courriel, mail_server: Server) -> None:
        box = mail_server.mailbox("ada")
        for message in box[:3]:
            box.mark(message.id, "\\Seen")
        box.mark(4, "\\Flagged", "\\Answered")
        assert ["Photos de l'été", "A long one"] == subjects(courriel("list", "--unread", "--json"))
        for option in ("--flagged", "--answered"):
            assert ["A long one"] == subjects(courriel("search", option, "--json"))
        ended = courriel("list", "--limit", "2")
        assert "•! 4" in ended.words

    def test_folders(self, courriel: Courriel) -> None:
        listed = {each["name"]: each for each in courriel("folders", "--json").json["folders"]}
        assert listed["INBOX"]["selectable"]
        assert "sent" in {each["use"] for each in listed.values()}
        ended = courriel("folders")
        assert (0, "") == (ended.status, ended.err)
        assert "INBOX" in ended.words
        (name,) = [each["name"] for each in courriel("folders", "IN*", "--json").json["folders"]]
        assert "INBOX" == name

    def test_another_folder(self, courriel: Courriel, mail_server: Server) -> None:
        mail_server.mailbox("ada", "Sent").append(ATTACHED)
        (message,) = courriel("list", "--folder", "Sent", "--json").json["messages"]
        identifier = str(message["id"])
        ended = courriel("read", identifier, "--folder", "Sent", "--source")
        assert ATTACHED.decode() == ended.out
        assert 3 == courriel("list", "--folder", "No such folder").status

    def test_an_id_is_a_number(self, courriel: Courriel) -> None:
        for wrong in ("x", "0", "-1", "99999999999", "1:5"):
            assert 2 == courriel("read", wrong).status

    def test_the_parts_of_each_are_listed(self, courriel: Courriel) -> None:
        (message,) = courriel("list", "--limit", "1", "--json").json["messages"]
        files = [part["name"] for part in message["parts"] if part["attachment"]]
        assert ["summer.png"] == files

    def test_watching(self, environment: dict[str, str], mail_server: Server) -> None:
        command = [*PROGRAM, "watch", "--json", "--count", "1", "--timeout", "30"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as program:
            assert program.stdout is not None
            expected = {"event": "watching", "folder": "INBOX", "messages": 5}
            assert expected == json.loads(program.stdout.readline())
            # What arrives before the watch is on is not news to it.
            told = threading.Event()
            deliverer = threading.Thread(target=keep_delivering, args=(mail_server, told))
            deliverer.start()
            event = json.loads(program.stdout.readline())
            told.set()
            deliverer.join()
            out, err = program.communicate(timeout=30)
            assert (0, "", "") == (program.returncode, out, err)
        assert ("arrived", "INBOX") == (event["event"], event["folder"])
        assert event["ids"] == [message["id"] for message in event["messages"]]
        assert {"Lunch"} == {message["subject"] for message in event["messages"]}

    def test_watching_ends_with_ctrl_c(self, environment: dict[str, str]) -> None:
        with subprocess.Popen(
            [*PROGRAM, "watch"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdout is not None
            assert "Watching INBOX, 5 messages." in program.stdout.readline()
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=30)
            assert (0, "", "") == (program.returncode, out, err)

    def test_watching_for_a_while(self, courriel: Courriel) -> None:
        ended = courriel("watch", "--timeout", "0.1")
        assert (0, "") == (ended.status, ended.err)


def keep_delivering(server: Server, told: threading.Event) -> None:
    while not told.wait(0.2):
        server.deliver("ada", LETTERS[0])


def test_an_account_that_sends_only(
    courriel: Courriel, environment: dict[str, str], mail_server: Server
) -> None:
    url = f"smtps://ada@{mail_server.host}:{mail_server.smtp_tls_port}"
    ended = courriel("list", "--account", url)
    assert (2, "") == (ended.status, ended.out)
    assert "is for sending mail, not for reading it" in ended.words


def test_an_account_that_reads_only(courriel: Courriel, mail_server: Server) -> None:
    url = f"pop3s://ada@{mail_server.host}:{mail_server.pop3_tls_port}"
    letter = ("--from", "ada@example.org", "--to", "bob@example.org", "--text", "x")
    ended = courriel("send", "--account", url, *letter)
    assert (2, "") == (ended.status, ended.out)
    assert "is for reading mail, not for sending it" in ended.words


def test_an_account_in_the_configuration_has_both(
    courriel: Courriel, environment: dict[str, str], mail_server: Server, tmp_path: Path
) -> None:
    del environment["COURRIEL_PASSWORD"]
    file = tmp_path / "config.toml"
    file.write_text(
        "[accounts.sandbox]\n"
        f'url = "smtps://ada@{mail_server.host}:{mail_server.smtp_tls_port}"\n'
        f'read_url = "pop3s://ada@{mail_server.host}:{mail_server.pop3_tls_port}"\n'
        f'password_command = ["{sys.executable}", "-c", "print(\'secret\')"]\n'
        'from = "ada@example.org"\n'
    )
    file.chmod(0o600)
    environment["COURRIEL_CONFIG"] = str(file)
    sent = courriel("send", "--to", "ada@example.org", "--subject", "To me", "--text", "x")
    assert (0, "") == (sent.status, sent.err)
    assert ["To me"] == subjects(courriel("list", "--limit", "1", "--json"))


@pytest.mark.usefixtures("protocol")
def test_a_url_is_no_id_and_is_not_repeated(courriel: Courriel) -> None:
    for command in ("read", "save"):
        ended = courriel(command, "imaps://ada:hunter2@mail.example.org", "--json")
        assert 0 != ended.status
        assert "hunter2" not in ended.words
        assert "--account" in ended.json["error"]["hint"]
