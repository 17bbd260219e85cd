"""Run a Dovecot 2.3 of our own: IMAP, POP3, LMTP, and the SASL that Postfix asks.

Everything it has lies in one temporary folder, so that several run at once and beside the
machine's own. Passwords are stored in plain text, which is what CRAM-MD5 and SCRAM need to be
computed from one store. Users are named with or without a domain and with or without a ``+detail``:
only the part in front counts.

The configuration and its ports live here; what arrived is read by ``maildir``.
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

PASSWORDS = {
    "ada": "secret",
    "bob": "correct horse battery staple",
    "zoë": "pâté à l’œuf",
}
"""The users and their passwords."""

BROKEN_USER = "broken"
"""A user whose mailbox cannot be written: LMTP takes the recipient and refuses after the data."""

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
listen = {host}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
auth_verbose = yes

ssl = yes
ssl_min_protocol = TLSv1.2
ssl_cert = <{chain}
ssl_key = <{key}

auth_mechanisms = {mechanisms}
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

passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
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

    ``auth_socket`` is where Postfix asks for SASL; ``mail`` reads what arrived;
    ``ssl_context`` is for clients and trusts the server's certificate.
    """

    host = HOST
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
        self._issuer = Issuer(folder / "keys")
        self._daemon = Daemon(
            "dovecot",
            ["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")],
            folder / "dovecot.log",
        )

    def start(self) -> None:
        """Write the configuration and start. Raises AssertionError when it does not come up."""
        self.mail.root.mkdir()
        for user in PASSWORDS:
            home = self.mail.root / user
            home.mkdir()
            _give_away(home)
        _give_away(self.mail.root)
        (self.folder / "users").write_text(self._users())
        (self.folder / "oauth2.conf").write_text(
            _OAUTH2.format(keys=self._issuer.folder, scope=SCOPE)
        )
        (self.folder / "dovecot.conf").write_text(self._configuration())
        self._daemon.start(self.lmtp_port)

    def stop(self) -> None:
        """End the server; does nothing when it is not running."""
        self._daemon.stop()

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
            for user, password in PASSWORDS.items()
        ]
        # A file stands where the mailbox should be.
        lines.append(f"{BROKEN_USER}:{{PLAIN}}secret:{ids}::{self.folder / 'users'}::")
        return "\n".join(lines) + "\n"

    def _configuration(self) -> str:
        certificate = self.authority.certificate()
        return _CONFIGURATION.format(
            host=HOST,
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
