"""Send a page with its images to everybody in a list, each with a link to leave it by one click.

    MAIL_URL=smtps://ada:secret@mail.example.org \
        python examples/newsletter.py ada@example.org page "News of May" bob@example.org …

``page`` is a directory with ``letter.html``, ``letter.txt`` and the images that the HTML shows.
``$address`` in them becomes the reader's own. Any other template engine takes three lines.
"""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template
from urllib.parse import quote

from courriel import Email, SMTPSession

LEAVE = "https://lists.example.org/leave/"


def letters(sender: str, page: Path, subject: str, readers: list[str]) -> Iterator[Email]:
    text = Template((page / "letter.txt").read_text(encoding="utf-8"))
    markup = Template((page / "letter.html").read_text(encoding="utf-8"))
    for address in readers:
        yield Email(
            sender=sender,
            to=address,
            subject=subject,
            text=text.substitute(address=address),
            html=markup.substitute(address=html.escape(address)),
            unsubscribe=LEAVE + quote(address, safe="@"),
        ).embed_images(page)


def main(sender: str, page: str, subject: str, *readers: str) -> int:
    failed = 0
    with SMTPSession.from_url(os.environ["MAIL_URL"]) as session:
        emails = letters(sender, Path(page), subject, list(readers))
        for reader, receipt in zip(readers, session.send_many(emails), strict=True):
            failed += receipt.error is not None
            print(f"{reader}: {receipt.error or 'sent'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
