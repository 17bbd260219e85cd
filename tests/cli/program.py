"""The program ``python -m courriel`` as the tests start it, and how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROGRAM = (sys.executable, "-m", "courriel")


@dataclass(frozen=True, slots=True)
class Ended:
    """How the program ended: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to stdout, which must be one line of JSON."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def words(self) -> str:
        """All it wrote, without the frames and line breaks that a terminal needs."""
        return " ".join(f"{self.out} {self.err}".replace("│", " ").split())


def run(*arguments: str, stdin: bytes, environment: Mapping[str, str]) -> Ended:
    """Run the program to its end."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
