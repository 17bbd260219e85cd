"""Make a session from what the user said about his account.

An account is named on the command line, in the environment or in the configuration file, in this
order; its password is looked for in the URL, in the environment, and asked of the account's
command. No secret gets into an error.
"""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from courriel.cli.configuration import Account, Configuration
from courriel.errors import Misused
from courriel.model.secret import Secret
from courriel.sessions.imap import IMAPSession
from courriel.sessions.opening import open_session
from courriel.sessions.pop3 import POP3Session
from courriel.sessions.smtp import LMTPSession, SMTPSession

__all__ = ["find_account", "reading_session", "sending_session"]

_OPERATION = "account"


def find_account(
    named: str | None, environment: Mapping[str, str], configured: Callable[[], Configuration]
) -> Account:
    """Return the account that ``--account``, ``COURRIEL_ACCOUNT`` or the configuration means.

    The first two hold a URL or the name of a configured account. The file is
    read only when it is needed. Raises Misused.
    """
    wanted = named or environment.get("COURRIEL_ACCOUNT") or None
    if wanted is not None and "://" in wanted:
        return Account(Secret(wanted))
    return configured().account(wanted)


def sending_session(
    account: Account, environment: Mapping[str, str], ca: Path | None
) -> SMTPSession | LMTPSession:
    """Return the session that the account sends through, not yet open. Raises Misused."""
    session = _session(account.url, account, environment, ca)
    if not isinstance(session, SMTPSession | LMTPSession):
        raise Misused(
            "the account's URL is for reading mail, not for sending it",
            operation=_OPERATION,
            hint="Give one such as smtps://ada@mail.example.org.",
        )
    return session


def reading_session(
    account: Account, environment: Mapping[str, str], ca: Path | None
) -> POP3Session | IMAPSession:
    """Return the session that the account is read through, not yet open. Raises Misused."""
    session = _session(account.read_url or account.url, account, environment, ca)
    if isinstance(session, SMTPSession | LMTPSession):
        raise Misused(
            "the account's URL is for sending mail, not for reading it",
            operation=_OPERATION,
            hint="Give one such as imaps://ada@mail.example.org, or write read_url = … into the"
            " account's configuration.",
        )
    return session


def _session(
    url: Secret, account: Account, environment: Mapping[str, str], ca: Path | None
) -> SMTPSession | LMTPSession | POP3Session | IMAPSession:
    overrides: dict[str, Any] = {}
    password = environment.get("COURRIEL_PASSWORD")
    if account.token_command:
        overrides["token"] = lambda: _answer_of(account.token_command, "token_command")
    elif password and not _has_password(url):
        overrides["password"] = Secret(password)
    elif account.password_command:
        overrides["password"] = _answer_of(account.password_command, "password_command")
    if authority := ca or account.ca:
        overrides["tls"] = _context(authority)
    return open_session(url.reveal(), **overrides)


def _has_password(url: Secret) -> bool:
    userinfo = url.reveal().partition("//")[2].rpartition("@")[0]
    return ":" in userinfo


def _answer_of(command: tuple[str, ...], key: str) -> Secret:
    """Return the first line that a command prints; stdin is not its, it may hold the message."""
    try:
        # The command is the user's own, from a file that is his.
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True
        )
        secret = done.stdout.decode().partition("\n")[0].rstrip("\r")
    except FileNotFoundError:
        raise _failed(key, f"the program {command[0]!r} was not found") from None
    except subprocess.CalledProcessError as error:
        raise _failed(key, f"it ended with status {error.returncode}") from None
    except (OSError, UnicodeDecodeError):
        raise _failed(key, "it could not be run, or its output is no text") from None
    if not secret:
        raise _failed(key, "it printed nothing on its first line")
    return Secret(secret)


def _failed(key: str, what: str) -> Misused:
    return Misused(
        f"the {key} did not give a secret: {what}",
        operation=_OPERATION,
        hint="Run it by hand: it must print the secret on its first line.",
    )


def _context(authority: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(authority))
    except OSError:
        # An ssl.SSLError is an OSError too; what it says helps nobody.
        raise Misused(
            f"{authority} holds no certificates that can be read",
            operation=_OPERATION,
            hint="Give a file in PEM format.",
        ) from None
