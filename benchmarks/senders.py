"""List who is measured at sending, and how each is run.

A table: a peer more is a line more. Only what runs whom lives here; the clients themselves are in
``clients`` and ``nodemailer``.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.figures import Unmeasured
from benchmarks.message import RECIPIENT, SENDER, SIZE, message
from benchmarks.processes import ROOT, answer, module, run

NODEMAILER = ROOT / "benchmarks" / "nodemailer"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Sender:
    """One way of sending: its name, and what sends ``count`` messages to a port."""

    name: str
    rate: Callable[[int, int], float]
    """Port and count -> messages a second. Raises Unmeasured."""
    ours: bool = False


def python(client: str, mode: str = "") -> Callable[[int, int], float]:
    """Return the rate of a client of ``benchmarks.clients``, by its own clock."""

    def rate(port: int, count: int) -> float:
        command = module(f"benchmarks.clients.{client}", LOOPBACK, port, count)
        return _rate(answer(command + ([mode] if mode else [])))

    return rate


def nodemailer(port: int, count: int) -> float:
    """Return the rate of nodemailer, by its own clock."""
    with tempfile.NamedTemporaryFile(suffix=".eml") as file:
        file.write(message())
        file.flush()
        script = str(NODEMAILER / "send.mjs")
        return _rate(answer(["node", script, LOOPBACK, str(port), str(count), file.name]))


def smtp_source(port: int, count: int) -> float:
    """Return the rate of Postfix's smtp-source; its start and connection are in the time."""
    command = ["smtp-source", "-d", "-s", "1", "-l", str(SIZE), "-m", str(count)]
    command += ["-f", SENDER, "-t", RECIPIENT, f"{LOOPBACK}:{port}"]
    started = time.perf_counter()
    run(command)
    return count / (time.perf_counter() - started)


def _rate(figures: dict[str, float]) -> float:
    return figures["messages"] / figures["seconds"]


SENDERS = (
    Sender("smtplib", python("standard")),
    Sender("aiosmtplib", python("aio")),
    Sender("nodemailer", nodemailer),
    Sender("smtp-source", smtp_source),
    Sender("courriel send_source", python("blocking", "source"), ours=True),
    Sender("courriel send", python("blocking", "send"), ours=True),
    Sender("courriel send_many", python("blocking", "many"), ours=True),
    Sender("courriel async send", python("asynchronous", "send"), ours=True),
    Sender("courriel async send, 100 tasks", python("asynchronous", "tasks"), ours=True),
    Sender("courriel async send_many", python("asynchronous", "many"), ours=True),
)


def sender(name: str) -> Sender:
    """Return a sender by its name."""
    return next(entry for entry in SENDERS if entry.name == name)


def absent() -> dict[str, str]:
    """Return the senders that cannot run here, each with the reason; installs what npm can."""
    reasons: dict[str, str] = {}
    if find_spec("aiosmtplib") is None:
        reasons["aiosmtplib"] = "not here: `make setup` installs it"
    if shutil.which("smtp-source") is None:
        reasons["smtp-source"] = "not here: it is in Debian's package postfix"
    reason = _without_nodemailer()
    if reason:
        reasons["nodemailer"] = reason
    return reasons


def _without_nodemailer() -> str | None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"not here: {program} is not installed"
    if not Path(NODEMAILER / "node_modules" / "nodemailer").is_dir():
        command = ["npm", "ci", "--prefix", str(NODEMAILER), "--no-audit", "--no-fund"]
        try:
            run(command, patience=90)
        except Unmeasured as error:
            return f"not here: npm ci failed: {error}"
    return None
