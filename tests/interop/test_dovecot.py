"""Dovecot reads what we compose: its ENVELOPE and BODYSTRUCTURE say what we say.

The mail is appended, so that Dovecot parses octets that it was given by a client, and every part is
decoded by Dovecot (BINARY) and by us.
"""

from __future__ import annotations

import pytest

from courriel import IMAPSession
from courriel.model.envelope import Envelope
from courriel.model.parts import part_of, parts_of
from courriel.model.summary import Part, Summary
from tests.interop.shapes import SHAPES, Shape
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.server

EVERY = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


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
        kinds.setdefault(above, part.around)
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
    kind = kinds.get(path) or ""
    return f"{kind}({' '.join(inside)})" if kind else " ".join(inside)


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
        assert Envelope.of(email) == summary.envelope
        assert email.size == summary.size
        assert email.source == session.source(summary)
        files = [*email.inline, *email.attachments]
        found = [part for part in summary.parts if part.is_inline or part.is_attachment]
        # The calendar among the alternatives has no name; the file beside them has one.
        assert [file.safe_name for file in files] == [part.name for part in found if part.name]
        for part in summary.parts:
            assert part_of(email, part) == session.part(summary, part)


@EVERY
def test_the_tree_is_the_one_we_meant(dovecot: Dovecot, shape: Shape) -> None:
    with session_of(dovecot, dovecot.host) as session:
        session.append("INBOX", shape.email)
        (summary,) = session.messages()
    assert shape.tree == tree_of(summary.parts)
