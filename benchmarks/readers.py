"""List who is measured at reading, and how each is run.

Tables: a peer more is a line more. Only what runs whom lives here; the clients themselves are in
``clients``.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.dovecot import PASSWORD
from benchmarks.folders import folder
from benchmarks.processes import answer, module, run

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be read: the first ``count`` mails of ``user``, from the server on ``port``."""

    port: int
    user: str
    count: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run found: messages a second, and by how many octets the peak of memory grew."""

    rate: float
    growth: int | None = None
    """Unknown for programs that are not ours to look into."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One way of reading."""

    name: str
    read: Callable[[Job], Reading]
    """Raises Unmeasured."""
    needs: str = ""
    """The Python package, or the program with its Debian package (``mbsync isync``)."""


def python(client: str, mode: str) -> Callable[[Job], Reading]:
    """Return what runs a client of ``benchmarks.clients``; its own clock counts."""

    def read(job: Job) -> Reading:
        name = f"benchmarks.clients.{client}"
        found = answer(module(name, LOOPBACK, job.port, job.user, job.count, mode))
        return Reading(found["messages"] / found["seconds"], int(found["octets"]))

    return read


def mbsync(job: Job) -> Reading:
    """Copy the mailbox with mbsync (C); its start and its writing of files are in the time."""
    configuration = (
        "IMAPAccount bench\nHost {host}\nPort {port}\nUser {user}\nPass {password}\n"
        "SSLType None\nAuthMechs LOGIN\n\n"
        "IMAPStore far\nAccount bench\n\n"
        "MaildirStore near\nPath {folder}/\nInbox {folder}/inbox\n\n"
        "Channel all\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\n"
        "SyncState {folder}/state\n"
    )
    return _copying(job, configuration, ["mbsync", "--quiet", "--config", "{file}", "all"])


def mpop(job: Job) -> Reading:
    """Copy the mailbox with mpop (C); its start and its writing of files are in the time."""
    configuration = (
        "account bench\nhost {host}\nport {port}\nuser {user}\npassword {password}\ntls off\n"
        "auth user\nkeep on\ndelivery maildir {folder}/inbox\nuidls_file {folder}/uidls\n"
        "received_header off\n"
    )
    return _copying(job, configuration, ["mpop", "--quiet", "--file={file}", "bench"])


def _copying(job: Job, configuration: str, command: Sequence[str]) -> Reading:
    """Run a program that copies a whole mailbox into an empty folder."""
    with folder() as target:
        for name in ("cur", "new", "tmp"):
            (target / "inbox" / name).mkdir(parents=True)
        file = target / "configuration"
        file.touch(mode=0o600)
        file.write_text(
            configuration.format(
                host=LOOPBACK, port=job.port, user=job.user, password=PASSWORD, folder=target
            )
        )
        started = time.perf_counter()
        run([word.format(file=file) for word in command])
        seconds = time.perf_counter() - started
        return Reading(_copied(target) / seconds)


def _copied(target: Path) -> int:
    return sum(1 for name in ("cur", "new") for _ in (target / "inbox" / name).iterdir())


def absent(readers: Sequence[Reader]) -> dict[str, str]:
    """Return the readers that cannot run here, each with the reason."""
    reasons: dict[str, str] = {}
    for reader in readers:
        program, _, package = reader.needs.partition(" ")
        if package and shutil.which(program) is None:
            reasons[reader.name] = f"not here: it is in Debian's package {package}"
        elif program and not package and find_spec(program) is None:
            reasons[reader.name] = "not here: `make setup` installs it"
    return reasons
