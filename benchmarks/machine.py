"""Say on what the figures were taken: machine, programs and their versions."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from benchmarks.senders import NODEMAILER

UNKNOWN = "not here"


def description() -> list[str]:
    """Return a few lines on the machine and the versions."""
    now = datetime.now(UTC)
    machine = (
        f"{now:%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores ({_processor()}), "
        f"{_system()}, Python {platform.python_version()}"
    )
    programs = (
        f"courriel {_package('courriel')}, aiosmtplib {_package('aiosmtplib')}, "
        f"nodemailer {_nodemailer()} on node {_said('node', '--version')}, "
        f"Postfix {_said('postconf', '-d', '-h', 'mail_version')}"
    )
    readers = (
        f"Dovecot {_said('dovecot', '--version')}, IMAPClient {_package('imapclient')}, "
        f"imap-tools {_package('imap-tools')}, aioimaplib {_package('aioimaplib')}, "
        f"{_said('mbsync', '--version')}, {_said('mpop', '--version').partition(chr(10))[0]}"
    )
    return [machine, programs, readers]


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return UNKNOWN


def _nodemailer() -> str:
    try:
        text = (NODEMAILER / "node_modules/nodemailer/package.json").read_text(encoding="utf-8")
    except OSError:
        return UNKNOWN
    return str(json.loads(text)["version"])


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return done.stdout.strip() or UNKNOWN
