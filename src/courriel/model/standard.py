"""Turn a message of the standard library into bytes that hold what it says and nothing else.

The generators of the standard library write a line end that stands in a header value as a line
end: a subject that was read from one mail and put into another may so become a Bcc field
(CVE-2024-6923, CVE-2026-1299, and the Python this was first written on). Therefore the values are
looked at before, and the fields are counted in the bytes after.

Only that conversion lives here; ``email`` is imported only when a message of it is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from courriel.errors import Misused
from courriel.model.characters import forbidden_in
from courriel.model.headerblock import fields, header_end

if TYPE_CHECKING:
    from email.message import EmailMessage, Message

_OPERATION = "send"
# A line end that is not followed by white space is not folding: it starts a new line.
_BREAK = re.compile("[\r\n](?![ \t\n])|\x00")
_ADDRESS_FIELDS = ("from", "sender", "to", "cc", "bcc", "reply-to")
_WORDS = re.compile(r"[\s<>,;:\"]+")


def serialised(message: Message) -> bytes:
    """Return the bytes of a message, with CR LF line ends; the message is not changed.

    Raises Misused when a header value holds a line end or NUL, and when the
    written header block does not have exactly the fields of the message.
    """
    for part in message.walk():
        for name, value in part.raw_items():
            _check(name, str(value))
    policy: Any = message.policy.clone(linesep="\r\n")
    if hasattr(policy, "utf8") and _needs_utf8(message):
        policy = policy.clone(utf8=True)
    try:
        content = message.as_bytes(policy=policy)
    except Exception as error:
        # The generators raise whatever the broken value leads to, from ValueError to IndexError.
        raise Misused(
            f"the message cannot be written ({type(error).__name__}: {error})",
            operation=_OPERATION,
            hint="Compose it with courriel.Email, or hand over bytes.",
        ) from error
    written = [name for name, _ in fields(content[: header_end(content)])]
    expected = [name.lower() for name in message.keys()]  # noqa: SIM118 - Repeated names count.
    if expected != written:
        raise Misused(
            "the message would be written with other headers than it has",
            operation=_OPERATION,
            hint="One of its values holds an encoded line end; remove it.",
        )
    return content


def _check(name: str, value: str) -> None:
    if _BREAK.search(value) or forbidden_in(name) is not None:
        raise Misused(
            f"the header {name!r} holds a line end or a NUL",
            operation=_OPERATION,
            hint="Remove it: it could start another header.",
        )


def _needs_utf8(message: Message) -> bool:
    return any(
        "@" in word and not word.isascii()
        for name, value in message.raw_items()
        if name.lower() in _ADDRESS_FIELDS
        for word in _WORDS.split(str(value))
    )


def parsed(source: bytes) -> EmailMessage:
    """Return the standard library's view of a message.

    Raises Misused when its parser cannot cope with the bytes (too deeply nested parts).
    """
    from email import message_from_bytes, policy
    from email.message import EmailMessage

    try:
        message = message_from_bytes(source, policy=policy.default)
    except (RecursionError, LookupError, ValueError) as error:
        raise Misused(
            f"the standard library cannot read the message ({type(error).__name__})",
            operation="as_message",
            hint="Read it through the attributes of Email.",
        ) from error
    assert isinstance(message, EmailMessage)  # The default policy makes nothing else.
    return message
