"""Read the accounts of the configuration file.

::

    default = "work"                     # optional when there is one account

    [accounts.work]
    url = "smtps://ada%40example.org@mail.example.org"
    read_url = "imaps://ada%40example.org@mail.example.org"     # where his mail is read
    password_command = ["pass", "show", "mail/work"]     # or token_command, for OAuth
    from = "Ada <ada@example.org>"
    ca = "/etc/ssl/our-authority.pem"

Only the reading lives here. What is read is checked, and an error names the file and the key but
never shows a value: it may hold a password.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from courriel.errors import Misused
from courriel.model.secret import Secret

__all__ = ["Account", "Configuration", "configuration_path", "read_configuration"]

_OPERATION = "configuration"
_KEYS = frozenset({"url", "read_url", "password_command", "token_command", "from", "ca"})


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its sessions' URLs, and where their password or token comes from.

    ``read_url`` is that of the session that reads, when it is not ``url``.
    ``password_command`` and ``token_command`` are programs with their
    arguments, whose first line of output is the secret. ``sender`` is the
    From of new messages, ``ca`` a file of certificates that are trusted
    instead of the system's.
    """

    url: Secret
    password_command: tuple[str, ...] = ()
    token_command: tuple[str, ...] = ()
    sender: str | None = None
    ca: Path | None = None
    read_url: Secret | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """The accounts of a configuration file, and which of them is meant when none is named."""

    path: Path
    accounts: Mapping[str, Account] = field(default_factory=dict)
    default: str | None = None

    def account(self, name: str | None) -> Account:
        """Return the account of that name, or the default one. Raises Misused if there is none."""
        known = ", ".join(self.accounts) or "none"
        wanted = (
            name or self.default or (next(iter(self.accounts)) if len(self.accounts) == 1 else None)
        )
        if wanted is None:
            raise Misused(
                f"no account was given (those in {self.path}: {known})",
                operation=_OPERATION,
                hint="Name one with --account, or set COURRIEL_ACCOUNT to a URL or a name.",
            )
        if wanted not in self.accounts:
            raise Misused(
                f"there is no account {wanted!r} in {self.path} (there: {known})",
                operation=_OPERATION,
                hint="Write [accounts.NAME] with a url there, or give a URL instead.",
            )
        return self.accounts[wanted]


def configuration_path(environment: Mapping[str, str]) -> Path:
    """Return where the configuration file is looked for.

    ``COURRIEL_CONFIG``, else ``courriel/config.toml`` in ``XDG_CONFIG_HOME``,
    which is ``~/.config`` unless set.
    """
    if named := environment.get("COURRIEL_CONFIG"):
        return Path(named)
    base = environment.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "courriel" / "config.toml"


def read_configuration(path: Path) -> Configuration:
    """Return what the file says; nothing when there is no file.

    Raises Misused when it cannot be read, is not TOML, or says something that
    is not known here.
    """
    try:
        with path.open("rb") as file:
            read = tomllib.load(file)
            private = os.name != "posix" or not os.fstat(file.fileno()).st_mode & 0o077
    except FileNotFoundError:
        return Configuration(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not TOML"
        raise _misused(path, f"cannot be read: {reason}") from None
    tables, default = read.pop("accounts", {}), read.pop("default", None)
    if read:
        raise _misused(path, f"says {sorted(read)[0]!r}, which is not known here")
    if not isinstance(tables, dict) or not isinstance(default, str | None):
        raise _misused(path, "has accounts or default in a form that is not known here")
    accounts = {name: _account(path, name, table) for name, table in tables.items()}
    if not private and any(_holds_password(account) for account in accounts.values()):
        raise Misused(
            f"{path} holds a password, and others may read it",
            operation=_OPERATION,
            hint=f"Run chmod 600 {path}, or use password_command.",
        )
    return Configuration(path, accounts, default)


def _account(path: Path, name: str, table: Any) -> Account:
    where = f"[accounts.{name}]"
    if not isinstance(table, dict) or not isinstance(table.get("url"), str):
        raise _misused(path, f"has no url in {where}")
    if unknown := sorted(table.keys() - _KEYS):
        raise _misused(path, f"says {unknown[0]!r} in {where}, which is not known here")
    for key in ("from", "ca", "read_url"):
        if not isinstance(table.get(key, ""), str):
            raise _misused(path, f"has something other than text as {key} in {where}")
    return Account(
        Secret(table["url"]),
        _command(path, where, table, "password_command"),
        _command(path, where, table, "token_command"),
        table.get("from"),
        path.parent / table["ca"] if "ca" in table else None,
        Secret(table["read_url"]) if "read_url" in table else None,
    )


def _command(path: Path, where: str, table: dict[str, Any], key: str) -> tuple[str, ...]:
    words = table.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise _misused(path, f'wants {key} in {where} as a list of words: ["pass", "show", "x"]')
    return tuple(words)


def _holds_password(account: Account) -> bool:
    for url in (account.url, account.read_url):
        userinfo, at, _ = (url.reveal() if url else "").partition("//")[2].rpartition("@")
        if at and ":" in userinfo:
            return True
    return False


def _misused(path: Path, what: str) -> Misused:
    return Misused(
        f"{path} {what}", operation=_OPERATION, hint="See docs/command-line.md for what it may say."
    )
