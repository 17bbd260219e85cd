"""Run both programs of the vendor's page as a person would, against Postfix."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix

EXAMPLES = Path(__file__).parents[2] / "examples" / "wlanguage"
SOURCE = Path(__file__).parents[2] / "src"

pytestmark = pytest.mark.server


def run(program: str, postfix: Postfix, port: int, password: str) -> tuple[int, str]:
    """Run an example with ada's account and bob as the recipient; return its status and words."""
    finished = subprocess.run(
        [
            *(sys.executable, str(EXAMPLES / program)),
            *(postfix.host, "ada", password, "ada@example.org", "bob@example.org"),
            *("--port", str(port)),
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(SOURCE),
            "SSL_CERT_FILE": str(postfix.authority.ca_file),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return finished.returncode, finished.stderr


@pytest.fixture
def unused_port() -> Iterator[int]:
    """Give a port at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def test_the_plain_program_sends(postfix: Postfix, mail: Maildirs) -> None:
    assert (0, "") == run("plain_server.py", postfix, postfix.plaintext_auth_port, postfix.password)
    (message,) = map(message_from_bytes, mail.wait_for("bob", 1))
    assert "From the plain server" == message["Subject"]
    assert "without encryption" in message.get_payload()


def test_the_plain_program_goes_on_where_nobody_can_sign_in(
    postfix: Postfix, mail: Maildirs
) -> None:
    assert (0, "") == run("plain_server.py", postfix, postfix.plaintext_port, postfix.password)
    assert 1 == len(mail.wait_for("bob", 1))


def test_the_secured_program_sends(postfix: Postfix, mail: Maildirs) -> None:
    assert (0, "") == run("secured_server.py", postfix, postfix.submission_port, postfix.password)
    (message,) = map(message_from_bytes, mail.wait_for("bob", 1))
    assert "From the secured server" == message["Subject"]


@pytest.mark.parametrize("program", ["plain_server.py", "secured_server.py"])
def test_a_wrong_password_is_told(program: str, postfix: Postfix) -> None:
    ports = {"plain_server.py": postfix.plaintext_auth_port}
    status, words = run(program, postfix, ports.get(program, postfix.submission_port), "wrong")
    assert 1 == status
    assert ["The session could not be opened."] == words.splitlines()[:1]
    assert "535" in words


@pytest.mark.parametrize("program", ["plain_server.py", "secured_server.py"])
def test_the_firewall_is_named_where_nobody_answers(
    program: str, postfix: Postfix, unused_port: int
) -> None:
    status, words = run(program, postfix, unused_port, postfix.password)
    assert 1 == status
    assert f"the firewall lets port {unused_port} through." in words.splitlines()[-1]
