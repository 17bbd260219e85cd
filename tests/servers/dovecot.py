"""Run a Dovecot 2.3 of our own: IMAP, POP3, LMTP, and the SASL that Postfix asks.

Everything it has lies in one temporary folder, so that several run at once and beside the
machine's own. Passwords are stored in plain text, which is what CRAM-MD5 and SCRAM need to be
computed from one store. Users are named with or without a domain and with or without a ``+detail``:
only the part in front counts.

The same ports are served on three addresses of loopback. ``host`` is an open house: STARTTLS is
offered, and passwords are taken without it. ``strict_host`` takes no password before TLS.
``bare_host`` says of IMAP that it has IMAP4rev1 and nothing more.

The configuration and its ports live here; what arrived is read by ``maildir``, and mailboxes are
filled by ``stock``.
"""

from __future__ import annotations

import os
import pwd
import ssl
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.bearer import SCOPE, Issuer
from tests.servers.daemon import HOST, Daemon, free_ports
from tests.servers.maildir import Maildirs
from tests.servers.stock import Stock

PASSWORDS = {
    "ada": "secret",
    "bob": "correct horse battery staple",
    "zoë": "pâté à l’œuf",
}
"""The users and their passwords."""

BROKEN_USER = "broken"
"""A user whose mailbox cannot be written: LMTP takes the recipient and refuses after the data."""

SMALL_USER = "small"
"""A user whose quota is 64 KiB and ten messages."""

READERS = {f"reader{number}": "secret" for number in range(500)}
"""Users for one test each: nobody else has touched their mailbox."""

STRICT_HOST = "127.0.0.2"
BARE_HOST = "127.0.0.3"

MAIL_OWNER = pwd.getpwnam("nobody")

MECHANISMS = (
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "XOAUTH2",
    "OAUTHBEARER",
)
"""The SASL mechanisms of every port. EXTERNAL is missing: Postfix does not tell Dovecot whom the
certificate of a client names."""

_CONFIGURATION = """\
protocols = imap pop3 lmtp
listen = {host} {strict_host} {bare_host}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
auth_verbose = yes

ssl = yes
ssl_min_protocol = TLSv1.2
ssl_cert = <{chain}
ssl_key = <{key}

auth_mechanisms = {mechanisms} apop
auth_username_format = %Ln
auth_username_chars =
auth_failure_delay = 0
disable_plaintext_auth = no
recipient_delimiter = +

first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:%h
mail_fsync = never
mail_max_userip_connections = 0
mail_plugins = quota zlib

namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=2G
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota imap_zlib
}}
local {strict_host} {{
  disable_plaintext_auth = yes
}}
local {bare_host} {{
  imap_capability = IMAP4rev1
}}

passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 apop
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}

service auth {{
  unix_listener {folder}/sasl {{
    mode = 0666
  }}
}}
service anvil {{
  # Without this listener nobody has to wait after a wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""

_OAUTH2 = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={keys}/
username_attribute = sub
scope = {scope}
"""


class Dovecot:
    """A Dovecot in ``folder``, with certificates of ``authority``.

    ``auth_socket`` is where Postfix asks for SASL; ``mail`` reads what arrived; ``stock`` puts
    mails into mailboxes; ``ssl_context`` is for clients and trusts the server's certificate.
    """

    host = HOST
    strict_host = STRICT_HOST
    bare_host = BARE_HOST
    passwords = PASSWORDS

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder = folder
        self.authority = authority
        self.ssl_context: ssl.SSLContext = authority.client_context()
        self.auth_socket = folder / "sasl"
        (
            self.imap_port,
            self.imaps_port,
            self.pop3_port,
            self.pop3s_port,
            self.lmtp_port,
        ) = free_ports(5)
        self.mail = Maildirs(folder / "mail", lambda: self.log())
        self.stock = Stock(folder / "mail", MAIL_OWNER)
        self._readers = iter(READERS)
        self._issuer = Issuer(folder / "keys")
        self._daemon = Daemon(
            "dovecot",
            ["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")],
            folder / "dovecot.log",
        )

    def start(self) -> None:
        """Write the configuration and start. Raises AssertionError when it does not come up."""
        self.mail.root.mkdir()
        for user in (*PASSWORDS, SMALL_USER):
            self._settle(user)
        _give_away(self.mail.root)
        (self.folder / "users").write_text(self._users())
        (self.folder / "oauth2.conf").write_text(
            _OAUTH2.format(keys=self._issuer.folder, scope=SCOPE)
        )
        (self.folder / "dovecot.conf").write_text(self._configuration())
        self._daemon.start(
            self.imap_port, self.imaps_port, self.pop3_port, self.pop3s_port, self.lmtp_port
        )

    def stop(self) -> None:
        """End the server; does nothing when it is not running."""
        self._daemon.stop()

    def reader(self) -> str:
        """Give a user with the password ``secret`` and an empty mailbox, a new one each time."""
        user = next(self._readers)
        self._settle(user)
        return user

    def token(self, user: str, *, lifetime: float = 3_600.0) -> str:
        """Make an access token for ``user``, which a negative ``lifetime`` (s) makes expired."""
        return self._issuer.token(user, lifetime=lifetime)

    def log(self) -> str:
        """Give what the server logged so far."""
        return self._daemon.log()

    def _users(self) -> str:
        """Write the file of users: name:password:uid:gid:gecos:home:shell:extra (passwd-file)."""
        ids = f"{MAIL_OWNER.pw_uid}:{MAIL_OWNER.pw_gid}"
        lines = [
            f"{user}:{{PLAIN}}{password}:{ids}::{self.mail.root / user}::"
            for user, password in (PASSWORDS | READERS).items()
        ]
        quota = "userdb_quota_rule=*:storage=64K:messages=10"
        lines.append(f"{SMALL_USER}:{{PLAIN}}secret:{ids}::{self.mail.root / SMALL_USER}::{quota}")
        # A file stands where the mailbox should be.
        lines.append(f"{BROKEN_USER}:{{PLAIN}}secret:{ids}::{self.folder / 'users'}::")
        return "\n".join(lines) + "\n"

    def _settle(self, user: str) -> None:
        """Make the home of ``user``."""
        home = self.mail.root / user
        home.mkdir()
        _give_away(home)

    def _configuration(self) -> str:
        certificate = self.authority.certificate()
        return _CONFIGURATION.format(
            host=HOST,
            strict_host=STRICT_HOST,
            bare_host=BARE_HOST,
            folder=self.folder,
            chain=certificate.chain,
            key=certificate.key,
            mechanisms=" ".join(MECHANISMS).lower(),
            imap=self.imap_port,
            imaps=self.imaps_port,
            pop3=self.pop3_port,
            pop3s=self.pop3s_port,
            lmtp=self.lmtp_port,
        )


def _give_away(folder: Path) -> None:
    """Make the mail owner the owner of ``folder``."""
    os.chown(folder, MAIL_OWNER.pw_uid, MAIL_OWNER.pw_gid)
