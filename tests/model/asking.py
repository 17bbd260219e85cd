"""Ask a mail everything it can be asked.

What that is, is taken from the class, so that a question that is added is asked too.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.envelope import Envelope
from courriel.model.parts import part_of, parts_of

DEEP = 3
"""Messages inside messages that are asked too."""


def questions(kind: type) -> list[str]:
    """Name the public properties of a class."""
    return [
        name
        for name, member in inspect.getmembers(kind)
        if isinstance(member, property) and not name.startswith("_")
    ]


EMAIL = questions(Email)
FILE = questions(Attachment)


def ask_everything(email: Email, *, deep: int = DEEP) -> None:
    """Ask a mail, its files and the messages in them every question there is."""
    for name in EMAIL:
        getattr(email, name)
    for file in files_of(email):
        for name in FILE:
            getattr(file, name)
        assert isinstance(file.content, bytes)
        assert file.safe_name
        if file.content_type == "message/rfc822" and deep:
            ask_everything(Email.from_source(file.content), deep=deep - 1)
    assert repr(email)
    assert Envelope.of(email).subject == email.subject
    for part in parts_of(email):
        assert isinstance(part_of(email, part), bytes)
    assert email.reply(all=True).source
    assert email.forward().source


def files_of(email: Email) -> Iterator[Attachment]:
    """Yield the files of a mail, shown or not."""
    yield from email.attachments
    yield from email.inline
