"""Tell which package is missing, where the extra ``crypto`` is not installed.

Only this error lives here, and it imports nothing that may be missing.
"""

from __future__ import annotations

from courriel.errors import Misused


def missing(what: str, package: str) -> Misused:
    """Return the error that says what needs which package, and how to get it."""
    return Misused(
        f"{what} needs the package {package}",
        operation=what,
        hint="Install it with: pip install 'courriel[crypto]'.",
    )
