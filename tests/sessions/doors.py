"""Name the ways into the test Postfix, as arguments of a session.

A new way in is a line in ``DOORS``; nothing else may live here.
"""

from __future__ import annotations

from typing import Any

from tests.servers.postfix import Postfix

DOORS = {
    "open": ("smtp_port", "plaintext"),
    "starttls": ("smtp_port", "starttls"),
    "implicit TLS": ("smtps_port", "tls"),
    "submission": ("submission_port", "starttls"),
    "no TLS": ("plaintext_port", "plaintext"),
    "sign-in in clear": ("plaintext_auth_port", "plaintext"),
    "no CHUNKING": ("no_chunking_port", "plaintext"),
    "no PIPELINING": ("no_pipelining_port", "plaintext"),
    "no extension": ("bare_port", "plaintext"),
}
"""Name -> the port's attribute, and the security to use there."""

_WITH_PASSWORD = ("implicit TLS", "submission", "sign-in in clear")


def through(postfix: Postfix, door: str = "open", **more: Any) -> dict[str, Any]:
    """Give the arguments of a session that goes through ``door``, signed in where that is asked."""
    port, security = DOORS[door]
    arguments: dict[str, Any] = {"port": getattr(postfix, port), "security": security}
    if security != "plaintext":
        arguments["tls"] = postfix.ssl_context
    if door in _WITH_PASSWORD:
        arguments |= {"user": postfix.user, "password": postfix.password}
    return arguments | more
