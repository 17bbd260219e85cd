"""Offer courriel on the command line: ``courriel demo``, ``serve``, ``send``, ``list``, ``read``….

It stands on the extra ``cli`` (typer, rich). Only the way in lives here, and it imports neither
before it is entered, so that whoever lacks the extra is told so in one line.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

__all__ = ["main"]


def main() -> None:
    """Run the command line on ``sys.argv`` and exit with its status."""
    for name in ("typer", "rich"):
        if find_spec(name) is None:
            sys.stderr.write(
                f"courriel: the command line needs {name}, which is not installed. "
                "Install it: pip install 'courriel[cli]'\n"
            )
            raise SystemExit(2)
    from courriel.cli.application import application

    application(prog_name="courriel")
