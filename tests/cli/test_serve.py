"""The embedded server as a program: ready, used, ended."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from courriel import Email, InsecureConnection, SMTPSession, Unauthorised
from courriel.sessions.imap import IMAPSession
from courriel.sessions.pop3 import POP3Session
from tests.cli.conftest import Courriel
from tests.cli.program import PROGRAM


@contextmanager
def serving(environment: dict[str, str], *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``courriel serve``, and see to it that nothing of it stays."""
    program = subprocess.Popen(
        [*PROGRAM, "serve", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        try:
            yield program
        finally:
            program.kill()


def ready_line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_serves_and_ends_when_asked(
    environment: dict[str, str], number: signal.Signals
) -> None:
    with serving(environment, "--json", "--user", "ada:secret", "--user", "bob:pa:55") as program:
        facts = json.loads(ready_line(program))
        assert ["ada", "bob"] == facts["users"]
        assert program.pid == facts["pid"]
        tls = ssl.create_default_context(cafile=facts["ca_file"])
        with SMTPSession(
            facts["host"], port=facts["smtp_tls_port"], user="bob", password="pa:55", tls=tls
        ) as session:
            receipt = session.send(Email(sender="bob@example.org", to="ada@example.org", text="Hi"))
        assert ("ada@example.org",) == receipt.accepted
        for kind, port in ((POP3Session, "pop3_tls_port"), (IMAPSession, "imap_tls_port")):
            with kind(
                facts["host"], port=facts[port], user="ada", password="secret", tls=tls
            ) as reader:
                assert 1 == len(list(reader.messages()))
        program.send_signal(number)
        out, err = program.communicate(timeout=30)
        assert (0, "", "") == (program.returncode, out, err)
    assert not Path(facts["ca_file"]).exists()


def test_a_person_is_told_too(environment: dict[str, str], tmp_path: Path) -> None:
    with serving(environment, "--ca-file", str(tmp_path / "ca.pem")) as program:
        assert program.stdout is not None
        lines = [ready_line(program)]
        while "Ctrl-C" not in lines[-1]:
            lines.append(program.stdout.readline())
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=30)
        assert (0, "") == (program.returncode, err)
    words = " ".join("".join(lines).split())
    assert "not for production" in words
    for protocol in ("SMTP", "POP3", "IMAP"):
        assert f"{protocol} under TLS 127.0.0.1:" in words
    assert "ada@example.org" in words
    assert "secret" not in words
    assert (tmp_path / "ca.pem").read_text().startswith("-----BEGIN CERTIFICATE-----")


def test_starttls_and_signing_in_can_be_left_out(environment: dict[str, str]) -> None:
    with serving(environment, "--json", "--no-starttls", "--no-auth") as program:
        facts = json.loads(ready_line(program))
        host, port = facts["host"], facts["smtp_port"]
        with SMTPSession(host, port=port, security="plaintext") as session:
            receipt = session.send(Email(sender="eve@example.org", to="ada@example.org", text="Hi"))
        assert ("ada@example.org",) == receipt.accepted
        with pytest.raises(InsecureConnection):
            SMTPSession(host, port=port, security="starttls").open()
        for kind, name in ((POP3Session, "pop3_port"), (IMAPSession, "imap_port")):
            with pytest.raises(InsecureConnection):
                kind(host, port=facts[name], user="ada", security="starttls").open()
        with pytest.raises(Unauthorised):
            SMTPSession(host, port=port, security="plaintext", user="ada", password="x").open()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--user", "pa55"), "a user has no name or no password"),
        (("--user", ":pa55"), "a user has no name or no password"),
        (("--host", "0.0.0.0"), "can be reached from other machines"),
        (("--catch-all", "eve"), "'eve' is no user"),
        (("--ca-file", "/nowhere/ca.pem"), "/nowhere/ca.pem cannot be written"),
    ],
)
def test_what_cannot_be_served_is_refused(
    courriel: Courriel, options: tuple[str, str], complaint: str
) -> None:
    ended = courriel("serve", *options)
    assert (2, "") == (ended.status, ended.out)
    assert complaint in ended.words.replace("A user", "a user")
    assert "pa55" not in ended.words
