"""Run every program in examples as a person would, and look at what it did.

Those in examples/wlanguage are run against Postfix, in tests/wlanguage.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from courriel import Attachment, Email
from courriel.crypto.dkim import verify
from courriel.sandbox import Server
from tests.crypto.dkim.keyring import pem, record, rsa

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"

Run: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def run(mail_server: Server, tmp_path: Path) -> Run:
    """A function that runs an example with its arguments, on ada's account."""
    (tmp_path / "ca.pem").write_text(mail_server.ca_pem)
    address = f"{mail_server.host}:{mail_server.smtp_tls_port}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "MAIL_URL": f"smtps://ada:secret@{address}",
        "IMAP_URL": f"imaps://ada:secret@{mail_server.host}:{mail_server.imap_tls_port}",
        "POP3_URL": f"pop3s://ada:secret@{mail_server.host}:{mail_server.pop3_tls_port}",
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
    }

    def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(EXAMPLES / name), *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def arrived(server: Server, user: str) -> list[Email]:
    return [Email.from_source(message.content) for message in server.mailbox(user)]


def test_send(run: Run, mail_server: Server, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.4 ...")
    done = run("send.py", "ada@example.org", "bob@example.org", "The report", "report.pdf")
    (email,) = arrived(mail_server, "bob")
    assert (0, "") == (done.returncode, done.stderr)
    assert f"Sent {email.message_id} to bob@example.org\n" == done.stdout
    assert ("The report", b"%PDF-1.4 ...") == (email.subject, email.attachments[0].content)


def test_send_to_somebody_who_is_not_there(run: Run, mail_server: Server) -> None:
    done = run("send.py", "ada@example.org", "bob@example.org, nobody@example.org", "Hello")
    assert 1 == done.returncode
    assert "Not to nobody@example.org: 550 5.1.1 There is no such user\n" == done.stderr
    assert 1 == len(mail_server.mailbox("bob"))


@pytest.mark.parametrize(
    ("recipient", "complaint"), [("nobody@example.org", "550 5.1.1"), ("what?", "'what?'")]
)
def test_send_to_nobody(run: Run, recipient: str, complaint: str) -> None:
    done = run("send.py", "ada@example.org", recipient, "Hello")
    assert (1, "") == (done.returncode, done.stdout)
    assert complaint in done.stderr


def test_signed(run: Run, mail_server: Server, tmp_path: Path) -> None:
    (tmp_path / "spring.pem").write_bytes(pem(rsa()))
    done = run("signed.py", "spring.pem", "spring", "example.org")
    place, _, _, strings = done.stdout.rstrip().split(" ", 3)
    assert (0, "", "spring._domainkey.example.org.") == (done.returncode, done.stderr, place)
    text = strings.replace('" "', "").strip('"').encode()
    assert record(rsa()) == text
    people = ("ada@example.org", "bob@example.org")
    done = run("signed.py", "spring.pem", "spring", *people, "Signed")
    assert (0, "") == (done.returncode, done.stderr)
    (email,) = arrived(mail_server, "bob")
    assert f"example.org answers for {email.message_id}\n" == done.stdout
    (result,) = verify(email, resolver=lambda name: [text])
    assert ("example.org", True) == (result.domain, result.passed)


def test_tasks(run: Run, mail_server: Server) -> None:
    people = [f"bob+{number}@example.org" for number in range(20)]
    done = run("tasks.py", "ada@example.org", *people, "nobody@example.org")
    assert (0, "") == (done.returncode, done.stderr)
    *accepted, refused = done.stdout.splitlines()
    assert [f"{address}: accepted as" for address in people] == [
        line.rpartition(" ")[0] for line in accepted
    ]
    assert "nobody@example.org: 550 There is no such user" == refused
    assert {f"Hello {address}!" for address in people} == {
        (email.text or "").strip() for email in arrived(mail_server, "bob")
    }


def test_mailing(run: Run, mail_server: Server, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        "address,name\nbob@example.org,Bob Müller\nnonsense,Nonsense\n"
        "nobody@example.org,Nobody\nada@example.org,Ada\n"
    )
    done = run("mailing.py", "ada@example.org", "people.csv", "outcome.csv")
    assert (0, "2 of 4 sent\n", "") == (done.returncode, done.stdout, done.stderr)
    _, *lines = (tmp_path / "outcome.csv").read_text().splitlines()
    assert ["sent", "not an address", "refused", "sent"] == [
        line.split(",", 2)[2].strip('"').partition(":")[0] for line in lines
    ]
    (email,) = arrived(mail_server, "bob")
    assert "Bob Müller" == email.to[0].name


def test_newsletter(run: Run, mail_server: Server, tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "letter.txt").write_text("Hello $address!\n")
    (page / "letter.html").write_text("<p>Hello $address!</p><img src='logo.png'>")
    (page / "logo.png").write_bytes(b"logo")
    readers = ["bob@example.org", "nobody@example.org"]
    done = run("newsletter.py", "ada@example.org", "page", "News", *readers)
    assert (1, "") == (done.returncode, done.stderr)
    assert "bob@example.org: sent" == done.stdout.splitlines()[0]
    (email,) = arrived(mail_server, "bob")
    assert "Hello bob@example.org!\n" == email.text
    assert [b"logo"] == [image.content for image in email.inline]
    assert "<https://lists.example.org/leave/bob@example.org>" == email.headers["List-Unsubscribe"]
    assert "List-Unsubscribe=One-Click" == email.headers["List-Unsubscribe-Post"]


def test_templated(run: Run, mail_server: Server, tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "letter.txt").write_text("Your order {{ number }}\n\nDear {{ name }}!\n")
    (page / "letter.html").write_text("<p>Dear {{ name }}!</p><img src='logo.png'>")
    (page / "logo.png").write_bytes(b"logo")
    (tmp_path / "customers.csv").write_text(
        "email,name,number\nbob@example.org,Müller & <Söhne>,17\nada@example.org,Ada,18\n"
    )
    done = run("templated.py", "ada@example.org", "page", "customers.csv")
    assert (0, "") == (done.returncode, done.stderr)
    assert ["bob@example.org: sent", "ada@example.org: sent"] == done.stdout.splitlines()
    (email,) = arrived(mail_server, "bob")
    assert ("Your order 17", "Dear Müller & <Söhne>!") == (email.subject, email.text)
    assert "<p>Dear Müller &amp; &lt;Söhne&gt;!</p>" in (email.html or "")
    assert [b"logo"] == [image.content for image in email.inline]


def test_ready_messages(run: Run, mail_server: Server, tmp_path: Path) -> None:
    sources = {f"{number}.eml": b"Subject: %d\r\n\r\n.\r\n" % number for number in range(3)}
    for name, source in sources.items():
        (tmp_path / name).write_bytes(source)
    done = run("ready_messages.py", "ada@example.org", "bob@example.org", *sources)
    assert (0, "") == (done.returncode, done.stderr)
    messages = mail_server.mailbox("bob").messages
    assert [*sources.values()] == [message.content for message in messages]
    assert {("FAILURE",)} == {message.envelope.recipients[0].notify for message in messages}


def test_many_users(run: Run, mail_server: Server, tmp_path: Path) -> None:
    server = (mail_server.host, str(mail_server.smtp_tls_port))
    done = run("many_users.py", str(tmp_path / "ca.pem"), *server, "ada:secret", "bob:secret")
    assert (0, "") == (done.returncode, done.stderr)
    assert "'ada' has no SMTPSession" in done.stdout
    assert "2 users have written to themselves." == done.stdout.splitlines()[-1]
    for user in ("ada", "bob"):
        (message,) = mail_server.mailbox(user)
        assert user == message.envelope.user


def test_in_flight(run: Run) -> None:
    refusal = (
        "send: the server refused every recipient (nobody@example.org) at RCPT: "
        "550 5.1.1 There is no such user. Check the address; the server does not know it."
    )
    done = run("in_flight.py")
    assert (0, "") == (done.returncode, done.stderr)
    assert [
        "accepted: bob@example.org",
        f"refused: {refusal}",
        "accepted: ada@example.org",
        "alive: 250",
        "ada has 1 message",
        "bob has 1 message",
    ] == done.stdout.splitlines()


def letters(count: int) -> list[bytes]:
    """Write mails with an attachment each."""
    return [
        Email(
            sender="bob@example.org",
            subject=f"Letter {number}",
            attachments=[Attachment("report.pdf", b"%%PDF %d" % number)],
        ).source
        for number in range(count)
    ]


def test_unread(run: Run, mail_server: Server, tmp_path: Path) -> None:
    for letter in letters(5):
        mail_server.deliver("ada", letter)
    mail_server.mailbox("ada").mark(5, "\\Seen")
    done = run("unread.py", "3", "attachments")
    assert (0, "") == (done.returncode, done.stderr)
    assert [
        "4 bob@example.org: Letter 3",
        f"  {Path('attachments/report.pdf')} (6 octets)",
        "3 bob@example.org: Letter 2",
        f"  {Path('attachments/report-2.pdf')} (6 octets)",
    ] == done.stdout.splitlines()[:4]
    assert b"%PDF 2" == (tmp_path / "attachments" / "report-2.pdf").read_bytes()
    assert 1 == sum(entry.seen for entry in mail_server.mailbox("ada").entries())


def test_collect(run: Run, mail_server: Server, tmp_path: Path) -> None:
    sources = letters(20)
    for letter in sources:
        mail_server.deliver("ada", letter)
    done = run("collect.py", "mail")
    assert (0, "20 collected, 20 deleted\n", "") == (done.returncode, done.stdout, done.stderr)
    assert {*sources} == {file.read_bytes() for file in (tmp_path / "mail").glob("*.eml")}
    assert 0 == len(mail_server.mailbox("ada"))
    assert "0 collected, 0 deleted\n" == run("collect.py", "mail").stdout


def test_archive(run: Run, mail_server: Server) -> None:
    inbox = mail_server.mailbox("ada")
    for days, letter in enumerate(letters(6)):
        moment = datetime.now(UTC) - timedelta(days=100 * days)
        inbox.append(letter, arrived=moment, flags=["\\Flagged"] if days == 5 else [])
    done = run("archive.py", "250")
    assert (0, "2 moved to Archive, 4 left\n", "") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )
    archived = [message.content for message in mail_server.mailbox("ada", "Archive")]
    assert ["Letter 3", "Letter 4"] == [Email.from_source(each).subject for each in archived]


def test_copy_mailbox(run: Run, mail_server: Server) -> None:
    moment = datetime(2024, 2, 29, 12, tzinfo=UTC)
    for letter in letters(30):
        mail_server.mailbox("ada").append(letter, flags=["\\Seen", "$Done"], arrived=moment)
    mail_server.folders("ada").create("Projects/Größe").append(letters(1)[0])
    place = f"{mail_server.host}:{mail_server.imap_tls_port}"
    urls = [f"imaps://{user}:secret@{place}" for user in ("ada", "bob")]
    done = run("copy_mailbox.py", *urls)
    assert (0, "") == (done.returncode, done.stderr)
    assert {"INBOX: 30 copied", "Projects/Größe: 1 copied"} <= {*done.stdout.splitlines()}
    facts = [
        [
            (entry.message.content, entry.message.arrived, entry.flags)
            for entry in mail_server.mailbox(user).entries()
        ]
        for user in ("ada", "bob")
    ]
    assert facts[0] == facts[1]
    assert "INBOX: 0 copied" in run("copy_mailbox.py", *urls).stdout


def test_inboxes(mail_server: Server, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(mail_server.ca_pem)
    place = f"{mail_server.host}:{mail_server.imap_tls_port}"
    with subprocess.Popen(
        [
            *(sys.executable, str(EXAMPLES / "inboxes.py"), "60"),
            *(f"imaps://{user}:secret@{place}" for user in ("ada", "bob")),
            f"imaps://eve:secret@{place}",
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        begun = sorted(program.stdout.readline() for _ in range(3))
        assert ["ada: 0 messages\n", "bob: 0 messages\n"] == begun[:2]
        assert begun[2].startswith("eve: sign in: the server refused ")
        # Before it watches, what arrives is nothing new; so one is delivered until it is told.
        letter = letters(1)[0]
        told = threading.Event()

        def deliver() -> None:
            while not told.wait(0.2):
                mail_server.deliver("bob", letter)

        delivering = threading.Thread(target=deliver, daemon=True)
        delivering.start()
        try:
            assert "bob: bob@example.org: Letter 0\n" == program.stdout.readline()
        finally:
            told.set()
            delivering.join()
            program.terminate()


def test_every_example_is_run() -> None:
    text = Path(__file__).read_text()
    there = {file.name for file in EXAMPLES.glob("*.py")}
    assert there == {name for name in there if f'run("{name}"' in text or f'/ "{name}")' in text}
