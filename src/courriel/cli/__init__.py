"""Offer courriel on the command line: ``courriel demo``, ``courriel serve``, ``courriel send``.

It stands on the extra ``cli`` (typer, rich). Only the way in lives here, and it imports neither
before it is entered, so that whoever lacks the extra is told so in one line.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line on ``sys.argv`` and exit with its status."""
    try:
        import rich  # noqa: F401 - Whether it is there is the question.
        import typer  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name not in ("rich", "typer"):
            raise
        sys.stderr.write(
            f"courriel: the command line needs {error.name}, which is not installed. "
            "Install it: pip install 'courriel[cli]'\n"
        )
        raise SystemExit(2) from None
    from courriel.cli.application import application

    application(prog_name="courriel")
