"""Obey the commands that are about the conversation itself.

CAPA, STLS, UTF8, LANG, NOOP and QUIT (RFC 1939, 5 and 6; RFC 2449, 5; RFC 2595, 4; RFC 6856). Each
is a function of the conversation and the command's argument that returns the reply or raises
Refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from courriel.sandbox.pop3.conversation import Conversation, Mode
from courriel.sandbox.pop3.replies import fatal, listing, ok, refused

# What is not a capability by that name: APOP is told by the greeting, CAPA by its own answer.
_UNLISTED = frozenset(("APOP", "CAPA"))

_ARGUMENTS: Mapping[str, str] = {
    "EXPIRE": "NEVER",
    "IMPLEMENTATION": "courriel sandbox",
    "UTF8": "USER",
}

_LANGUAGES = {"en": "English", "i-default": "The language of whoever has said none"}


def capa(conversation: Conversation, argument: str) -> bytes:
    """Answer CAPA with everything on offer at this point."""
    without_argument(argument)
    if "CAPA" not in conversation.policy.capabilities:
        raise refused("There is no such command")
    words = sorted(conversation.policy.capabilities - _UNLISTED)
    return listing(
        "This is on offer",
        [_line(conversation, word) for word in words if conversation.offers(word)],
    )


def _line(conversation: Conversation, word: str) -> str:
    if word == "SASL":
        return " ".join(("SASL", *conversation.mechanisms))
    argument = _ARGUMENTS.get(word)
    return f"{word} {argument}" if argument else word


def stls(conversation: Conversation, argument: str) -> bytes:
    """Answer STLS; what is sent behind it in clear ends the conversation."""
    without_argument(argument)
    if conversation.secured:
        raise refused("The connection is under TLS already")
    if not conversation.offers("STLS"):
        raise refused("STLS comes before the sign-in, where it is offered")
    if conversation.behind:
        # It was written before the handshake: whoever it is from, it must not be obeyed after it.
        raise fatal("Nothing may follow STLS before the handshake")
    conversation.mode = Mode.TLS
    return ok("Ready to start TLS")


def utf8(conversation: Conversation, argument: str) -> bytes:
    """Have messages with UTF-8 in their headers come as they are (RFC 6856, 2.1)."""
    without_argument(argument)
    if not conversation.offers("UTF8"):
        raise refused("UTF8 is not offered")
    if conversation.maildrop is not None:
        raise refused("UTF8 comes before the sign-in")
    conversation.utf8 = True
    return ok("UTF-8 it is")


def lang(conversation: Conversation, argument: str) -> bytes:
    """List the languages, or take one of them (RFC 6856, 3)."""
    if not conversation.offers("LANG"):
        raise refused("LANG is not offered")
    if not argument:
        return listing("These are known", [f"{tag} {name}" for tag, name in _LANGUAGES.items()])
    tag = "i-default" if argument == "*" else argument.lower()
    if tag not in _LANGUAGES:
        raise refused("That language is not known here")
    return ok(f"{tag} is spoken")


def noop(conversation: Conversation, argument: str) -> bytes:
    """Do nothing, for who has signed in (RFC 1939, 5)."""
    without_argument(argument)
    conversation.begun()
    return ok()


def quit_(conversation: Conversation, argument: str) -> bytes:
    """Remove what DELE has marked, and say goodbye (RFC 1939, 6)."""
    without_argument(argument)
    conversation.leave(update=True)
    conversation.mode = Mode.CLOSED
    return ok(f"{conversation.policy.domain} closes the connection")


def without_argument(argument: str) -> None:
    """Refuse an argument."""
    if argument:
        raise refused("The command has no argument")
