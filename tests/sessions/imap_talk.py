"""How scripted IMAP conversations begin and end, wherever nothing about that is the point."""

from __future__ import annotations

from typing import Any

from courriel.drive.scripted import ScriptedServer
from tests.faces import Face


def opened(words: str = "") -> str:
    """Return how a server begins that offers ``words`` beside IMAP4rev1."""
    return f"\nS: * OK [CAPABILITY IMAP4rev1 {words}] ready\n"


def examined(tag: int, name: str = "INBOX", exists: int = 10, verb: str = "EXAMINE") -> str:
    """Return the answers to EXAMINE or SELECT, behind the command."""
    access = "READ-ONLY" if verb == "EXAMINE" else "READ-WRITE"
    return f"""
    S: * {exists} EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: A{tag} OK [{access}] {name}
    """


def bye(tag: int) -> str:
    """Return how a session ends that has said ``tag - 1`` commands before."""
    return f"""
    C: A{tag} LOGOUT
    S: * BYE bye
    S: A{tag} OK bye
    """


def imap(face: Face, server: ScriptedServer, **arguments: Any) -> Any:
    """Return an IMAP session of that colour that talks to ``server``."""
    return face.scripted(server, "IMAPSession", **arguments)
