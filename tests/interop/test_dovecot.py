"""Dovecot reads what we compose: its ENVELOPE and BODYSTRUCTURE say what we say.

The mail is appended, so that Dovecot parses octets that it was given by a client, and every part is
decoded by Dovecot (BINARY) and by us.
"""

from __future__ import annotations

import pytest

from courriel import IMAPSession
from courriel.model.email import Email
from courriel.model.envelope import Envelope
from courriel.model.parts import part_of, parts_of
from courriel.model.summary import Part, Summary
from courriel.model.transfer import Transfer
from courriel.model.writing import written
from tests.interop.shapes import SHAPES, Shape
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.server

EVERY = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
# Dovecot 2.3 looks into no message/global, as IMAP4rev1 does not; RFC 9051, 9 does, and so do we.
OPENED = {name: shape for name, shape in SHAPES.items() if "message/global" not in shape.tree}
NO_GLOBAL = pytest.mark.parametrize("shape", OPENED.values(), ids=OPENED)


def session_of(dovecot: Dovecot, host: str) -> IMAPSession:
    return IMAPSession(
        host,
        port=dovecot.imap_port,
        user=dovecot.reader(),
        password="secret",
        security="plaintext",
    )


def tree_of(parts: tuple[Part, ...]) -> str:
    """Draw the tree of parts that are told apart by their paths only."""
    children: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for part in parts:
        kinds[part.path] = part.content_type
        above = part.path.rpartition(".")[0]
        path = part.path
        if kinds.setdefault(above, part.around) != part.around:
            # The multipart that a message holds has no number of its own.
            kinds[f"{above}."] = part.around
        while path not in children.setdefault(above, []):
            children[above].append(path)
            if not above:
                break
            path, above = above, above.rpartition(".")[0]
    return drawn("", children, kinds)


def drawn(path: str, children: dict[str, list[str]], kinds: dict[str, str]) -> str:
    inside = [drawn(child, children, kinds) for child in children.get(path, ())]
    if not inside:
        return kinds[path]
    content = " ".join(inside)
    for kind in (kinds.get(f"{path}."), kinds.get(path)):
        content = f"{kind}({content})" if kind else content
    return content


def told(parts: tuple[Part, ...]) -> list[tuple[object, ...]]:
    return [
        (
            part.path,
            part.content_type,
            part.around,
            part.name,
            part.size,
            part.lines,
            part.encoding,
            # A server says of a text without a charset that it is ASCII (RFC 3501, 7.4.2).
            part.charset or ("us-ascii" if part.content_type.startswith("text/") else None),
            part.disposition,
            part.inline_id,
        )
        for part in parts
    ]


@EVERY
def test_it_says_what_we_say(dovecot: Dovecot, shape: Shape) -> None:
    email = shape.email
    with session_of(dovecot, dovecot.host) as session:
        session.append("INBOX", email)
        (summary,) = session.messages()
        assert isinstance(summary, Summary)
        assert told(parts_of(email)) == told(summary.parts)
        # What is read has its domains as they go over the wire.
        assert Envelope.of(Email.from_source(email.source)) == summary.envelope
        assert email.size == summary.size
        assert email.source == session.source(summary)
        shown = [part for part in summary.parts if part.is_inline]
        assert [file.safe_name for file in email.inline] == [part.name for part in shown]
        assert [file.safe_name for file in email.attachments] == [
            part.name for part in summary.attachments
        ]
        for part in summary.parts:
            assert part_of(email, part) == session.part(summary, part)


@NO_GLOBAL
def test_it_says_what_we_say_of_eight_bits(dovecot: Dovecot, shape: Shape) -> None:
    wide = Email.from_source(written(shape.email, Transfer.EIGHT_BIT))
    with session_of(dovecot, dovecot.host) as session:
        session.append("INBOX", wide)
        (summary,) = session.messages()
        assert told(parts_of(wide)) == told(summary.parts)
        assert wide.source == session.source(summary)
        for part in summary.parts:
            assert part_of(wide, part) == session.part(summary, part)


@EVERY
def test_the_tree_is_the_one_we_meant(dovecot: Dovecot, shape: Shape) -> None:
    with session_of(dovecot, dovecot.host) as session:
        session.append("INBOX", shape.email)
        (summary,) = session.messages()
    assert shape.tree == tree_of(summary.parts)
