"""Run a Postfix 3.7 of our own, with a port for every way a server can be.

Everything it has lies in one temporary folder, so that several run at once and beside the
machine's own. It asks no name server. What it accepts it delivers as ``refusals`` says; what
signed-in users send abroad is thrown away. A bare LF ends a line too (``smtpd_forbid_bare_newline``
is off), so that a smuggled message does arrive and is found.

The configuration lives here; its ports are listed in ``doors``, what arrived is read by
``maildir``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.servers.authority import Authority, Fault
from tests.servers.daemon import HOST, Daemon, free_ports, wait_until
from tests.servers.doors import SMALL_SIZE_LIMIT, doors
from tests.servers.dovecot import MAIL_OWNER, PASSWORDS, Dovecot
from tests.servers.refusals import (
    DATA_REFUSALS,
    DISCARD_DOMAIN,
    DOMAIN,
    END_REFUSALS,
    MAIL_REFUSALS,
    MAILDIR_DOMAIN,
    RECIPIENT_REFUSALS,
    UTF8_DOMAIN,
    UTF8_DOMAIN_ASCII,
)

SIZE_LIMIT = 256 * 1024 * 1024
"""Octets of a message. Postfix wants half as much again free on the disk."""

_ACCOUNT = "postfix"
_DROP_GROUP = "postdrop"

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}

myhostname = mail.example.org
mydestination =
mynetworks =
inet_interfaces = {host}
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_recipient_maps =
notify_classes =
biff = no
recipient_delimiter = +
smtputf8_enable = yes
smtpd_forbid_bare_newline = no

message_size_limit = {size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0

virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_transport = virtual:
transport_maps = texthash:{folder}/transports
relay_domains = {discarded}
relay_transport = discard:
default_transport = discard:

smtpd_delay_reject = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/at-rcpt
smtpd_sender_restrictions = check_sender_access texthash:{folder}/at-mail
smtpd_data_restrictions = check_sender_access texthash:{folder}/at-data
smtpd_end_of_data_restrictions = check_sender_access texthash:{folder}/at-end

smtpd_tls_security_level = may
smtpd_tls_chain_files = {certificate}
smtpd_tls_protocols = >=TLSv1.2
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth_socket}
smtpd_sasl_security_options = noanonymous

# Nobody is slowed down or shut out.
in_flow_delay = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 100000
smtpd_hard_error_limit = 100000
smtpd_junk_command_limit = 100000
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
minimal_backoff_time = 1s
queue_run_delay = 1s
"""

_MASTER = """\
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
scache unix - - n - 1 scache
"""

_QUEUES = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"),
    *("maildrop", "private", "public", "saved", "trace"),
)
_DROP_MODES = {"maildrop": 0o730, "public": 0o710}
_UNDELIVERED = ("incoming", "active", "maildrop")


class Postfix:
    """A Postfix in ``folder`` that delivers into ``dovecot`` and asks it who may sign in.

    ``mail`` reads what arrived; ``ssl_context`` is for clients and trusts the
    server's certificate, which is for ``localhost`` and 127.0.0.1.
    """

    host = HOST
    domain = DOMAIN
    user = "ada"
    password = PASSWORDS["ada"]
    passwords = PASSWORDS
    size_limit = SIZE_LIMIT
    small_size_limit = SMALL_SIZE_LIMIT

    def __init__(self, folder: Path, authority: Authority, dovecot: Dovecot) -> None:
        self.folder = folder
        self.authority = authority
        self.dovecot = dovecot
        self.mail = dovecot.mail
        self.ssl_context: ssl.SSLContext = authority.client_context()
        self._doors = doors(authority)
        self._ports = dict(zip(self._doors, free_ports(len(self._doors)), strict=True))
        self.smtp_port = self._ports["smtp"]
        self.submission_port = self._ports["submission"]
        self.smtps_port = self._ports["smtps"]
        self.plaintext_port = self._ports["plaintext"]
        self.plaintext_auth_port = self._ports["plaintext-auth"]
        self.no_chunking_port = self._ports["no-chunking"]
        self.no_pipelining_port = self._ports["no-pipelining"]
        self.bare_port = self._ports["bare"]
        self.small_port = self._ports["small"]
        self._daemon = Daemon(
            "postfix",
            ["/usr/lib/postfix/sbin/master", "-s", "-c", str(folder)],
            folder / "postfix.log",
        )

    def mechanism_port(self, mechanism: str) -> int:
        """Give the port that offers sign-in by ``mechanism`` only, with and without STARTTLS."""
        return self._ports[f"auth-{mechanism}"]

    def faulty_smtps_port(self, fault: Fault) -> int:
        """Give the port with implicit TLS whose certificate has ``fault``."""
        return self._ports[f"smtps-{fault.value}"]

    def faulty_starttls_port(self, fault: Fault) -> int:
        """Give the port with STARTTLS whose certificate has ``fault``."""
        return self._ports[f"starttls-{fault.value}"]

    def start(self) -> None:
        """Write the configuration and start. Raises AssertionError when it does not come up."""
        assert os.geteuid() == 0, "Postfix starts as root only: run the tests as root"
        self._make_folders()
        for name, text in self._files().items():
            (self.folder / name).write_text(text)
            # Postfix waits for seconds while a file of its looks as if it were being written.
            os.utime(self.folder / name, (0, 0))
        self._daemon.start(*self._ports.values())

    def stop(self) -> None:
        """End the server; does nothing when it is not running."""
        self._daemon.stop()

    def undelivered(self) -> int:
        """Count the messages on their way, without those put off until later."""
        return sum(1 for queue in _UNDELIVERED for _ in (self.folder / "queue" / queue).iterdir())

    def drain(self, timeout: float = 30.0) -> None:
        """Wait until nothing is on its way, at most ``timeout`` seconds.

        Raises AssertionError with the log when time is up.
        """
        if not wait_until(lambda: self.undelivered() == 0, timeout):
            raise AssertionError(f"Postfix still holds {self.undelivered()}.\n{self.log()}")

    def flush(self) -> None:
        """Have Postfix try again what it put off."""
        subprocess.run(["/usr/sbin/postqueue", "-c", str(self.folder), "-f"], check=True)

    def log(self) -> str:
        """Give what this server and Dovecot logged so far."""
        return f"{self._daemon.log()}\n{self.dovecot.log()}"

    def _make_folders(self) -> None:
        """Make the queue and data folders with the owners and modes of postfix-files(5)."""
        queue, data = self.folder / "queue", self.folder / "data"
        for folder in (queue, queue / "pid", data):
            folder.mkdir()
        account = pwd.getpwnam(_ACCOUNT)
        shutil.chown(data, account.pw_uid)
        for name in _QUEUES:
            folder = queue / name
            folder.mkdir()
            shutil.chown(folder, account.pw_uid, _DROP_GROUP if name in _DROP_MODES else None)
            folder.chmod(_DROP_MODES.get(name, 0o700))

    def _files(self) -> dict[str, str]:
        """Give the text of every file of the configuration by its name."""
        return {
            "main.cf": self._main(),
            "master.cf": _MASTER + self._services(),
            "mailboxes": _table(
                {
                    f"{user}@{domain}": f"{user}/"
                    for user in PASSWORDS
                    for domain in (DOMAIN, MAILDIR_DOMAIN, UTF8_DOMAIN, UTF8_DOMAIN_ASCII)
                }
            ),
            "transports": _table(
                # Dovecot's LMTP lacks SMTPUTF8, which only this user's address needs.
                {f"zoë@{DOMAIN}": "virtual:", DOMAIN: f"lmtp:inet:{HOST}:{self.dovecot.lmtp_port}"}
            ),
            "at-mail": _table(MAIL_REFUSALS),
            "at-rcpt": _table(RECIPIENT_REFUSALS),
            "at-data": _table(DATA_REFUSALS),
            "at-end": _table(END_REFUSALS),
        }

    def _main(self) -> str:
        return _MAIN.format(
            host=HOST,
            folder=self.folder,
            size_limit=SIZE_LIMIT,
            domains=" ".join((DOMAIN, MAILDIR_DOMAIN, UTF8_DOMAIN, UTF8_DOMAIN_ASCII)),
            discarded=DISCARD_DOMAIN,
            mail=self.mail.root,
            uid=MAIL_OWNER.pw_uid,
            gid=MAIL_OWNER.pw_gid,
            certificate=self.authority.certificate().both,
            auth_socket=self.dovecot.auth_socket,
        )

    def _services(self) -> str:
        """Write a line of master.cf for every door."""
        lines: list[str] = []
        for name, options in self._doors.items():
            overrides = "".join(f" -o {{ {key} = {value} }}" for key, value in options.items())
            lines.append(f"{HOST}:{self._ports[name]} inet n - n - - smtpd{overrides}")
        return "\n".join(lines) + "\n"


def _table(entries: Mapping[str, str]) -> str:
    """Write a lookup table in the format of texthash (DATABASE_README)."""
    return "".join(f"{key} {value}\n" for key, value in entries.items())
