"""Install the mail servers that the tests talk to, and the mail programs that talk to ours.

The tests run against the real Postfix and Dovecot of Debian 12, the embedded server is tried with
curl, mbsync and mpop, and what we compose is read by notmuch; a missing program is a failure, not
a skip. Run as root this installs the packages that are missing, without starting any service; run
by anybody else it names them and exits with status 1. When nothing is missing it does nothing.

Only the standard library may be used here, and nothing of this project: it runs before both.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = {
    "postfix": ("/usr/sbin/postfix", "/usr/sbin/smtp-sink", "/usr/sbin/smtp-source"),
    "dovecot-core": ("/usr/sbin/dovecot", "/usr/lib/dovecot/auth"),
    "dovecot-imapd": ("/usr/lib/dovecot/imap",),
    "dovecot-pop3d": ("/usr/lib/dovecot/pop3",),
    "dovecot-lmtpd": ("/usr/lib/dovecot/lmtp",),
    "curl": ("/usr/bin/curl",),
    "isync": ("/usr/bin/mbsync",),
    "mpop": ("/usr/bin/mpop",),
    "openssl": ("/usr/bin/openssl",),
    "gnupg": ("/usr/bin/gpg", "/usr/bin/gpg-agent", "/usr/bin/gpgconf"),
    "notmuch": ("/usr/bin/notmuch",),
}
"""Debian package -> the programs of it that the tests start, directly or through its master."""

POLICY = Path("/usr/sbin/policy-rc.d")
REFUSE_TO_START = "#!/bin/sh\n# Servers are installed for tests only.\nexit 101\n"

PRESEED = "postfix postfix/main_mailer_type select No configuration\n"
"""Postfix's package asks what kind of site this is; the tests bring a configuration."""

APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")


def missing_packages() -> list[str]:
    """Name the Debian packages of which a needed program is absent, in the order of PROGRAMS."""
    return [
        package
        for package, programs in PROGRAMS.items()
        if not all(Path(program).exists() for program in programs)
    ]


def advice(packages: list[str]) -> str:
    """Say which packages are missing, and how to get them."""
    names = " ".join(packages)
    return (
        f"The tests need the Debian packages {names}. "
        f"Run `make test` as root, or `apt-get install {names}`, and try again."
    )


@contextmanager
def services_held() -> Iterator[None]:
    """Keep dpkg from starting what it installs; a policy that is already there is respected."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text(REFUSE_TO_START)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def install(packages: list[str]) -> None:
    """Install ``packages`` with apt. Raises CalledProcessError when apt fails. Needs root."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["debconf-set-selections"], input=PRESEED, text=True, check=True)
    subprocess.run([*APT, "update", "-q"], env=environment, check=True)
    with services_held():
        subprocess.run(
            [*APT, "install", "-q", "-y", "--no-install-recommends", *packages],
            env=environment,
            check=True,
        )


def complain(text: str) -> None:
    """Write ``text`` to the standard error as a line of its own."""
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Install what is missing, or say what it is. Returns the exit status."""
    packages = missing_packages()
    if not packages:
        return 0
    if os.geteuid() != 0:
        complain(advice(packages))
        return 1
    try:
        install(packages)
    except (OSError, subprocess.CalledProcessError) as error:
        complain(f"Installing {' '.join(packages)} failed: {error}")
        return 1
    still_missing = missing_packages()
    if still_missing:
        complain(advice(still_missing))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
