"""The fixture for other people's test suites."""

from __future__ import annotations

import smtplib
import subprocess
import sys

from courriel.sandbox import Server
from courriel.sandbox.pytest_plugin import mail_authority, mail_server

__all__ = ["mail_authority", "mail_server"]


def test_it_takes_mail(mail_server: Server) -> None:
    with smtplib.SMTP_SSL(
        mail_server.host, mail_server.smtp_tls_port, timeout=10, context=mail_server.ssl_context
    ) as client:
        client.login("ada", "secret")
        client.sendmail("ada@example.org", ["bob@example.org"], "Subject: hello\r\n\r\n")
    (message,) = mail_server.mailbox("bob").wait()
    assert b"Subject: hello\r\n\r\n" == message.content


def test_each_test_has_its_own(mail_server: Server) -> None:
    assert 0 == len(mail_server.mailbox("bob"))


def test_loading_it_loads_nothing_else() -> None:
    program = (
        "import sys, courriel.sandbox.pytest_plugin\n"
        "print(*[name for name in sys.modules if name.startswith('courriel.sandbox.')])\n"
        "print('trustme' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert "courriel.sandbox.pytest_plugin\nFalse\n" == done.stdout


def test_the_package_has_what_it_says() -> None:
    import courriel.sandbox as package

    assert set(package.__all__) <= set(dir(package))
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert not hasattr(package, "Gopher")
