"""Obey the commands that are about the conversation itself.

CAPABILITY, NOOP, LOGOUT, STARTTLS, ID, ENABLE and IDLE (RFC 3501, 6.1 and 6.2.1; RFC 2971;
RFC 5161; RFC 2177). Each is a function of the conversation and the command's arguments that returns
how it ended or raises an error.
"""

from __future__ import annotations

from courriel.sandbox.imap import replies
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation, Mode
from courriel.sandbox.imap.replies import Done, bad

# RFC 2971, 3.3: at most 30 fields.
_ID_FIELDS = 30


def capability(conversation: Conversation, arguments: Arguments) -> Done:
    """Say what is on offer."""
    arguments.end()
    conversation.say(" ".join(["CAPABILITY", *conversation.capabilities]).encode())
    return Done("That is all")


def noop(conversation: Conversation, arguments: Arguments) -> Done:
    """Do nothing; the machine says what has happened meanwhile."""
    arguments.end()
    return Done("Nothing done")


def logout(conversation: Conversation, arguments: Arguments) -> Done:
    """Say goodbye."""
    arguments.end()
    conversation.say(f"BYE {conversation.policy.domain} closes the connection".encode())
    conversation.mode = Mode.CLOSED
    return Done("Goodbye")


def starttls(conversation: Conversation, arguments: Arguments) -> Done:
    """Have TLS begin; what is sent behind it in clear ends the conversation."""
    arguments.end()
    if conversation.secured:
        raise bad("The connection is under TLS already")
    if conversation.behind:
        # It was written before the handshake: whoever it is from, it must not be obeyed after it.
        conversation.mode = Mode.CLOSED
        raise bad("Nothing may follow STARTTLS before the handshake")
    conversation.mode = Mode.TLS
    return Done("Begin TLS now")


def id_(conversation: Conversation, arguments: Arguments) -> Done:
    """Exchange names; the client's is not kept."""
    arguments.space()
    if arguments.skip(b"("):
        fields = 0
        while not arguments.skip(b")"):
            if fields:
                arguments.space()
            arguments.string()
            arguments.space()
            arguments.nstring()
            fields += 1
            if fields > _ID_FIELDS:
                raise bad(f"ID has at most {_ID_FIELDS} fields (RFC 2971, 3.3)")
    elif arguments.nstring() is not None:
        raise bad("ID wants a list of fields, or NIL")
    arguments.end()
    fields_of_ours = {"name": "courriel sandbox", "vendor": "courriel"}
    words = [replies.string(word.encode()) for pair in fields_of_ours.items() for word in pair]
    conversation.say(b"ID " + replies.parenthesised(words))
    return Done("Pleased to meet you")


def enable(conversation: Conversation, arguments: Arguments) -> Done:
    """Switch extensions on; unknown words are ignored (RFC 5161, 3.1)."""
    fresh = []
    while True:
        arguments.space()
        word = arguments.word()
        known = word in ("CONDSTORE", "UTF8=ACCEPT") and conversation.has(word)
        if known and word not in conversation.enabled:
            conversation.enabled.add(word)
            fresh.append(word)
        if arguments.at_end():
            break
    conversation.say(" ".join(["ENABLED", *fresh]).encode())
    return Done("Enabled")


def idle(conversation: Conversation, arguments: Arguments) -> None:
    """Tell what happens until DONE; the command ends there."""
    arguments.end()
    conversation.sync(expunge=True)
    conversation.listen()
    conversation.mode = Mode.IDLE
    conversation.prompt = b"Idling until DONE"


def done(conversation: Conversation, line: bytes) -> Done:
    """End IDLE with whatever line comes; anything but DONE is wrong (RFC 2177, 3)."""
    conversation.unlisten()
    conversation.mode = Mode.COMMAND
    if line.upper() != b"DONE":
        raise bad("IDLE ends with DONE")
    return Done("Idled")
