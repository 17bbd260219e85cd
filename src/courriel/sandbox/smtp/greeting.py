"""Obey the commands that are about the conversation itself.

EHLO, HELO and LHLO, STARTTLS, RSET, NOOP, HELP, VRFY and QUIT (RFC 5321, 4.1.1; RFC 3207;
RFC 2033, 4.1). Each is a function of the conversation and the command's argument that returns the
reply or raises Refused.
"""

from __future__ import annotations

from courriel.model.receipt import Reply
from courriel.sandbox.smtp import replies
from courriel.sandbox.smtp.conversation import Conversation, Mode
from courriel.sandbox.smtp.replies import refused
from courriel.sandbox.smtp.syntax import is_host


def ehlo(conversation: Conversation, argument: str) -> Reply:
    """Answer EHLO or LHLO with everything on offer."""
    _begin(conversation, argument, extended=True)
    keywords = [_keyword(conversation, word) for word in sorted(conversation.policy.capabilities)]
    return Reply(250, (conversation.policy.domain, *filter(None, keywords)))


def helo(conversation: Conversation, argument: str) -> Reply:
    """Answer HELO: no extension from here on."""
    _begin(conversation, argument, extended=False)
    return Reply(250, (conversation.policy.domain,))


def _begin(conversation: Conversation, name: str, *, extended: bool) -> None:
    if not is_host(name):
        raise refused(501, "5.5.4", "Say a domain or an address literal (RFC 5321, 4.1.1.1)")
    conversation.client = name
    conversation.extended = extended
    # RFC 5321, 4.1.4: it clears as RSET does.
    conversation.transaction = None


def _keyword(conversation: Conversation, word: str) -> str:
    if not conversation.offers(word):
        return ""
    if word == "SIZE":
        return f"SIZE {conversation.policy.message_size}"
    if word == "AUTH":
        return " ".join(("AUTH", *conversation.mechanisms))
    return word


def starttls(conversation: Conversation, argument: str) -> Reply:
    """Answer STARTTLS; what is sent behind it in clear ends the conversation."""
    _without_argument(argument)
    if conversation.secured:
        raise refused(503, "5.5.1", "The connection is under TLS already")
    if "STARTTLS" not in conversation.policy.capabilities:
        raise refused(502, "5.5.1", "STARTTLS is not offered")
    if conversation.behind:
        # It was written before the handshake: whoever it is from, it must not be obeyed after it.
        raise refused(521, "5.5.1", "Nothing may follow STARTTLS before the handshake")
    conversation.mode = Mode.TLS
    return replies.ok("2.0.0", "Ready to start TLS", code=220)


def rset(conversation: Conversation, argument: str) -> Reply:
    """Forget the message that was begun."""
    _without_argument(argument)
    conversation.transaction = None
    return replies.ok("2.0.0")


def noop(conversation: Conversation, argument: str) -> Reply:
    """Do nothing; any argument is ignored (RFC 5321, 4.1.1.9)."""
    return replies.ok("2.0.0")


def help_(conversation: Conversation, argument: str) -> Reply:
    """Say what this is, whatever the argument."""
    return replies.ok(
        "2.0.0",
        "This is courriel's sandbox, a mail server for trying out.",
        "Messages stay in memory; nothing is relayed.",
        code=214,
    )


def vrfy(conversation: Conversation, argument: str) -> Reply:
    """Tell whether there is such a user (RFC 5321, 3.5)."""
    address, _, option = argument.partition(" ")
    if not address or option.upper() not in ("", "SMTPUTF8"):
        raise refused(501, "5.5.4", "Say whom to verify")
    user = conversation.accounts.resolve(address.removeprefix("<").removesuffix(">"))
    if user is None:
        raise refused(550, "5.1.1", "There is no such user")
    if not user.isascii() and not option:
        # RFC 6531, 3.7.4.2: not all clients can read such a reply.
        return replies.ok("2.5.2", "There is such a user", code=252)
    address = user if "@" in user else f"{user}@{conversation.policy.domain}"
    return replies.ok("2.1.5", f"<{address}>")


def quit_(conversation: Conversation, argument: str) -> Reply:
    """Say goodbye."""
    _without_argument(argument)
    conversation.mode = Mode.CLOSED
    return replies.ok("2.0.0", f"{conversation.policy.domain} closes the connection", code=221)


def _without_argument(argument: str) -> None:
    if argument:
        raise refused(501, "5.5.4", "The command has no argument")
