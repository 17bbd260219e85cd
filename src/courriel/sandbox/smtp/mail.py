"""Obey the commands of a mail transaction: MAIL, RCPT, DATA, BDAT (RFC 5321, 3.3; RFC 3030).

Each is a function of the conversation and the command's argument that returns the reply, or None
when it comes later, or raises Refused.
"""

from __future__ import annotations

import re

from courriel.errors import Refused
from courriel.model.receipt import Reply
from courriel.sandbox.envelope import Recipient, SmtpEnvelope
from courriel.sandbox.smtp import parameters, replies, syntax
from courriel.sandbox.smtp.conversation import Chunk, Conversation, Mode, Transaction
from courriel.sandbox.smtp.intake import too_large
from courriel.sandbox.smtp.replies import refused

# RFC 3030, 2: BDAT SP chunk-size [ SP "LAST" ]; more digits than any size needs are no size.
_BDAT = re.compile(r"([0-9]{1,20})(?: (LAST))?", re.IGNORECASE)

_SENDER_OK = replies.ok("2.1.0")
_RECIPIENT_OK = replies.ok("2.1.5")
_GO_ON = Reply(354, ("End the message with CRLF.CRLF",))


def mail(conversation: Conversation, argument: str) -> Reply:
    """Begin a message."""
    _check_allowed(conversation)
    if conversation.transaction is not None:
        raise refused(503, "5.5.1", "There is a message begun already; RSET forgets it")
    path = syntax.reverse_path(argument)
    fields = parameters.read(path.parameters, parameters.MAIL, conversation.offers)
    if fields.get("body") == "BINARYMIME" and not conversation.offers("BINARYMIME"):
        raise refused(501, "5.5.4", "BINARYMIME was not offered")
    if fields.get("size", 0) > conversation.policy.message_size:
        raise too_large(conversation.policy.message_size)
    if not fields.get("utf8"):
        _check_ascii(path.address)
    _check_welcome(conversation, path.address)
    conversation.transaction = Transaction(
        SmtpEnvelope(
            path.address,
            client=conversation.client,
            user=conversation.user,
            protocol=conversation.protocol,
            **fields,
        )
    )
    return _SENDER_OK


def rcpt(conversation: Conversation, argument: str) -> Reply:
    """Add a recipient who has a mailbox here."""
    transaction = _begun(conversation)
    if transaction.chunks is not None:
        raise refused(503, "5.5.1", "The message itself has begun; it is too late for RCPT")
    path = syntax.forward_path(argument)
    fields = parameters.read(path.parameters, parameters.RCPT, conversation.offers)
    if not transaction.begun.utf8:
        _check_ascii(path.address)
    if len(transaction.recipients) >= conversation.policy.recipients:
        raise refused(452, "4.5.3", f"At most {conversation.policy.recipients} recipients")
    _check_welcome(conversation, path.address)
    user = conversation.accounts.resolve(path.address)
    if user is None:
        raise _unknown(conversation, path.address)
    transaction.recipients.append(Recipient(path.address, user, **fields))
    return _RECIPIENT_OK


def data(conversation: Conversation, argument: str) -> Reply:
    """Have the content follow, ended by a dot."""
    if argument:
        raise refused(501, "5.5.4", "The command has no argument")
    transaction = _begun(conversation)
    if transaction.chunks is not None:
        raise refused(503, "5.5.1", "A message begun with BDAT goes on with BDAT")
    if transaction.begun.body == "BINARYMIME":
        raise refused(503, "5.5.1", "BODY=BINARYMIME goes with BDAT only (RFC 3030, 3)")
    if not transaction.recipients:
        raise _nobody(conversation)
    conversation.mode = Mode.CONTENT
    return _GO_ON


def bdat(conversation: Conversation, argument: str) -> None:
    """Have a chunk follow; its octets are read even when it is refused (RFC 3030, 2)."""
    match = _BDAT.fullmatch(argument)
    if match is None:
        # Nobody knows how many octets follow, so nothing behind it can be read any more.
        raise refused(521, "5.5.4", "BDAT wants a number of octets and perhaps LAST")
    chunk = Chunk(int(match[1]), last=match[2] is not None)
    chunk.refusal = _chunk_refusal(conversation, chunk)
    conversation.chunk = chunk
    conversation.mode = Mode.CHUNK


def _chunk_refusal(conversation: Conversation, chunk: Chunk) -> Reply | None:
    transaction = conversation.transaction
    if not conversation.offers("CHUNKING"):
        return replies.of(refused(502, "5.5.1", "CHUNKING was not offered"))
    if transaction is None:
        return replies.of(refused(503, "5.5.1", "MAIL comes first"))
    if transaction.failed:
        return replies.of(refused(503, "5.5.1", "A chunk before this one was refused"))
    if not transaction.recipients:
        return replies.of(_nobody(conversation))
    if len(transaction.chunks or b"") + chunk.octets > conversation.policy.message_size:
        return replies.of(too_large(conversation.policy.message_size))
    return None


def _check_allowed(conversation: Conversation) -> None:
    policy = conversation.policy
    if not conversation.client:
        raise refused(503, "5.5.1", f"{'LHLO' if policy.lmtp else 'EHLO'} comes first")
    if policy.tls_required and not conversation.secured:
        raise refused(530, "5.7.0", "STARTTLS comes first")
    if policy.require_auth and not policy.lmtp and conversation.user is None:
        raise refused(530, "5.7.0", "AUTH comes first")


def _begun(conversation: Conversation) -> Transaction:
    if conversation.transaction is None:
        raise refused(503, "5.5.1", "MAIL comes first")
    return conversation.transaction


def _check_ascii(address: str) -> None:
    if not address.isascii():
        raise refused(553, "5.6.7", "Such an address needs SMTPUTF8 with MAIL (RFC 6531, 3.5)")


def _check_welcome(conversation: Conversation, address: str) -> None:
    refuse = conversation.policy.refuse
    reply = refuse.get(address.casefold()) if refuse else None
    if reply is not None:
        raise refused(reply.code, reply.enhanced or "", reply.text)


def _unknown(conversation: Conversation, address: str) -> Exception:
    _, at, domain = address.rpartition("@")
    if not at or domain.casefold() == conversation.policy.domain.casefold():
        return refused(550, "5.1.1", "There is no such user")
    return refused(550, "5.7.1", "The sandbox relays nothing, and has no user of that name")


def _nobody(conversation: Conversation) -> Refused:
    if conversation.policy.lmtp:
        return refused(503, "5.5.1", "There are no valid recipients (RFC 2033, 4.2)")
    return refused(554, "5.5.1", "There are no valid recipients")
