"""Send everybody in a list a letter of his own, made by Jinja2 from two templates.

    pip install jinja2
    MAIL_URL=smtps://ada:secret@mail.example.org \
        python examples/templated.py ada@example.org page customers.csv

``page`` is a directory with ``letter.txt``, ``letter.html`` and the images that the HTML shows.
``customers.csv`` has a line for each reader; the templates use its columns by their names, and
``email`` is where the letter goes. The first line of ``letter.txt`` is the subject.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from courriel import Email, SMTPSession


def letters(sender: str, page: str, readers: list[dict[str, str]]) -> Iterator[Email]:
    # What a column holds is text: in the HTML it is escaped, and a name that is missing is told.
    templates = Environment(
        loader=FileSystemLoader(page), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    for reader in readers:
        subject, _, text = templates.get_template("letter.txt").render(reader).partition("\n")
        yield Email(
            sender=sender,
            to=reader["email"],
            subject=subject,
            text=text.lstrip("\n"),
            html=templates.get_template("letter.html").render(reader),
        ).embed_images(page)


def main(sender: str, page: str, customers: str) -> int:
    with Path(customers).open(encoding="utf-8", newline="") as file:
        readers = list(csv.DictReader(file))
    failed = 0
    with SMTPSession.from_url(os.environ["MAIL_URL"]) as session:
        receipts = session.send_many(letters(sender, page, readers))
        for reader, receipt in zip(readers, receipts, strict=True):
            failed += receipt.error is not None
            print(f"{reader['email']}: {receipt.error or 'sent'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
